import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { isDate } from '../../../data/dates.ts'
import { canonical } from '../../../data/hash.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import { newRunId } from '../../../run/folder.ts'
import { flowFile } from '../../../service/flow-files.ts'
import { requestOfFlow } from '../../../service/queue/request.ts'
import { isEnded, type NewRun, type RunRow } from '../../../service/queue/run.ts'
import type { Service } from '../../../service/service.ts'
import { cancelRun, getRun, listAllRuns, listRuns, retryRun, type runAnswer, startRun } from '../../api/runs.ts'
import { serve } from '../../http/register.ts'
import { clientOf } from '../clients/clients.ts'
import { findRuns } from './run-list.ts'

/** Runs: start, list, look, cancel, do again. */
export function runs(app: FastifyInstance, service: Service, now: () => number): void {
  const { database, queue } = service

  serve(app, startRun, async ({ params: { client }, body, person, request }) => {
    const workspace = clientOf(service, client)
    const { flow, params = {}, priority } = body
    const asOf = body.asOf ?? workspace.today(now())
    const trigger = { kind: 'request', by: person.name, person: person.id } as const
    const idempotencyKey = keyOf(request, body.idempotencyKey)
    return start(workspace, { flow, params, asOf, priority, trigger, idempotencyKey })
  })

  serve(app, retryRun, async ({ params: { client, run: id }, body, person, request }) => {
    const workspace = clientOf(service, client)
    const run = await findRun(service, client, id)
    if (!isEnded(run.state)) throw new PolkuError('RUN_GOES_ON', { run: id, state: run.state })
    requireStep(workspace, run.flow, body.from)
    const { asOf = run.as_of, priority = run.priority } = body
    const trigger = { kind: 'retry', by: person.name, person: person.id, of: id } as const
    return start(workspace, {
      ...{ flow: run.flow, asOf, priority, trigger, againFrom: body.from },
      params: { ...run.params, ...body.params },
      idempotencyKey: keyOf(request, body.idempotencyKey),
    })
  })

  type Wanted = Pick<NewRun, 'flow' | 'params' | 'asOf' | 'priority' | 'trigger' | 'againFrom' | 'idempotencyKey'>

  async function start(workspace: Workspace, wanted: Wanted): Promise<Static<typeof runAnswer>> {
    const { flow, asOf } = wanted
    const { client } = workspace.client
    if (!isDate(asOf)) throw new PolkuError('AS_OF_INVALID', { value: asOf, found: asOf })
    const requested = requestOfFlow(workspace, flow, wanted.params)
    const { run, created } = await queue.request({
      ...requested,
      ...wanted,
      params: requested.params,
      ...{ client, id: newRunId(flow, now()), priority: wanted.priority ?? requested.priority },
    })
    if (!created && !isSame(run, wanted)) throw new PolkuError('IDEMPOTENCY_KEY_TAKEN', { run: run.id, flow: run.flow })
    return toAnswer(run)
  }

  serve(app, listRuns, async ({ params: { client }, query }) => {
    clientOf(service, client)
    const { runs: found, next } = await findRuns(database, { ...query, clients: [client] })
    return { items: found.map(toAnswer), next }
  })

  serve(app, listAllRuns, async ({ query, person }) => {
    const { runs: found, next } = await findRuns(database, { ...query, clients: person.clients })
    return { items: found.map(toAnswer), next }
  })

  serve(app, getRun, async ({ params: { client, run } }) => toAnswer(await findRun(service, client, run)))

  serve(app, cancelRun, async ({ params: { client, run } }) => {
    const { state } = await findRun(service, client, run)
    const cancelled = await queue.cancel(client, run)
    if (!cancelled) throw new PolkuError('RUN_FINISHED', { run, state })
    return toAnswer(cancelled)
  })
}

/** Throws RUN_UNKNOWN. */
export async function findRun(service: Service, client: string, id: string): Promise<RunRow> {
  const run = await service.queue.get(client, id)
  if (run) return run
  throw new PolkuError('RUN_UNKNOWN', { run: id, found: id, nearest: 'A run that the list of runs shows.' })
}

/** The key of a request, from its header or its body; keys of schedules and triggers are never its. Throws REQUEST_INVALID. */
function keyOf({ headers }: FastifyRequest, ofBody: string | undefined): string | undefined {
  const ofHeader = headers['idempotency-key'] as string | undefined // checked by the endpoint's schema
  if (ofHeader !== undefined && ofBody !== undefined && ofHeader !== ofBody)
    throw new PolkuError('REQUEST_INVALID', {
      reason: 'header and body name two idempotency keys',
      right: 'One of them, or the same.',
    })
  const key = ofHeader ?? ofBody
  return key === undefined ? undefined : `request:${key}`
}

/** Whether a run is what a request with its key asks for; the day may have changed since. */
const isSame = (
  run: RunRow,
  { flow, params, againFrom, trigger }: Pick<NewRun, 'flow' | 'params' | 'againFrom' | 'trigger'>,
) =>
  run.flow === flow &&
  run.trigger.of === trigger.of &&
  (run.again_from ?? undefined) === againFrom &&
  canonical(run.params) === canonical(params)

function requireStep(workspace: Workspace, flow: string, step: string | undefined): void {
  if (step === undefined) return
  const names = Object.keys(flowFile(workspace, flow).flow.steps)
  if (!names.includes(step))
    throw new PolkuError('STEP_UNKNOWN', { step, found: step, nearest: nearest(step, names, 'step') })
}

function toAnswer(run: RunRow): Static<typeof runAnswer> {
  const { id, client, flow, state, priority, params, parent, version, attempts, worker, problem, usage } = run
  const { kind, by, of } = run.trigger
  return {
    ...{ id, client, flow, state, priority, params, parent, version, attempts, worker, problem, usage },
    trigger: { kind, by, of },
    asOf: run.as_of,
    againFrom: run.again_from,
    requestedAt: run.requested_at.toISOString(),
    startedAt: run.started_at?.toISOString() ?? null,
    finishedAt: run.finished_at?.toISOString() ?? null,
    cancelling: run.cancel && !isEnded(state),
    steps: [...(run.progress ?? [])],
  }
}
