import type { ProblemRecord } from '../errors/problem.ts'

/** A run that a step asks for. */
export interface ChildRequest {
  readonly flow: string
  readonly params: Readonly<Record<string, unknown>>
}

/** How it ended. */
export interface ChildResult {
  readonly run: string
  readonly status: string
  readonly problem?: ProblemRecord
}

/**
 * Has runs done for a step, and gives how each ended, in order. Asked again by the same run for the same step it gives
 * the same runs. Throws Parked where somebody else goes on once they have ended.
 */
export type StartChildren = (
  step: string,
  requests: readonly ChildRequest[],
  context: { readonly signal: AbortSignal; readonly onProgress: (share: number) => void },
) => Promise<readonly ChildResult[]>

/** Thrown where a run leaves off until the runs it has asked for have ended. */
export class Parked extends Error {}
