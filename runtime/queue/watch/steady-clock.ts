/** How far a clock may be set without being distrusted, and how long it is then distrusted, in ms. */
const slack = 60_000
const distrustedFor = 3_600_000

export interface Clocks {
  /** The clock on the wall, in ms since 1970. */
  readonly now: () => number
  /** Time that only passes, in ms from whenever. */
  readonly passed: () => number
}

/** Sees when the clock on the wall was set: what is cleaned by age is not cleaned until it has been steady for an hour. */
export class SteadyClock {
  readonly #clocks: Clocks
  #difference: number
  #distrusted: number | undefined

  constructor(clocks: Clocks) {
    this.#clocks = clocks
    this.#difference = clocks.now() - clocks.passed()
  }

  /** Looks at the clock; by how many ms it was set since the last look, where that is more than a minute. */
  look(): number | undefined {
    const difference = this.#clocks.now() - this.#clocks.passed()
    const set = difference - this.#difference
    this.#difference = difference
    if (Math.abs(set) <= slack) return undefined
    this.#distrusted = this.#clocks.passed()
    return set
  }

  get isSteady(): boolean {
    return this.#distrusted === undefined || this.#clocks.passed() - this.#distrusted >= distrustedFor
  }
}
