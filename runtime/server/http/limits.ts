import { PolkuError } from '../../errors/errors.ts'

/** How many may wait for their turn. */
const longestQueue = 50

// Compared with p-limit: its queue has no bound, and here too long a queue is refused.
/** Lets at most so many pieces of work run at once; the others wait their turn. */
export class ConcurrencyLimit {
  readonly #limit: number
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Does the work in its turn. Throws TOO_MANY_REQUESTS where too many wait already. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting.length >= longestQueue) throw new PolkuError('TOO_MANY_REQUESTS', { seconds: 5 })
    if (this.#running >= this.#limit) await new Promise<void>((go) => this.#waiting.push(go))
    else this.#running += 1
    try {
      return await work()
    } finally {
      // The slot is handed on, so that nobody takes it in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
