import { describe, expect, test } from 'vitest'
import { continuedFraction, devianceTerm, gammaP, gammaQ, logGamma, logGammaQ } from '../../../nodes/lib/gamma.ts'

// Reference values: mpmath 1.2 with 60 digits.
const relative = (value: number, reference: number) => expect(value / reference).toBeCloseTo(1, 11)

describe('gamma', () => {
  test.each([
    [1e-5, 11.512919692895826],
    [0.4, 0.7966778177017837],
    [3.3, 0.9870985778947344],
    [14.9, 24.924132002217277],
    [15.1, 25.458999750992664],
    [1e10, 220258509288.81058],
  ])('ln Γ(%d)', (x, reference) => relative(logGamma(x), reference))

  test('ln Γ has its known values', () => {
    relative(logGamma(0.5), Math.log(Math.PI) / 2)
    relative(Math.exp(logGamma(6)), 120)
    expect(logGamma(1)).toBeCloseTo(0, 14)
    expect(logGamma(2)).toBeCloseTo(0, 14)
    for (const x of [0, -1, Number.NaN]) expect(() => logGamma(x)).toThrow(RangeError)
  })

  test('the incomplete gamma functions have their closed forms', () => {
    for (const x of [0.01, 0.5, 1, 2.5, 10, 300]) {
      relative(gammaQ(1, x), Math.exp(-x))
      relative(gammaP(1, x), -Math.expm1(-x))
      relative(gammaQ(3, x), Math.exp(-x) * (1 + x + (x * x) / 2))
      relative(logGammaQ(1, 10 * x), -10 * x)
    }
  })

  test('P far below the mean of a wide distribution keeps its digits', () => {
    relative(gammaP(50_000, 45_000), 7.05549897389532e-119)
  })

  test('the ends', () => {
    expect([gammaP(2, 0), gammaQ(2, 0), gammaP(2, Infinity), gammaQ(2, Infinity)]).toEqual([0, 1, 1, 0])
    expect([logGammaQ(2, 0), logGammaQ(2, Infinity)]).toEqual([0, -Infinity])
    expect([gammaQ(2, 1e6), gammaP(2, 1e6)]).toEqual([0, 1])
    for (const [a, x] of [
      [0, 1],
      [-1, 1],
      [1, -1],
      [Number.NaN, 1],
      [1, Number.NaN],
      [Infinity, 1],
    ] as const)
      expect(() => gammaQ(a, x)).toThrow(RangeError)
  })

  test('the deviance term does not cancel beside its zero', () => {
    // By mpmath, of the double that 100.0001 stands for.
    relative(devianceTerm(100.0001, 100), 4.999998333666132e-11)
    expect(devianceTerm(0, 3)).toBe(3)
    expect(devianceTerm(5, 5)).toBe(0)
  })

  test('a continued fraction gives the golden ratio, and says where it does not settle', () => {
    relative(
      continuedFraction(1, () => [1, 1]),
      (1 + Math.sqrt(5)) / 2,
    )
    expect(() => continuedFraction(1, () => [-5, 1])).toThrow('did not settle')
  })
})
