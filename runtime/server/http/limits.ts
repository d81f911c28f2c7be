import { PolkuError } from '../../errors/errors.ts'

/** How many may wait for their turn. */
const mostWaiting = 50

/** Lets at most so many pieces of work go on at once; the others wait their turn. */
export class AtMost {
  readonly #most: number
  #going = 0
  readonly #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#most = most
  }

  /** Does the work in its turn. Throws TOO_MANY_REQUESTS where too many wait already. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting.length >= mostWaiting) throw new PolkuError('TOO_MANY_REQUESTS', { seconds: 5 })
    if (this.#going >= this.#most) await new Promise<void>((go) => this.#waiting.push(go))
    else this.#going += 1
    try {
      return await work()
    } finally {
      // The place is handed on, so that nobody takes it in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#going -= 1
    }
  }
}
