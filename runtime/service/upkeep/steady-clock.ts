import type { Queries } from '../database/database.ts'

/** How far a clock may be set without being distrusted, and how long it is then distrusted, in ms. */
const slack = 60_000
const distrustedFor = 3_600_000

/** How far a clock may be ahead of the last time seen, and how long it then has to stay there to be believed, in ms. */
const leap = 30 * 86_400_000
const believedAfter = 86_400_000

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

interface StoredClock {
  readonly seen_at: Date
  /** Since when the clock has been far ahead of that. */
  readonly leapt_at: Date | null
}

/**
 * Whether a clock may be right by which things are old. One that is far ahead of the last time seen is wrong since the
 * machine was started, or nobody served for long: nobody knows before it has stayed so for a day.
 */
export async function isBelieved(queries: Queries, now: number): Promise<boolean> {
  const [stored] = await queries.query<StoredClock>('select seen_at, leapt_at from polku.clock')
  const leaptAt = leapSince(stored, now)
  const isLeap = leaptAt !== undefined && now - leaptAt < believedAfter
  await queries.query(
    `insert into polku.clock (seen_at, leapt_at) values ($1, $2)
    on conflict (one) do update set seen_at = excluded.seen_at, leapt_at = excluded.leapt_at`,
    isLeap && stored ? [stored.seen_at, new Date(leaptAt)] : [new Date(now), null],
  )
  return !isLeap
}

/** Since when the clock has been far ahead, in ms since 1970; undefined where it is not. */
function leapSince(stored: StoredClock | undefined, now: number): number | undefined {
  if (!stored || now - stored.seen_at.getTime() <= leap) return undefined
  return Math.min(stored.leapt_at?.getTime() ?? now, now)
}
