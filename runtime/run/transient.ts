import { PolkuError } from '../errors/errors.ts'
import { Abandoned } from './deadline.ts'

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
