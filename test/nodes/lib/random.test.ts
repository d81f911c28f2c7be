import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random, splitMix64, xoshiro128 } from '../../../nodes/lib/random.ts'

const first = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next)

describe('generators', () => {
  test('SplitMix64 gives the published numbers of seed 1234567', () => {
    // Rosetta Code, "Pseudo-random numbers/Splitmix64".
    expect(first(5, splitMix64(1234567n))).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ])
  })

  test('xoshiro128** gives the numbers of its authors’ C code from state 1, 2, 3, 4', () => {
    // The reference code of prng.di.unimi.it, compiled and run; the last is the thousandth number.
    const next = xoshiro128(Uint32Array.of(1, 2, 3, 4))
    const numbers = first(1000, next)
    expect(numbers.slice(0, 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ])
    expect(numbers[999]).toBe(3170714187)
    expect(() => xoshiro128(new Uint32Array(4))).toThrow(RangeError)
  })
})

describe('random', () => {
  test('gives the same numbers for the same seed and others for another', () => {
    const numbers = (seed: number) => first(5, random(seed).uniform)
    expect(numbers(7)).toEqual(numbers(7))
    expect(numbers(7)).not.toEqual(numbers(8))
    expect(numbers(-7)).not.toEqual(numbers(7))
    expect(numbers(2 ** 40)).not.toEqual(numbers(0))
    expect(() => random(0.5)).toThrow('whole number')
    expect(() => random(Number.NaN)).toThrow(RangeError)
  })

  test('uniform numbers lie in [0, 1) with mean ½ and variance 1/12', () => {
    const { uniform } = random(1)
    const numbers = first(100_000, uniform)
    expect(Math.min(...numbers.slice(0, 50_000))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers.slice(0, 50_000))).toBeLessThan(1)
    const mean = numbers.reduce((sum, u) => sum + u, 0) / numbers.length
    const variance = numbers.reduce((sum, u) => sum + (u - mean) ** 2, 0) / numbers.length
    // Four standard errors.
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 100_000))
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / 100_000))
  })

  test('normal numbers have the moments and tails of the normal distribution', () => {
    const { normal } = random(2)
    const numbers = first(100_000, normal)
    const moment = (power: number) => numbers.reduce((sum, z) => sum + z ** power, 0) / numbers.length
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(100_000))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / 100_000))
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / 100_000))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / 100_000))
    const beyond = numbers.filter((z) => Math.abs(z) > 1.96).length / numbers.length
    expect(Math.abs(beyond - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 100_000))
  })

  test('whole numbers are equally likely and reach the whole range', () => {
    const source = random(3)
    const counts = new Int32Array(7)
    for (let i = 0; i < 70_000; i++) counts[source.integer(7)]!++
    // χ² with 6 degrees of freedom; 22.46 is its upper 0.1 % point.
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(22.46)
    expect(source.integer(1)).toBe(0)
    expect(source.integer(2 ** 32)).toBeLessThan(2 ** 32)
    for (const n of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) expect(() => source.integer(n)).toThrow(RangeError)
  })

  test('a shuffle makes every order equally likely', () => {
    const source = random(4)
    const orders = new Map<string, number>()
    for (let i = 0; i < 24_000; i++) {
      const order = source.shuffle(Int32Array.of(0, 1, 2, 3)).join('')
      orders.set(order, (orders.get(order) ?? 0) + 1)
    }
    expect(orders.size).toBe(24)
    // χ² with 23 degrees of freedom; 49.73 is its upper 0.1 % point.
    expect([...orders.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(49.73)
  })

  test('a shuffle keeps every item', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 })), fc.integer(), (items, seed) => {
        const shuffled = random(seed).shuffle(Int32Array.from(items))
        expect([...shuffled].sort()).toEqual([...items].sort())
      }),
    )
  })

  test('a stream depends on its name and seed only', () => {
    const used = random(5)
    first(10, used.uniform)
    expect(first(3, used.stream('folds').uniform)).toEqual(first(3, random(5).stream('folds').uniform))
    const streams = [
      random(5),
      random(6).stream('folds'),
      ...['folds', 'fold', 's', '', 1, '1', 2, -1, 0.5].map((name) => random(5).stream(name)),
      random(5).stream('a').stream('b'),
      random(5).stream('ab'),
      random(5).stream('b').stream('a'),
    ]
    expect(new Set(streams.map(({ uniform }) => uniform())).size).toBe(streams.length)
  })
})
