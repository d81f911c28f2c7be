import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incompleteBeta } from '../../../nodes/lib/beta.ts'

describe('incompleteBeta', () => {
  // mpmath 1.2 with 40 digits.
  test.each([
    [0.3, 1, 1, 0.3],
    [0.7, 2, 3, 0.9163],
    [0.1, 0.5, 0.5, 0.20483276469913345],
    [0.99, 10, 0.5, 0.6579281751567844],
    [0.33, 100, 200, 0.4566181633339974],
    [0.999, 1000, 3, 0.9194224096397954],
    [0.5, 0.001, 2, 0.9998067465369478],
    [1e-5, 30, 40, 3.1615345482444366e-131],
  ])('I(%d; %d, %d)', (x, a, b, reference) => expect(incompleteBeta(x, a, b) / reference).toBeCloseTo(1, 11))

  test('has its closed forms', () => {
    for (const x of [1e-9, 0.2, 0.5, 0.93]) {
      expect(incompleteBeta(x, 1, 1) / x).toBeCloseTo(1, 13)
      expect(incompleteBeta(x, 3, 1) / x ** 3).toBeCloseTo(1, 13)
      expect(incompleteBeta(x, 0.5, 0.5) / ((2 / Math.PI) * Math.asin(Math.sqrt(x)))).toBeCloseTo(1, 13)
    }
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1])
  })

  test('is 1 minus itself mirrored and rises with x', () => {
    const parameter = fc.double({ min: 0.01, max: 1000, noNaN: true })
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(parameter, parameter, share, share, (a, b, x, y) => {
        const [low, high] = [Math.min(x, y), Math.max(x, y)]
        expect(incompleteBeta(low, a, b) + incompleteBeta(1 - low, b, a, low)).toBeCloseTo(1, 11)
        expect(incompleteBeta(high, a, b)).toBeGreaterThanOrEqual(incompleteBeta(low, a, b) - 1e-12)
      }),
    )
  })

  test('refuses what it is not defined for', () => {
    for (const [x, a, b] of [
      [-0.1, 1, 1],
      [1.1, 1, 1],
      [0.5, 0, 1],
      [0.5, 1, -1],
      [Number.NaN, 1, 1],
    ] as const)
      expect(() => incompleteBeta(x, a, b)).toThrow(RangeError)
  })
})
