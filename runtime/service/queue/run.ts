import type { ProblemRecord } from '../../errors/problem.ts'
import type { StepRows } from '../../html/step-rows.ts'
import type { Publisher } from '../../model/publisher.ts'

/** Waiting for a limit, queued for a worker, running, or ended. */
export type RunState = 'waiting' | 'queued' | 'running' | 'done' | 'failed' | 'stopped' | 'cancelled'

/** What began a run. */
interface Trigger {
  readonly kind: 'request' | 'schedule' | 'backfill' | 'dataset' | 'file' | 'flow' | 'for_each' | 'retry'
  /** The person, or the name of the schedule, dataset, file or run. */
  readonly by: string
  /** The id of the person. */
  readonly person?: string
  /** The name of the person who requested what began it. */
  readonly askedBy?: string
  /** The run that is done again. */
  readonly of?: string
}

export interface StepProgress extends StepRows {
  readonly name: string
  readonly status: string
  readonly cached?: boolean
  readonly milliseconds?: number
}

/** What a run took. */
export interface Usage {
  readonly cpuMilliseconds: number
  readonly peakBytes: number
  readonly rows: number
}

/** A run as the service's index holds it. */
export interface RunRow {
  readonly client: string
  readonly id: string
  readonly flow: string
  readonly state: RunState
  readonly priority: number
  readonly trigger: Trigger
  readonly params: Readonly<Record<string, unknown>>
  /** ISO date. */
  readonly as_of: string
  readonly parent: string | null
  /** The version of the flow that it runs; what its file says then where there is none. */
  readonly version: string | null
  /** The step from which on an earlier run is done again. */
  readonly again_from: string | null
  readonly requested_at: Date
  readonly started_at: Date | null
  readonly finished_at: Date | null
  /** How many times a process began it. */
  readonly attempts: number
  readonly worker: string | null
  readonly job: string | null
  readonly cancel: boolean
  readonly progress: readonly StepProgress[] | null
  readonly problem: ProblemRecord | null
  readonly usage: Usage | null
}

/** A run that is requested. */
export interface NewRun {
  readonly client: string
  readonly id: string
  readonly flow: string
  readonly params: Readonly<Record<string, unknown>>
  readonly asOf: string
  readonly trigger: Trigger
  /** From -10 to 10; the higher goes first. */
  readonly priority?: number
  readonly idempotencyKey?: string
  readonly parent?: string
  readonly againFrom?: string
  /** How many runs of the flow may run at once. */
  readonly flowLimit?: number
  /** How many runs of the client may run at once. */
  readonly clientLimit?: number
  /** The version of the flow that it runs, as in polku.flow; what the file says then where there is none. */
  readonly version?: string
}

export const isEnded = (state: RunState): boolean => !['waiting', 'queued', 'running'].includes(state)

/** Where runs are looked up. */
interface Runs {
  get(client: string, id: string): Promise<RunRow | undefined>
}

const byPeople = ['request', 'retry']

/** As whom a run publishes models: the person who asked for it, or for the run that began it; else what began it. */
export async function publisherOf(runs: Runs, run: RunRow): Promise<Publisher> {
  const { kind, by, person, askedBy } = run.trigger
  const beginner = run.parent ?? (kind === 'flow' ? by : undefined)
  const before = beginner === undefined ? undefined : await runs.get(run.client, beginner)
  if (before) return { ...(await publisherOf(runs, before)), run: run.id }
  if (byPeople.includes(kind)) return { name: by, person, run: run.id }
  return { name: askedBy ?? `${kind} ${by}`, run: run.id }
}
