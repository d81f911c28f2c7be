import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'

/** How many wrong tokens an address may send at once, and how many more each second. */
const atOnce = 20
const perSecond = 1
/** How long a token that was wrong is remembered to be, in ms: whoever was disabled may be let in again. */
const wrongFor = 30_000
const mostAddresses = 10_000
const mostTokens = 10_000

/** Who has one address of IPv6 has 2^64 of them. */
const keyOf = (address: string): string =>
  isIPv6(address) && !address.startsWith('::ffff:') ? address.split(':').slice(0, 4).join(':') : address

/**
 * Wrong tokens, in memory that does not grow: an address that sends many is refused without a look into the database,
 * and so is a token that was wrong a moment ago. A token that held before is looked up whatever its address has done,
 * so that nobody locks out those who share it.
 */
export class WrongAttempts {
  readonly #now: () => number
  readonly #addresses = new LRUCache<string, { readonly left: number; readonly at: number }>({ max: mostAddresses })
  readonly #wrong = new LRUCache<string, number>({ max: mostTokens })
  readonly #held = new LRUCache<string, number>({ max: mostTokens })

  constructor(now: () => number) {
    this.#now = now
  }

  #left(address: string): number {
    const allowance = this.#addresses.get(keyOf(address))
    if (!allowance) return atOnce
    return Math.min(atOnce, allowance.left + (Math.max(0, this.#now() - allowance.at) / 1000) * perSecond)
  }

  /** Counts one wrong attempt of an address. */
  count(address: string): void {
    this.#addresses.set(keyOf(address), { left: Math.max(0, this.#left(address) - 1), at: this.#now() })
  }

  /** For how many seconds this address shall not try a token it has not used before; 0 where it may. */
  waitFor(address: string): number {
    const left = this.#left(address)
    return left >= 1 ? 0 : Math.ceil((1 - left) / perSecond)
  }

  wasWrong(hash: string): boolean {
    const until = this.#wrong.get(hash)
    return until !== undefined && until > this.#now()
  }

  isWrong(hash: string): void {
    this.#held.delete(hash)
    this.#wrong.set(hash, this.#now() + wrongFor)
  }

  hasHeld(hash: string): boolean {
    return this.#held.get(hash) !== undefined
  }

  /** Remembers that a token holds; gives whether its use was not noted within the last minute, and shall be. */
  holds(hash: string): boolean {
    const noted = this.#held.get(hash)
    const due = noted === undefined || this.#now() - noted >= 60_000
    this.#held.set(hash, due ? this.#now() : noted)
    return due
  }
}
