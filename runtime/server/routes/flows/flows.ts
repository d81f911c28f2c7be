import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import type { ProblemRecord } from '../../../errors/problem.ts'
import { versionOf } from '../../../service/schedules/versions.ts'
import type { Service } from '../../../service/service.ts'
import { checkFlow, type flowAnswer, getFlow, listFlows, saveFlow } from '../../api/flows.ts'
import { AtMost } from '../../http/limits.ts'
import { pageOf } from '../../http/pages.ts'
import { FaultsFound } from '../../http/problem.ts'
import { serve } from '../../http/register.ts'
import { clientOf } from '../clients/clients.ts'
import { keptVersions, readText, shapeOf, storeText } from './sources.ts'
import { flowStates } from './states.ts'

const nextShown = 10
/** Each check is a process. */
const checksAtOnce = 2

/** Flows: list, look, check, save. */
export function flows(app: FastifyInstance, service: Service, now: () => number): void {
  const checks = new AtMost(checksAtOnce)

  serve(app, listFlows, async ({ params: { client }, query }) => {
    const states = await flowStates(service, [clientOf(service, client)])
    return pageOf(states.get(client) ?? [], query, ({ flow }) => flow)
  })

  serve(app, getFlow, async ({ params: { client, flow }, query: { version } }) =>
    answerOf(service, clientOf(service, client), flow, version),
  )

  serve(app, checkFlow, async ({ params: { client, flow }, body }) => {
    const workspace = clientOf(service, client)
    const text = body.source ?? readText(workspace, flow)
    const asOf = body.asOf ?? workspace.today(now())
    const problems = await checks.run(() => problemsOf(service, workspace, flow, text, asOf))
    return { valid: problems.length === 0, problems: [...problems] }
  })

  serve(app, saveFlow, async ({ params: { client, flow }, body: { source, basedOn } }) => {
    const workspace = clientOf(service, client)
    const asOf = workspace.today(now())
    const [first, ...others] = await checks.run(() => problemsOf(service, workspace, flow, source, asOf))
    if (first) throw new FaultsFound([first, ...others])
    storeText(workspace, flow, source, basedOn)
    return answerOf(service, workspace, flow)
  })
}

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
  if (shape.flow !== flow) return [new PolkuError('FLOW_NAME', { flow, found: shape.flow }).toProblem()]
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
  if (!state) throw new PolkuError('FLOW_NOT_FOUND', { flow, found: flow, nearest: 'A flow that the list shows.' })
  const automatic = (await service.schedules.list(client)).find((each) => each.flow === flow)
  const next = automatic ? await service.schedules.nextRuns(client, flow, nextShown) : []
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
    versions: keptVersions(workspace, flow),
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
