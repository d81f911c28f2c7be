import { setTimeout } from 'node:timers/promises'
import { PolkuError } from '../errors/errors.ts'
import type { FlowStep } from '../flow/schema.ts'
import { Abandoned, type Deadline, type Delay } from './deadline.ts'

type Retry = NonNullable<FlowStep['retry']>

export const realDelay: Delay = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal })

/** How long a wait goes on before it is asked again whether the run shall be handed over, in milliseconds. */
const longestNap = 1000

/** The seconds to wait after a failed attempt (1 is the first); undefined where it was the last. */
export function waitAfter(retry: Retry | undefined, attempt: number): number | undefined {
  if (!retry || attempt > retry.times) return undefined
  const { wait = 10, backoff = 2, limit = 3600 } = retry
  return Math.min(wait * backoff ** (attempt - 1), limit)
}

/**
 * Waits for the next attempt; false where the run is to be handed over instead. Throws RUN_CANCELLED, and the
 * deadline's error where that comes first.
 */
export async function waitForNext(
  seconds: number,
  deadline: Deadline | undefined,
  context: { readonly delay: Delay; readonly signal: AbortSignal; readonly handOver?: () => boolean },
): Promise<boolean> {
  const { delay, signal, handOver } = context
  const isCut = deadline !== undefined && deadline.milliseconds < seconds * 1000
  let left = isCut ? deadline.milliseconds : seconds * 1000
  while (left > 0) {
    if (handOver?.()) return false
    const nap = Math.min(left, longestNap)
    try {
      await delay(nap, signal)
    } catch (error) {
      throw signal.aborted ? new PolkuError('RUN_CANCELLED', {}, {}, error) : error
    }
    left -= nap
  }
  if (isCut) throw deadline.error
  return true
}

/** What the system says when something is busy, away or overloaded. */
const transientSystemCodes = new Set([
  'EAGAIN',
  'EAI_AGAIN',
  'EBUSY',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EIO',
  'EMFILE',
  'ENETUNREACH',
  'ENFILE',
  'ENOENT',
  'EPIPE',
  'ESTALE',
  'ETIMEDOUT',
  'ETXTBSY',
])

/** What DuckDB says of the disk, of another machine, or of memory that others take too. */
const transientMessage = /^(IO|HTTP|Connection|Out of Memory) Error\b/i

/**
 * Whether the same step may well succeed a little later: `retry` is for these only. What an author has to mend
 * (settings, columns, values, a node that breaks its promise) fails at once, and so does a cancelled run. A
 * node's own error is one of these where the node declares it so in `transient`.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof Abandoned) return false
  if (error instanceof PolkuError)
    return error.code === 'NODE_ERROR' ? error.values.transient === 'yes' : error.entry.transient === true
  if (!(error instanceof Error)) return false
  if ('code' in error && transientSystemCodes.has(String(error.code))) return true
  return transientMessage.test(error.message) || (error.cause !== undefined && isTransient(error.cause))
}
