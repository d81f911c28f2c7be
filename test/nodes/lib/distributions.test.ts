import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  chiSquareLog10P,
  chiSquareUpperTail,
  normalCdf,
  normalQuantile,
  normalUpperTail,
  studentQuantile,
  studentTwoSidedP,
} from '../../../nodes/lib/distributions.ts'

// Reference values without another source: mpmath 1.2 with 40 to 60 digits, which agrees with scipy 1.10 where scipy
// has the digits (its t.ppf has nine).
const relative = (value: number, reference: number) => expect(value / reference).toBeCloseTo(1, 11)

describe('normal', () => {
  test.each([
    [-37.5, 4.605353009581955e-308],
    [-8, 6.220960574271784e-16],
    [-1.96, 0.024997895148220435],
    [0, 0.5],
    [1e-10, 0.5000000000398942],
    [1.7, 0.955434537241457],
    [3, 0.9986501019683699],
  ])('Φ(%d)', (z, reference) => {
    relative(normalCdf(z), reference)
    relative(normalUpperTail(-z), reference)
  })

  test.each([
    [1e-300, -37.0470962993612],
    // Published with algorithm AS 241.
    [1e-20, -9.262340089798409],
    [0.001, -3.090232306167813],
    [0.25, -0.6744897501960817],
    [0.07, -1.4757910281791706],
    [0.975, 1.9599639845400538],
  ])('quantile of %d', (p, reference) => relative(normalQuantile(p), reference))

  test('the ends', () => {
    expect([normalCdf(-Infinity), normalCdf(Infinity), normalCdf(-40)]).toEqual([0, 1, 0])
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)]).toEqual([-Infinity, 0, Infinity])
    for (const p of [-0.1, 1.1, Number.NaN]) expect(() => normalQuantile(p)).toThrow(RangeError)
    expect(() => normalCdf(Number.NaN)).toThrow(RangeError)
  })

  test('cdf undoes quantile', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1, noNaN: true, maxExcluded: true }), (p) => {
        // A quantile is known to 1e-16 of itself, which its tail multiplies by its square.
        expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 10)
      }),
    )
  })
})

describe('χ²', () => {
  test.each([
    [0.01, 1, 0.920344325445942],
    [1, 1, 0.3173105078629141],
    [30, 30, 0.46565370894400965],
    [1000, 100, 2.306076738035398e-148],
    [101000, 100000, 0.012868840377233669],
    [1184.5966, 2, 5.862956464347658e-258],
  ])('upper tail of %d with %d degrees of freedom', (x, df, reference) => {
    relative(chiSquareUpperTail(x, df), reference)
    relative(chiSquareLog10P(x, df), Math.log10(reference))
  })

  test('has the five per cent points of every table', () => {
    for (const [df, point] of [
      [1, 3.841458820694124],
      [2, 5.991464547107979],
      [10, 18.307038053275146],
    ] as const)
      relative(chiSquareUpperTail(point, df), 0.05)
  })

  test.each([
    [2000, 2, -434.29448190325184],
    [3000, 1, -653.2784880651406],
    [1e5, 4, -21710.025116472454],
    [1e6, 50, -217034.2583563454],
  ])('log₁₀ p of %d with %d degrees of freedom, where p is no double', (x, df, reference) => {
    relative(chiSquareLog10P(x, df), reference)
    expect(chiSquareUpperTail(x, df)).toBe(0)
  })

  test('with one degree of freedom is the two-sided normal', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 37, noNaN: true }), (z) => {
        relative(chiSquareUpperTail(z * z, 1), 2 * normalUpperTail(z))
      }),
    )
  })

  test('refuses what it is not defined for', () => {
    for (const [x, df] of [
      [-1, 1],
      [1, 0],
      [Number.NaN, 1],
    ] as const)
      expect(() => chiSquareUpperTail(x, df)).toThrow(RangeError)
  })
})

describe('Student’s t', () => {
  test.each([
    [1.96, 1, 0.3003428917760331],
    [30, 2, 0.0011092626819596588],
    [2.5, 3.7, 0.07182202291182677],
    [10, 10, 1.5895531755964119e-6],
    [5, 30, 2.3296685467007796e-5],
    [1e-8, 100, 0.9999999920410763],
    [1.96, 12345.6, 0.05001825152430053],
    [2.5, 1e6, 0.012419489502163246],
  ])('two-sided p of %d with %d degrees of freedom', (t, df, reference) => {
    relative(studentTwoSidedP(t, df), reference)
    relative(studentTwoSidedP(-t, df), reference)
  })

  test.each([
    [1e-12, 0.5, -1.02849115631634e23],
    [0.025, 1, -12.706204736174705],
    [0.01, 2, -6.964556734283274],
    [0.05, 3.7, -2.182493803914602],
    [0.051, 3.7, -2.163973008251218],
    [0.4999, 10, -0.00025699780660494995],
    [0.975, 30, 2.042272456301238],
    [1e-5, 100, -4.478426902992736],
    [0.3, 12345.6, -0.5244140523956266],
  ])('quantile of %d with %d degrees of freedom', (p, df, reference) => relative(studentQuantile(p, df), reference))

  test('becomes the normal', () => {
    relative(studentTwoSidedP(2, Infinity), 2 * normalUpperTail(2))
    expect(studentTwoSidedP(2, 1e12) / (2 * normalUpperTail(2))).toBeCloseTo(1, 10)
    relative(studentQuantile(0.975, 1e13), normalQuantile(0.975))
  })

  test('the ends', () => {
    expect([studentTwoSidedP(0, 5), studentTwoSidedP(Infinity, 5), studentTwoSidedP(1e300, 5)]).toEqual([1, 0, 0])
    expect(studentQuantile(0.5, 3)).toBe(0)
    expect(() => studentTwoSidedP(1, 0)).toThrow(RangeError)
    expect(() => studentTwoSidedP(Number.NaN, 1)).toThrow(RangeError)
    for (const p of [0, 1, Number.NaN]) expect(() => studentQuantile(p, 5)).toThrow(RangeError)
  })

  test('two-sided p undoes quantile', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-12, max: 0.4999, noNaN: true }),
        fc.double({ min: 0.3, max: 1e6, noNaN: true }),
        (p, df) => {
          expect(studentTwoSidedP(studentQuantile(p, df), df) / (2 * p)).toBeCloseTo(1, 9)
        },
      ),
    )
  })
})
