import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { PolkuError } from '../errors.ts'
import { newRunId } from '../main.ts'
import { requestOfFlow } from '../queue/flow-request.ts'
import type { RunRow } from '../queue/run-row.ts'
import type { Service } from '../queue/service.ts'
import { cancelRun, getRun, type runAnswer, startRun } from './api/runs.ts'
import { clientOf } from './clients.ts'
import { serve } from './serve.ts'

/** Runs: start, look, cancel. */
export function runs(app: FastifyInstance, service: Service, now: () => number): void {
  serve(app, startRun, async ({ params: { client }, body, person }) => {
    const workspace = clientOf(service, client)
    const asOf = body.asOf ?? new Date(now()).toISOString().slice(0, 10)
    const { params, flowLimit, clientLimit, priority } = requestOfFlow(workspace, body.flow, body.params ?? {})
    const { run } = await service.queue.request({
      client,
      id: newRunId(body.flow, now()),
      flow: body.flow,
      params,
      asOf,
      trigger: { kind: 'request', by: person.name, person: person.id },
      priority: body.priority ?? priority,
      idempotencyKey: body.idempotencyKey,
      flowLimit,
      clientLimit,
    })
    return toAnswer(run)
  })

  serve(app, getRun, async ({ params: { client, run } }) => toAnswer(await find(service, client, run)))

  serve(app, cancelRun, async ({ params: { client, run } }) => {
    const { state } = await find(service, client, run)
    const cancelled = await service.queue.cancel(client, run)
    if (!cancelled) throw new PolkuError('RUN_FINISHED', { run, state })
    return toAnswer(cancelled)
  })
}

async function find(service: Service, client: string, id: string): Promise<RunRow> {
  const run = await service.queue.get(client, id)
  if (run) return run
  throw new PolkuError('RUN_UNKNOWN', { run: id, found: id, nearest: 'A run that the list of runs shows.' })
}

export function toAnswer(run: RunRow): Static<typeof runAnswer> {
  const { id, client, flow, state, priority, trigger, params, parent, attempts, worker, problem } = run
  return {
    ...{ id, client, flow, state, priority, trigger, params, parent, attempts, worker, problem },
    asOf: run.as_of,
    requestedAt: run.requested_at.toISOString(),
    startedAt: run.started_at?.toISOString() ?? null,
    finishedAt: run.finished_at?.toISOString() ?? null,
    steps: [...(run.progress ?? [])],
  }
}
