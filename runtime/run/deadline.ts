import { PolkuError } from '../errors.ts'
import type { Plan, PlannedStep } from '../flow/plan.ts'

/** Waits, in milliseconds. Rejects when the signal aborts. */
export type Delay = (milliseconds: number, signal: AbortSignal) => Promise<unknown>

/** How long a step that is over its time may take to end by itself, in milliseconds. */
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

/** Work that was over its time and did not end when it was told: it may still be going on, so nothing like it may begin. */
export class Abandoned extends Error {}

interface Overtime {
  readonly signal: AbortSignal
  readonly delay: Delay
  /** Ends what the signal does not reach. */
  readonly cancel: () => void
  /** Undoes `cancel` once the work has ended. */
  readonly restore: () => void
}

/**
 * Does work that must be over by a deadline. Then its signal aborts, and it fails with the deadline's error
 * whatever it throws itself. Throws Abandoned, caused by that error, where it does not end within five seconds more.
 */
export async function within<T>(
  deadline: Deadline | undefined,
  { signal, delay, cancel, restore }: Overtime,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!deadline) return work(signal)
  const over = new AbortController()
  const ended = new AbortController()
  const clock = async (): Promise<never> => {
    await delay(deadline.milliseconds, ended.signal)
    over.abort(deadline.error)
    cancel()
    await delay(grace, ended.signal)
    throw new Abandoned(deadline.error.message, { cause: deadline.error })
  }
  let abandoned = false
  try {
    return await Promise.race([work(AbortSignal.any([signal, over.signal])), clock()])
  } catch (error) {
    abandoned = error instanceof Abandoned
    throw over.signal.aborted && !signal.aborted && !abandoned ? deadline.error : error
  } finally {
    ended.abort()
    if (over.signal.aborted && !abandoned) restore()
  }
}
