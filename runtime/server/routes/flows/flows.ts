import { type Static, Type } from 'typebox'
import { versionOf } from '../../../catalogue/flow-files.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { type ProblemRecord, problemSchema } from '../../../errors/problem.ts'
import { paramSchema } from '../../../flow/schema.ts'
import type { Service } from '../../../service/service.ts'
import { workspaceOf } from '../../access/clients.ts'
import { everyRole } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { ConcurrencyLimit } from '../../http/limits.ts'
import { pageOf } from '../../http/pages.ts'
import { FlowFaults } from '../../http/problem.ts'
import { date, listOf, object, ofClient, ofFlow, orNull, page, text, time } from '../../http/schemas.ts'
import { readText, savedVersions, shapeOf, storeText } from './sources.ts'
import { flowState, flowStates } from './states.ts'

/** How many of the next runs a flow's answer has. */
const nextRuns = 10
/** Each check is a process. */
const checks = new ConcurrencyLimit(2)

const version = Type.String({ pattern: '^[0-9a-f]{16}$', description: 'What tells one text of a flow from another' })
const source = Type.String({ minLength: 1, maxLength: 1_000_000, description: 'The flow’s YAML' })

const flowAnswer = object({
  ...flowState.properties,
  description: orNull(text),
  version,
  source: text,
  params: Type.Record(Type.String(), paramSchema, { description: 'The declared parameters, by name' }),
  steps: Type.Array(
    object({
      name: text,
      uses: text,
      title: orNull(text),
      from: Type.Array(
        object({
          input: orNull(Type.String({ description: 'null for the first input of the node' })),
          step: text,
          output: orNull(Type.String({ description: 'null for the first output of the step' })),
        }),
      ),
    }),
    { description: 'The graph; none where the file cannot be read' },
  ),
  schedule: orNull(object({ cron: text, timezone: text, missed: text })),
  next: Type.Array(object({ at: time, asOf: text }), { description: 'The next times it runs by itself' }),
  triggers: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  problems: Type.Array(problemSchema, { description: 'What is known to be wrong with its file as it is now' }),
  versions: Type.Array(object({ version, savedAt: time }), { description: 'Texts that were saved, the newest first' }),
})

const listFlows = endpoint({
  name: 'listFlows',
  method: 'GET',
  url: '/clients/:client/flows',
  tag: 'flows',
  summary: 'A client’s flows, its own and Polku’s',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(flowState),
  handle: async ({ service, params: { client }, query }) => {
    const states = await flowStates(service, [workspaceOf(service, client)])
    return pageOf(states.get(client) ?? [], query, ({ flow }) => flow)
  },
})

const getFlow = endpoint({
  name: 'getFlow',
  method: 'GET',
  url: '/clients/:client/flows/:flow',
  tag: 'flows',
  summary: 'One flow with its source, its graph and its next runs',
  allow: everyRole,
  params: ofFlow,
  query: object({ version: Type.Optional(version) }),
  answer: flowAnswer,
  handle: async ({ service, params: { client, flow }, query: { version } }) =>
    answerOf(service, workspaceOf(service, client), flow, version),
})

const checkFlow = endpoint({
  name: 'checkFlow',
  method: 'POST',
  url: '/clients/:client/flows/:flow/check',
  tag: 'flows',
  summary: 'What is wrong with a flow, or with another text of it, without running it',
  description: 'In a process of its own: every setting, reference and column of every step.',
  allow: everyRole,
  audit: 'check flow',
  params: ofFlow,
  body: object({
    source: Type.Optional(source),
    asOf: Type.Optional(date),
  }),
  answer: object({ valid: Type.Boolean(), problems: Type.Array(problemSchema) }),
  handle: async ({ service, now, params: { client, flow }, body }) => {
    const workspace = workspaceOf(service, client)
    const text = body.source ?? readText(workspace, flow)
    const asOf = body.asOf ?? workspace.today(now())
    const problems = await checks.run(() => problemsOf(service, workspace, flow, text, asOf))
    return { valid: problems.length === 0, problems: [...problems] }
  },
})

const saveFlow = endpoint({
  name: 'saveFlow',
  method: 'PUT',
  url: '/clients/:client/flows/:flow',
  tag: 'flows',
  summary: 'Puts a flow’s source in place of what is there, once it checks',
  description: 'The text before it is stored: GET …?version= gives it back. `basedOn` keeps two people apart.',
  allow: ['analyst', 'operator', 'administrator'],
  audit: 'save flow',
  auditFields: ['basedOn'],
  params: ofFlow,
  body: object({
    source,
    basedOn: Type.Optional(
      orNull(Type.String({ ...version, description: 'The version that was changed; null for a flow that is new' })),
    ),
  }),
  answer: flowAnswer,
  handle: async ({ service, now, params: { client, flow }, body: { source, basedOn } }) => {
    const workspace = workspaceOf(service, client)
    const asOf = workspace.today(now())
    const [first, ...others] = await checks.run(() => problemsOf(service, workspace, flow, source, asOf))
    if (first) throw new FlowFaults([first, ...others])
    storeText(workspace, flow, source, basedOn)
    return answerOf(service, workspace, flow)
  },
})

/** What is wrong with a text: with its shape first, and where that is right with all else, in a process of its own. */
async function problemsOf(
  service: Service,
  workspace: Workspace,
  flow: string,
  text: string,
  asOf: string,
): Promise<readonly ProblemRecord[]> {
  const { shape, problems } = shapeOf(workspace, flow, text)
  if (!shape) return problems
  if (shape.flow !== flow) return [new PolkuError('FLOW_NAME', { flow, actual: shape.flow }).toProblem()]
  const params = Object.entries(shape.params ?? {})
  const givenLater = params.filter(([, { default: value }]) => value === undefined).map(([name]) => name)
  return service.check(workspace, { flow, text, asOf, givenLater })
}

async function answerOf(
  service: Service,
  workspace: Workspace,
  flow: string,
  version?: string,
): Promise<Static<typeof flowAnswer>> {
  const { client } = workspace.client
  const source = readText(workspace, flow, version)
  const { shape, problems } = shapeOf(workspace, flow, source)
  const state = (await flowStates(service, [workspace])).get(client)?.find((each) => each.flow === flow)
  if (!state) throw new PolkuError('FLOW_NOT_FOUND', { flow, actual: flow, nearest: 'A flow that the list shows.' })
  const automatic = (await service.schedules.list(client)).find((each) => each.flow === flow)
  const next = automatic ? await service.schedules.nextRuns(client, flow, nextRuns) : []
  return {
    ...state,
    title: shape?.title ?? state.title,
    description: shape?.description ?? null,
    version: versionOf(source),
    source,
    params: shape?.params ?? {},
    steps: Object.entries(shape?.steps ?? {}).map(([name, { uses, title, from }]) => ({
      ...{ name, uses, title: title ?? null },
      from: linksOf(from),
    })),
    schedule: automatic?.schedule ?? null,
    next: next.map(({ at, asOf }) => ({ at: at.toISOString(), asOf })),
    triggers: (shape?.triggers ?? []).map((trigger) => ({ ...trigger })),
    problems: problems.length > 0 ? [...problems] : [...(automatic?.broken ?? [])],
    versions: savedVersions(workspace, flow),
  }
}

/** What feeds a step as its author wrote it; which input and output are meant where none is named, the node says. */
function linksOf(from: string | Readonly<Record<string, string>> | undefined) {
  const pairs: [string | null, string][] =
    typeof from === 'string'
      ? [[null, from]]
      : Object.entries(from ?? {}).map(([input, reference]) => [input, reference])
  return pairs.map(([input, reference]) => {
    const [step = '', output] = reference.split('.')
    return { input, step, output: output ?? null }
  })
}

export const flows = { listFlows, getFlow, checkFlow, saveFlow }
