import type { ProblemRecord } from '../../errors/problem.ts'

/** How long after its time a step may take to end by itself, in ms: what it was told takes five seconds of them. */
const grace = 8000

/**
 * Ends a run's process whose step is over its time and does not end: the process itself cannot, where the step holds
 * its only thread.
 */
export class Overdue {
  readonly #kill: () => void
  #timer: NodeJS.Timeout | undefined
  /** What is wrong, once the process was ended for it. */
  problem: ProblemRecord | undefined

  constructor(kill: () => void) {
    this.#kill = kill
  }

  /** A step begins an attempt that may take so long. */
  begin(milliseconds: number, problem: ProblemRecord): void {
    this.end()
    this.#timer = setTimeout(() => {
      this.problem = problem
      this.#kill()
    }, milliseconds + grace)
  }

  /** The attempt has ended. */
  end(): void {
    clearTimeout(this.#timer)
  }
}
