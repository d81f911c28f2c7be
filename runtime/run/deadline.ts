import { PolkuError } from '../errors/errors.ts'
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
  const stopping = new AbortController()
  const ended = new AbortController()
  let isOver = false
  let isAbandoned = false
  const expire = async (): Promise<void> => {
    if (!deadline) return
    await delay(deadline.milliseconds, ended.signal)
    isOver = true
    stopping.abort(deadline.error)
    cancel()
  }
  const abandon = new Promise<never>((_, reject) => {
    const cause = () => (signal.aborted ? new PolkuError('RUN_CANCELLED') : deadline?.error)
    const wait = () =>
      delay(grace, ended.signal).then(
        () => reject(new Abandoned('The step did not end when it was told to.', { cause: cause() })),
        () => undefined, // it ended
      )
    stopping.signal.addEventListener('abort', () => void wait(), { once: true })
  })
  // Not AbortSignal.any: what listens to such a signal is kept in memory for as long as the process lives.
  const onCancel = () => stopping.abort(signal.reason)
  signal.addEventListener('abort', onCancel, { once: true })
  if (signal.aborted) onCancel()
  expire().catch(() => undefined) // it ended in time
  try {
    return await Promise.race([work(stopping.signal), abandon])
  } catch (error) {
    isAbandoned = error instanceof Abandoned
    throw deadline && isOver && !signal.aborted && !isAbandoned ? deadline.error : error
  } finally {
    // With a reason of its own: the default one is an error whose stack takes longer to write than a light step.
    ended.abort('ended')
    signal.removeEventListener('abort', onCancel)
    if (isOver && !isAbandoned) restore()
  }
}
