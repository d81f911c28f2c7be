import type { ProblemRecord } from '../../errors/problem.ts'
import type { Incident, IncidentKind } from '../events/events.ts'

/** Whether an incident begins or is over. */
export type Moment = 'begun' | 'over'

/** What an alert says of an incident: what, where and what would be right, and nothing of a customer. */
export interface AlertContent {
  readonly moment: Moment
  readonly kind: IncidentKind
  readonly client: string
  readonly flow: string | null
  readonly run: string | null
  readonly times: number
  /** Times of UTC. */
  readonly since: string
  readonly recoveredAt: string | null
  readonly what: string
  /** Where it happened: the step, the file and the line. */
  readonly where: string | null
  readonly expected: string | null
  readonly code: string | null
  readonly link: string | null
  /** One line, by which chats know it. */
  readonly title: string
  /** All of it, for people. */
  readonly text: string
}

// Codes whose messages are made of names that authors gave, of counts and of times. Any other message may quote what
// stood in a customer's row.
const harmless =
  /^(WORKSPACE_|CLIENT_|DISK_FULL$|FLOW_NOT_FOUND$|FILE_NOT_FOUND$|NODE_UNKNOWN$|STEP_(UNKNOWN|STOPPED|TIMEOUT)$|RUN_|MODEL_(UNKNOWN|NOT_APPROVED|APPROVAL_LAPSED)$|DATASET_UNKNOWN$|SECRET_|SCHEDULE_|TRIGGER_|PARAM_(UNKNOWN|MISSING)$|CHECK_CRASHED$)/

const words: Readonly<Record<IncidentKind, (incident: Incident) => { title: string; over: string; what: string }>> = {
  'run failed': ({ subject, times }) => ({
    title: `${subject} failed`,
    over: `${subject} is done again`,
    what: times > 1 ? `The flow failed ${times} times.` : 'A run of the flow failed.',
  }),
  'run stopped': ({ subject }) => ({
    title: `${subject} was stopped by its check of the data`,
    over: `${subject} is done again`,
    what: 'The flow stopped itself, because its data are not good enough.',
  }),
  'run late': ({ subject, detail }) => ({
    title: `${subject} is late`,
    over: `${subject} is no longer late`,
    what: `The run that was due at ${detail.due} has not ended.`,
  }),
  'flow broken': ({ subject, detail }) => ({
    title: `${subject} is broken`,
    over: `${subject} is mended`,
    what: `The flow’s file no longer checks. ${detail.running ? 'It keeps running as it last checked.' : 'It does not run.'}`,
  }),
  'trigger failed': ({ subject, times }) => ({
    title: `a trigger of ${subject} failed`,
    over: `the triggers of ${subject} work again`,
    what: `The flow does not take what its trigger gives it, and was not started${times > 1 ? ` ${times} times` : ''}.`,
  }),
  'trigger circle': ({ subject }) => ({
    title: `${subject} was not started, since flows start each other in a circle`,
    over: `the triggers of ${subject} work again`,
    what: 'A run ended that this flow had led to, and would have started it once more.',
  }),
  'backfill failed': ({ subject }) => ({
    title: `the backfill of ${subject} ended early`,
    over: `${subject} can be started again`,
    what: 'The flow can no longer be started; no further date of the backfill begins.',
  }),
  'workspace gone': () => ({
    title: 'the workspace is gone',
    over: 'the workspace is back',
    what: 'The client’s folder is not there; its flows rest.',
  }),
}

function positionOf({ step, file, line }: ProblemRecord): string | null {
  const positions = [step && `step ${step}`, file && (line === undefined ? file : `${file}, line ${line}`)]
  return positions.filter(Boolean).join(', ') || null
}

/** What an alert says of an incident; `url` is where people reach the service. */
export function alertContent(incident: Incident, moment: Moment, url: string | undefined): AlertContent {
  const { client, kind, subject, run, detail, times } = incident
  const { title, over, what } = words[kind](incident)
  const problem = moment === 'begun' ? (detail.problem ?? undefined) : undefined
  const isHarmless = problem !== undefined && harmless.test(problem.code)
  const reason = isHarmless ? problem.message : problem && `Its problem is ${problem.code}.`
  const link = url === undefined ? null : `${url}/clients/${client}${run === null ? '' : `/runs/${run}`}`
  const page = run === null ? 'events of the client say' : 'page of the run says'
  const content = {
    ...{ moment, kind, client, run, times, link },
    flow: subject || null,
    since: incident.since.toISOString(),
    recoveredAt: incident.recovered_at?.toISOString() ?? null,
    what: moment === 'over' ? `It began at ${incident.since.toISOString()}.` : [what, reason].filter(Boolean).join(' '),
    where: problem ? positionOf(problem) : null,
    expected: problem ? (isHarmless && problem.expected) || `The ${page} what it met.` : null,
    code: problem?.code ?? null,
    title: `${client}: ${moment === 'over' ? over : title}`,
  }
  const lines = [
    content.title,
    '',
    content.what,
    content.where && `Where: ${content.where}`,
    content.expected && `What would be right: ${content.expected}`,
    content.link,
  ]
  return { ...content, text: lines.filter((line) => line !== null).join('\n') }
}
