import { createHash } from 'node:crypto'
import { PolkuProblem } from '../../client/client.ts'
import { factList, problemFacts, problemPanel, settingsTable, timeOf } from '../../html/facts.ts'
import { warningsPanel } from '../../html/findings.ts'
import { type Html, html, humanise } from '../../html/html.ts'
import { day } from '../../html/numbers.ts'
import { stepRows } from '../../html/step-rows.ts'
import { type StepLine, stepState, stepTable } from '../../html/steps.ts'
import { forgeryField, may, type Page } from '../page.ts'
import { button } from '../parts/elements.ts'
import { selectField } from '../parts/fields.ts'
import { type DeclaredParams, readParams, runForm } from '../parts/run-form.ts'
import { cause, isUnderWay, type Run, runBadge, runTable, tookOf } from '../parts/runs.ts'
import { foldedFindings, type Step } from '../parts/step-findings.ts'
import { filled, flowPath, param, type Routes, runPath, stepPath, toClient, type Visit } from '../visit.ts'
import { type FlowAnswer, showFlow } from './flow.ts'

/** A step as far as it is told: before its run has left a record it has no page. */
interface Line extends StepLine {
  readonly name: string
  readonly status: string
}

/** How far each step is: what is told of it while it runs is newer than what the run's folder says. */
const linesOf = (run: Run, recorded: readonly Step[], flow: FlowAnswer | undefined): Line[] => {
  const records = new Map(recorded.map((step) => [step.name, step]))
  const declared = new Map(flow?.steps.map((step) => [step.name, step]))
  const live = new Map(run.steps.map((step) => [step.name, step]))
  const names = new Set([...records.keys(), ...live.keys(), ...(records.size + live.size === 0 ? declared.keys() : [])])
  return [...names].map((name) => {
    const [step, now, plan] = [records.get(name), live.get(name), declared.get(name)]
    const status = now?.status ?? step?.status ?? 'waiting'
    const progress = { status: status as 'waiting', cached: now?.cached ?? step?.cached ?? false } // one of its states; others read as not run
    return {
      ...{ name, status },
      title: step?.title ?? plan?.title ?? humanise(name),
      uses: step?.uses ?? plan?.uses ?? '',
      state: stepState(progress, isUnderWay(run.state)),
      rows: now?.rows === undefined && now?.others === undefined ? stepRows(step?.outputs ?? []) : now,
      milliseconds: now?.milliseconds ?? (step?.milliseconds || undefined),
      href: step && stepPath(run, name),
    }
  })
}

const stepsOf = (lines: readonly Line[]): Html =>
  lines.length > 0
    ? stepTable('Steps', lines, ['longStep', 'state', 'rows', 'time', 'node'], true)
    : html`<div class="empty"><p>No step has begun. Reload the page to see how far it is.</p></div>`

const progressOf = (run: Run, lines: readonly Line[]): string => {
  if (run.state === 'waiting') return 'Waiting: as many runs as may go on at once do so already.'
  if (run.state === 'queued') return 'Queued: it begins as soon as a worker is free.'
  const done = lines.filter(({ status }) => status === 'done').length
  const now = lines.filter(({ status }) => status === 'running').map(({ title }) => title)
  const count = `${done} of ${lines.length} steps are done.`
  if (run.state !== 'running') return count
  if (run.cancelling) return `${count} It is being cancelled.`
  return now.length > 0 ? `${count} Now: ${now.join(', ')}.` : count
}

const problemOf = (run: Run, lines: readonly Line[]): Html | false => {
  if (run.problem === null) return false
  const at = lines.find(({ name }) => name === run.problem?.step)
  const what = run.state === 'stopped' ? 'A rule stopped this run' : 'This run failed'
  const heading = html`${what}${at && html` at “<bdi>${at.title}</bdi>”`}`
  return problemPanel(heading, run.state, problemFacts(run.problem))
}

const facts = (run: Run): Html =>
  factList([
    ['State', runBadge(run.state)],
    ['As of', day(run.asOf)],
    ['Why', html`<bdi>${cause(run.trigger)}</bdi>`],
    ['Asked for', timeOf(run.requestedAt)],
    ['Took', tookOf(run)],
    ['Begun', run.attempts > 1 && `${run.attempts} times`],
    [
      'Again',
      run.trigger.of !== undefined && html`<a href="${runPath(run.client, run.trigger.of)}">an earlier run</a>`,
    ],
    ['Part of', run.parent !== null && html`<a href="${runPath(run.client, run.parent)}">another run</a>`],
  ])

/** Nothing where there is none: a run that has not begun has no folder, and a flow may have gone since. */
const ifThere = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer
  } catch (error) {
    if (error instanceof PolkuProblem && error.status !== 401 && error.status < 500) return undefined
    throw error
  }
}

const actions = (visit: Visit, run: Run, hasReport: boolean): Html => html`<div class="actions">
${hasReport && html`<a class="button" href="/api/clients/${run.client}/runs/${run.id}/report">Open the report</a>`}
${isUnderWay(run.state) && !run.cancelling && may(visit.session, 'cancelRun') && button(`${runPath(run.client, run.id)}/cancel`, 'Cancel this run', forgeryField(visit.session), 'danger')}
${!isUnderWay(run.state) && may(visit.session, 'startRun') && html`<a class="button plain" href="${flowPath(run.client, run.flow)}?like=${run.id}#start">Start one like it</a>`}
</div>`

const later = 3

/** A form that does a run again: all of it or from a step on, with other parameters if wanted. */
const againForm = (visit: Visit, run: Run, lines: readonly Line[], declared: DeclaredParams): Html => {
  const { form, problem } = visit
  const options = [
    { value: '', name: 'Only what has changed or was not finished' },
    ...lines.map(({ name, title }) => ({ value: name, name: `From “${title}” on` })),
  ]
  const from = form.get('from') ?? run.problem?.step ?? ''
  const field = { name: 'from', label: 'What is done anew', value: from, hint: 'Results of the steps before are kept.' }
  return html`<details class="part" id="again"${problem !== undefined && form.has('key') && html` open`}>
<summary>Run it again</summary>
${runForm(visit, {
  action: `${runPath(run.client, run.id)}/again`,
  button: 'Run it again',
  declared,
  values: run,
  asOfHint: 'The run sees what was known before this date.',
  above: selectField(field, options),
})}
</details>`
}

/** A run while it is under way, and what came of it. */
async function showRun(visit: Visit): Promise<Page> {
  const { api, session } = visit
  const params = { client: param(visit, 'client'), run: param(visit, 'run') }
  const run = await api.getRun({ params })
  const recorded = (await ifThere(api.listSteps({ params, query: { findings: true } })))?.items ?? []
  const flow = await ifThere(api.getFlow({ params: { client: run.client, flow: run.flow }, query: {} }))
  const children = await api.listRuns({ params, query: { parent: run.id, limit: 100 } })
  const lines = linesOf(run, recorded, flow)
  const hrefOf = ({ name }: Step) => stepPath(run, name)
  const findings = recorded.map((step) => foldedFindings(step, hrefOf(step))).filter((markup) => markup !== false)
  const underWay = isUnderWay(run.state)
  const title = flow?.title ?? humanise(run.flow)
  const body = html`<div${underWay && html` data-live="/api/clients/${run.client}/runs/${run.id}/events"`}>
<h1><bdi>${title}</bdi></h1>
<div data-part="facts">${facts(run)}</div>
<p class="lead" role="status" data-part="progress">${progressOf(run, lines)}</p>
<div data-part="problem">${problemOf(run, lines)}</div>
<div data-part="actions">${actions(visit, run, recorded.length > 0)}</div>
<div data-part="again">${!underWay && may(session, 'retryRun') && againForm(visit, run, lines, flow?.params ?? {})}</div>
<div data-part="warnings">${warningsPanel(recorded, hrefOf)}</div>
<section class="part"><h2>Steps</h2><div data-part="steps">${stepsOf(lines)}</div></section>
<div data-part="children">${children.items.length > 0 && html`<section class="part"><h2>Runs that it started</h2>${runTable(children.items, html``)}</section>`}</div>
<div data-part="findings">${findings.length > 0 && html`<section class="part"><h2>What it found</h2>${findings}</section>`}</div>
<section class="part"><h2>Parameters</h2>${settingsTable(run.params)}</section>
</div>`
  const path = [...toClient(run.client), { href: flowPath(run.client, run.flow), name: title }]
  return { title: `Run of ${day(run.asOf)}`, body, path, ...(underWay && { reload: later }) }
}

/** One key for one filled form: sent twice it starts one run, changed and sent it starts another. */
const keyOf = (form: URLSearchParams): string | undefined =>
  form.get('key') === null ? undefined : createHash('sha256').update(form.toString()).digest('hex')

const declaredOf = async (visit: Visit, client: string, flow: string): Promise<DeclaredParams> =>
  (await visit.api.getFlow({ params: { client, flow }, query: {} })).params

/** Starts a run as the form of its flow says. */
async function startRunOf(visit: Visit): Promise<string> {
  const { api, form } = visit
  const [client, flow] = [param(visit, 'client'), param(visit, 'flow')]
  const params = readParams(await declaredOf(visit, client, flow), form)
  const body = { flow, params, asOf: filled(form, 'asOf'), idempotencyKey: keyOf(form) }
  const { id } = await api.startRun({ params: { client }, body })
  return runPath(client, id)
}

/** Does a run again as the form says. */
async function runAgain(visit: Visit): Promise<string> {
  const { api, form } = visit
  const [client, run] = [param(visit, 'client'), param(visit, 'run')]
  const { flow } = await api.getRun({ params: { client, run } })
  const params = readParams(await declaredOf(visit, client, flow), form)
  const body = { from: filled(form, 'from'), params, asOf: filled(form, 'asOf'), idempotencyKey: keyOf(form) }
  const { id } = await api.retryRun({ params: { client, run }, body })
  return runPath(client, id)
}

async function cancelRunOf(visit: Visit): Promise<string> {
  const params = { client: param(visit, 'client'), run: param(visit, 'run') }
  await visit.api.cancelRun({ params })
  return runPath(params.client, params.run)
}

const url = '/clients/:client/runs/:run'

export const runRoutes: Routes = {
  pages: [[url, showRun]],
  changes: [
    ['/clients/:client/flows/:flow/run', startRunOf, showFlow],
    [`${url}/cancel`, cancelRunOf, showRun],
    [`${url}/again`, runAgain, showRun],
  ],
}
