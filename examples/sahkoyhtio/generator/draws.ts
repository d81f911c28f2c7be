import type { Random } from '../../../nodes/lib/random.ts'

export const chance = (random: Random, probability: number): boolean => random.uniform() < probability

/** One of the items; `lean` above 1 favours the first ones, as common names are common. */
export const pick = <T>(random: Random, items: readonly T[], lean = 1): T => {
  const item = items[Math.floor(items.length * random.uniform() ** lean)]
  if (item === undefined) throw new RangeError('There is nothing to pick from.')
  return item
}

/** One of the keys, each as likely as its weight says. */
export const weighted = <K extends string>(random: Random, weights: Readonly<Record<K, number>>): K => {
  // Object.keys gives string[]: the record has no other keys than K.
  const keys = Object.keys(weights) as K[]
  let left = random.uniform() * keys.reduce((sum, key) => sum + weights[key], 0)
  for (const key of keys) {
    left -= weights[key]
    if (left < 0) return key
  }
  return pick(random, keys)
}

/** A whole number from `low` to `high`, both included; `low` where `high` is below it. */
export const between = (random: Random, low: number, high: number): number =>
  high <= low ? low : low + random.integer(high - low + 1)

/** Exponentially distributed with the given mean. */
export const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random.uniform())

/** `digits` random decimal digits. */
export const digits = (random: Random, count: number): string =>
  String(random.integer(10 ** count)).padStart(count, '0')

export const logistic = (x: number): number => 1 / (1 + Math.exp(-x))
