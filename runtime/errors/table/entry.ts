/**
 * All that is to be known of one error code. `message` says what happened, `expected` what would be right;
 * {placeholders} are filled from the values given where the error is raised.
 */
export interface ErrorEntry {
  readonly message: string
  readonly expected: string
  /** The HTTP status of an answer with it. 422 where what was asked for is at fault. */
  readonly status: number
  /** The part of an address that it says there is nothing of: the answer is 404 where the address names it. */
  readonly addressed?: string
  /** Whether the same step may well succeed a little later, so that `retry` is worth it. */
  readonly transient?: true
  /** Whether the fault is in how the command was written: exit code 2 instead of 1. */
  readonly usage?: true
}

export type ErrorEntries = Readonly<Record<string, ErrorEntry>>
