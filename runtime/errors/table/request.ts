// A command or a request to the API as it is written, whatever it is about; and the fault of Polku itself.
import type { ErrorEntries } from './entry.ts'

export const requestErrors = {
  USAGE: { message: '{reason}', expected: 'See `polku --help`.', status: 422, usage: true },
  REQUEST_INVALID: { message: 'The request is not right: {reason}.', expected: '{right}', status: 422 },
  BODY_MALFORMED: { message: 'The body cannot be read: {reason}.', expected: 'One JSON object.', status: 400 },
  BODY_TOO_LARGE: { message: 'The request is too large.', expected: 'At most 1 MB.', status: 413 },
  MEDIA_TYPE: { message: 'A body of this kind is not taken.', expected: 'content-type: application/json', status: 415 },
  ROUTE_UNKNOWN: {
    message: 'There is nothing at this address.',
    expected: 'An address that /api/docs lists.',
    status: 404,
  },
  TOO_MANY_REQUESTS: {
    message: 'There were too many requests.',
    expected: 'Another try in {seconds} seconds.',
    status: 429,
  },
  IDEMPOTENCY_KEY_TAKEN: {
    message: 'The idempotency key was used for another request: the run {run} of {flow}.',
    expected: 'A key of its own for each request, and the same one only for the same request.',
    status: 422,
  },
  INTERNAL: {
    message: 'Polku failed: {reason}',
    expected: 'This is a fault of Polku, not of the flow. Please report it with the stack below.',
    status: 500,
  },
} as const satisfies ErrorEntries
