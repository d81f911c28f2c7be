import { asPolkuError, PolkuError, PolkuErrors } from './errors.ts'
import type { ProblemRecord } from './problem.ts'

/** Anything thrown as problems of the error table; what Polku did not foresee is INTERNAL. */
export function toProblems(thrown: unknown): ProblemRecord[] {
  const error = asPolkuError(thrown, 'the workspace')
  if (error instanceof PolkuErrors) return error.errors.map((one) => one.toProblem())
  if (error instanceof PolkuError) return [error.toProblem()]
  return [new PolkuError('INTERNAL', { reason: error instanceof Error ? error.message : String(error) }).toProblem()]
}
