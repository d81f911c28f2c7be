import { type Static, Type } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import { problemSchema } from '../../../errors/problem.ts'
import { isEnded, type RunRow } from '../../../service/queue/run.ts'
import type { Service } from '../../../service/service.ts'
import { name, object, orNull, runId, text, time } from '../../http/schemas.ts'

export const states = ['waiting', 'queued', 'running', 'done', 'failed', 'stopped', 'cancelled'] as const

export const runState = Type.Enum([...states], {
  description: 'waiting: for a limit on how many run at once; queued: for a worker',
})

/** A run as the API shows it. */
export const runAnswer = object({
  id: runId,
  client: name,
  flow: name,
  state: runState,
  priority: Type.Integer(),
  trigger: object({
    kind: text,
    by: text,
    of: Type.Optional(Type.String({ description: 'The run that is done again' })),
  }),
  params: Type.Record(Type.String(), Type.Unknown()),
  asOf: text,
  parent: orNull(runId),
  version: orNull(Type.String({ description: 'Of the flow, where it was begun by a schedule or a trigger' })),
  againFrom: orNull(Type.String({ description: 'The step from which on everything is done anew' })),
  requestedAt: time,
  startedAt: orNull(time),
  finishedAt: orNull(time),
  attempts: Type.Integer(),
  worker: orNull(text),
  cancelling: Type.Boolean({ description: 'Whether its end was asked for' }),
  usage: orNull(object({ cpuMilliseconds: Type.Number(), peakBytes: Type.Number(), rows: Type.Number() })),
  steps: Type.Array(
    object({
      name: text,
      status: text,
      cached: Type.Optional(Type.Boolean()),
      milliseconds: Type.Optional(Type.Number()),
      rows: Type.Optional(Type.Integer({ description: 'Of its first output; none of a step that stored a model' })),
      others: Type.Optional(
        Type.Record(Type.String(), Type.Integer(), { description: 'The rows of its other outputs, by name' }),
      ),
    }),
  ),
  problem: orNull(problemSchema),
})

/** Throws RUN_UNKNOWN. */
export async function findRun(service: Service, client: string, id: string): Promise<RunRow> {
  const run = await service.queue.get(client, id)
  if (run) return run
  throw new PolkuError('RUN_UNKNOWN', { run: id, actual: id, nearest: 'A run that the list of runs shows.' })
}

export function toAnswer(run: RunRow): Static<typeof runAnswer> {
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
