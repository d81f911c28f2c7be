/** A seeded source of random numbers: the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform on [0, 1) in steps of 2⁻⁵³. */
  uniform(): number
  /** Normal, mean 0 and standard deviation 1. */
  normal(): number
  /** A whole number from 0 to n − 1, each equally likely. Throws a RangeError unless n is whole, from 1 to 2³². */
  integer(n: number): number
  /** Puts `items` into a random order in place and returns them. */
  shuffle(items: Int32Array): Int32Array
  /** An independent source, named under this one. It does not depend on how many numbers this one has given. */
  stream(name: string | number): Random
}

const mask64 = (1n << 64n) - 1n

/** SplitMix64: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA '14, figure 17. */
export const splitMix64 = (seed: bigint): (() => bigint) => {
  let state = seed & mask64
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask64
    let z = state
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask64
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask64
    return z ^ (z >> 31n)
  }
}

const rotateLeft = (x: number, k: number): number => (x << k) | (x >>> (32 - k))

/**
 * xoshiro128**: Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4).
 * Gives whole numbers from 0 to 2³² − 1. The state is four 32-bit words, not all zero.
 */
export const xoshiro128 = (state: Uint32Array): (() => number) => {
  let [a = 0, b = 0, c = 0, d = 0] = state
  if (state.length !== 4 || (a | b | c | d) === 0) throw new RangeError('The state must be four words, not all zero.')
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotateLeft(d, 11)
    return result
  }
}

// Every part of the path is absorbed into a 64-bit state, so that streams of different names do not meet.
const absorb = (state: bigint, part: string | number): bigint => {
  let mixed = splitMix64(state ^ (typeof part === 'string' ? 0x5354n : 0x4e55n))()
  const text = String(part)
  for (let i = 0; i < text.length; i++) mixed = splitMix64(mixed ^ BigInt(text.charCodeAt(i)))()
  return splitMix64(mixed ^ BigInt(text.length))()
}

// Marsaglia & Bray 1964, "A convenient method for generating normal variables", SIAM Review 6: the polar method.
const polar = (uniform: () => number): (() => number) => {
  let spare = Number.NaN
  return () => {
    if (!Number.isNaN(spare)) {
      const result = spare
      spare = Number.NaN
      return result
    }
    for (;;) {
      const u = 2 * uniform() - 1
      const v = 2 * uniform() - 1
      const s = u * u + v * v
      if (s < 1 && s > 0) {
        const factor = Math.sqrt((-2 * Math.log(s)) / s)
        spare = v * factor
        return u * factor
      }
    }
  }
}

const fromState = (state: bigint): Random => {
  const word = splitMix64(state)
  const [first, second] = [word(), word()]
  const bits = xoshiro128(
    Uint32Array.from([first, first >> 32n, second, second >> 32n], (x) => Number(x & 0xffffffffn)),
  )
  const uniform = () => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992

  const integer = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`Needs a whole number 1…2³², got ${n}.`)
    // Draws from the incomplete last round are thrown away: taking a remainder would favour small numbers.
    const limit = 2 ** 32 - (2 ** 32 % n)
    let draw = bits()
    while (draw >= limit) draw = bits()
    return draw % n
  }

  // Durstenfeld 1964, CACM algorithm 235 (the Fisher–Yates shuffle).
  const shuffle = (items: Int32Array): Int32Array => {
    for (let last = items.length - 1; last > 0; last--) {
      const other = integer(last + 1)
      const held = items[last]!
      items[last] = items[other]!
      items[other] = held
    }
    return items
  }

  return { uniform, normal: polar(uniform), integer, shuffle, stream: (name) => fromState(absorb(state, name)) }
}

/** A random source for `seed`, a whole number (negative ones too). Throws a RangeError on any other seed. */
export const random = (seed: number): Random => {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed must be a whole number, got ${seed}.`)
  return fromState(BigInt.asUintN(64, BigInt(seed)))
}
