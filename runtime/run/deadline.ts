import { PolkuError } from '../errors.ts'
import type { Plan, PlannedStep } from '../flow/plan.ts'

/** Waits, in milliseconds. Rejects when the signal aborts. */
export type Delay = (milliseconds: number, signal: AbortSignal) => Promise<unknown>

/** How long a step that is told to end may take to do so, in milliseconds. */
const grace = 5000

export interface Deadline {
  readonly milliseconds: number
  /** What is wrong when it is over. */
  readonly error: PolkuError
}

/** What a run has left of its flow's `timeout`. */
export const runDeadline = ({ timeout }: Plan, elapsed: number): Deadline | undefined =>
  timeout === undefined
    ? undefined
    : {
        milliseconds: Math.max(0, timeout * 1000 - elapsed),
        error: new PolkuError('RUN_TIMEOUT', { seconds: timeout }),
      }

/** What ends an attempt at a step first: its own `timeout`, or the run's. */
export function stepDeadline({ timeout }: PlannedStep, ofRun: Deadline | undefined): Deadline | undefined {
  if (timeout === undefined) return ofRun
  const milliseconds = timeout * 1000
  if (ofRun && ofRun.milliseconds < milliseconds) return ofRun
  return { milliseconds, error: new PolkuError('STEP_TIMEOUT', { seconds: timeout }) }
}

/** Work that was told to end and did not: it may still be going on, so nothing like it may begin. */
export class Abandoned extends Error {}

interface Limits {
  readonly deadline: Deadline | undefined
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal
  readonly delay: Delay
  /** Ends what the signal does not reach. */
  readonly cancel: () => void
  /** Undoes `cancel` once the work has ended. */
  readonly restore: () => void
}

/**
 * Does work that must be over by a deadline. Then its signal aborts, and it fails with the deadline's error
 * whatever it throws itself. Throws Abandoned, caused by that error or by RUN_CANCELLED, where it does not end
 * within five seconds after it was told to.
 */
export async function within<T>(
  { deadline, signal, delay, cancel, restore }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const ended = new AbortController()
  const told = AbortSignal.any([signal, over.signal])
  const expire = async (): Promise<void> => {
    if (!deadline) return
    await delay(deadline.milliseconds, ended.signal)
    over.abort(deadline.error)
    cancel()
  }
  const abandon = new Promise<never>((_, reject) => {
    const cause = () => (signal.aborted ? new PolkuError('RUN_CANCELLED') : deadline?.error)
    const wait = () =>
      delay(grace, ended.signal).then(
        () => reject(new Abandoned('The step did not end when it was told to.', { cause: cause() })),
        () => undefined, // it ended
      )
    if (told.aborted) void wait()
    else told.addEventListener('abort', () => void wait(), { once: true })
  })
  expire().catch(() => undefined) // it ended in time
  let isAbandoned = false
  try {
    return await Promise.race([work(told), abandon])
  } catch (error) {
    isAbandoned = error instanceof Abandoned
    throw deadline && over.signal.aborted && !signal.aborted && !isAbandoned ? deadline.error : error
  } finally {
    ended.abort()
    if (over.signal.aborted && !isAbandoned) restore()
  }
}
