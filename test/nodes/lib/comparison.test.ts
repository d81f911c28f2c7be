import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareMeans, compareProportions, scaleUp, wilsonInterval } from '../../../nodes/lib/comparison.ts'
import { contingency } from '../../../nodes/lib/contingency.ts'
import { random } from '../../../nodes/lib/random.ts'

const rounded = (interval: readonly number[] | undefined) => interval?.map((end) => Number(end.toFixed(4)))

describe('compareProportions', () => {
  // Newcombe 1998, Statistics in Medicine 17, table II, the intervals of method 10.
  test.each([
    [56, 70, 48, 80, [0.0524, 0.3339]],
    [9, 10, 3, 10, [0.1705, 0.809]],
    [6, 7, 2, 7, [0.0582, 0.8062]],
    [5, 56, 0, 29, [-0.0381, 0.1926]],
    [0, 10, 0, 20, [-0.1611, 0.2775]],
    [0, 10, 0, 10, [-0.2775, 0.2775]],
    [10, 10, 0, 20, [0.6791, 1]],
    [10, 10, 0, 10, [0.6075, 1]],
  ])('%d of %d against %d of %d', (cases, n, otherCases, otherN, interval) => {
    const comparison = compareProportions({ n, cases }, { n: otherN, cases: otherCases })
    expect(rounded(comparison.interval)).toEqual(interval)
    expect(comparison.difference).toBeCloseTo(cases / n - otherCases / otherN, 14)
    expect(comparison.p).toBeGreaterThanOrEqual(0)
  })

  test('p is that of the pooled z test, which is χ²', () => {
    // scipy.stats: 2 norm.sf(|d| / error).
    const comparison = compareProportions({ n: 70, cases: 56 }, { n: 80, cases: 48 })
    expect(comparison.p).toBeCloseTo(0.00804508136819656, 12)
    expect(comparison.p).toBeCloseTo(
      contingency([
        [56, 14],
        [48, 32],
      ]).p,
      12,
    )
    expect(comparison.few).toBe(false)
    expect(comparison.relative).toBeCloseTo(0.2 / 0.6, 12)
  })

  test('says where there are few cases', () => {
    expect(compareProportions({ n: 1000, cases: 6 }, { n: 1000, cases: 2 }).few).toBe(true)
    expect(compareProportions({ n: 1000, cases: 995 }, { n: 1000, cases: 998 }).few).toBe(true)
    expect(compareProportions({ n: 1000, cases: 6 }, { n: 1000, cases: 5 }).few).toBe(false)
  })

  test('without cases, and without customers, nothing is NaN', () => {
    const none = compareProportions({ n: 10, cases: 0 }, { n: 20, cases: 0 })
    expect([none.difference, none.p, none.relative]).toEqual([0, 1, null])
    expect(compareProportions({ n: 0, cases: 0 }, { n: 20, cases: 5 })).toEqual({
      treated: null,
      control: 0.25,
      difference: null,
      interval: undefined,
      p: null,
      relative: null,
      few: true,
    })
    expect(compareProportions({ n: 20, cases: 5 }, { n: 0, cases: 0 }).control).toBeNull()
  })

  test('refuses impossible groups', () => {
    for (const group of [
      { n: 5, cases: 6 },
      { n: 5, cases: -1 },
      { n: -1, cases: -2 },
      { n: Number.NaN, cases: 0 },
    ])
      expect(() => compareProportions(group, { n: 5, cases: 1 })).toThrow(RangeError)
    expect(() => compareProportions({ n: 5, cases: 1 }, { n: 5, cases: 1 }, 95)).toThrow('confidence')
  })

  const groups = fc.integer({ min: 1, max: 5000 }).chain((n) => fc.record({ n: fc.constant(n), cases: fc.nat(n) }))

  test('the interval holds the difference, lies within ±1 and mirrors when groups change places', () => {
    fc.assert(
      fc.property(groups, groups, (a, b) => {
        const [ab, ba] = [compareProportions(a, b), compareProportions(b, a)]
        const [lower, upper] = ab.interval ?? [Number.NaN, Number.NaN]
        expect(lower).toBeGreaterThanOrEqual(-1)
        expect(upper).toBeLessThanOrEqual(1)
        expect(lower).toBeLessThanOrEqual((ab.difference ?? Number.NaN) + 1e-15)
        expect(upper).toBeGreaterThanOrEqual((ab.difference ?? Number.NaN) - 1e-15)
        expect(-(ba.interval?.[1] ?? Number.NaN)).toBeCloseTo(lower, 12)
        expect(ba.p).toBeCloseTo(ab.p ?? Number.NaN, 12)
        expect(ab.p).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('the interval covers the true difference about as often as it says', () => {
    const source = random(11)
    const draw = (n: number, share: number) => {
      let cases = 0
      for (let i = 0; i < n; i++) if (source.uniform() < share) cases++
      return { n, cases }
    }
    let covered = 0
    for (let i = 0; i < 4000; i++) {
      const [lower, upper] = compareProportions(draw(300, 0.2), draw(100, 0.3)).interval ?? [1, 1]
      if (lower <= -0.1 && -0.1 <= upper) covered++
    }
    // Standard error 0.0034.
    expect(covered / 4000).toBeGreaterThan(0.938)
    expect(covered / 4000).toBeLessThan(0.966)
  })
})

describe('wilsonInterval', () => {
  test('81 of 263 and 0 of 20, as in Newcombe 1998, Statistics in Medicine 17, 857–872, table I, method 3', () => {
    expect(rounded(wilsonInterval({ n: 263, cases: 81 }))).toEqual([0.2553, 0.3662])
    expect(rounded(wilsonInterval({ n: 148, cases: 15 }))).toEqual([0.0624, 0.1605])
    expect(rounded(wilsonInterval({ n: 20, cases: 0 }))).toEqual([0, 0.1611])
    expect(rounded(wilsonInterval({ n: 29, cases: 1 }))).toEqual([0.0061, 0.1718])
  })

  test('ends exactly at 0 and 1, and nowhere for no customers', () => {
    expect(wilsonInterval({ n: 7, cases: 0 })?.[0]).toBe(0)
    expect(wilsonInterval({ n: 7, cases: 7 })?.[1]).toBe(1)
    expect(wilsonInterval({ n: 0, cases: 0 })).toBeUndefined()
  })
})

describe('compareMeans', () => {
  const treated = { n: 15, mean: 20.82, variance: 7.867428571428571 }
  const control = { n: 15, mean: 23.65333333333333, variance: 6.926952380952382 }

  test('two samples of 15, by scipy.stats.ttest_ind(equal_var=False)', () => {
    const comparison = compareMeans(treated, control)
    expect(comparison.p).toBeCloseTo(0.008071938172194901, 12)
    expect(comparison.difference).toBeCloseTo(-2.83333333333333, 12)
    expect(comparison.interval?.[0]).toBeCloseTo(-4.868022741791965, 9)
    expect(comparison.interval?.[1]).toBeCloseTo(-0.7986439248746993, 9)
    expect(comparison.relative).toBeCloseTo(-0.11978579481397968, 12)
    expect(comparison.few).toBe(true)
  })

  test('groups of one size and variance have the degrees of freedom of the plain t test', () => {
    const group = { n: 40, mean: 1, variance: 4 }
    // By mpmath: the 97.5 % point of t with 78 degrees of freedom, times √(4/40 + 4/40).
    expect(compareMeans(group, { ...group, mean: 0 }).interval?.[1]).toBeCloseTo(1 + 0.8903338757338285, 11)
  })

  test('a confidence of 99 % is wider', () => {
    const [lower95, upper95] = compareMeans(treated, control).interval ?? [0, 0]
    const [lower99, upper99] = compareMeans(treated, control, 0.99).interval ?? [0, 0]
    expect(lower99).toBeLessThan(lower95)
    expect(upper99).toBeGreaterThan(upper95)
  })

  test('does not judge where there is no spread to judge by', () => {
    const nothing = { interval: undefined, p: null, few: true }
    expect(compareMeans({ n: 1, mean: 5, variance: Number.NaN }, control)).toMatchObject({ ...nothing, treated: 5 })
    expect(compareMeans({ n: 0, mean: Number.NaN, variance: Number.NaN }, control)).toMatchObject({
      ...nothing,
      treated: null,
      difference: null,
      relative: null,
    })
    const still = { n: 50, mean: 0, variance: 0 }
    expect(compareMeans(still, still)).toMatchObject({ ...nothing, difference: 0, relative: null })
    expect(compareMeans({ n: 50, mean: 1, variance: 1 }, still).p).toBeLessThan(1e-6)
  })

  test('refuses what is no group', () => {
    for (const group of [
      { n: 5, mean: Number.NaN, variance: 1 },
      { n: 5, mean: 1, variance: -1 },
      { n: 5, mean: 1, variance: Number.NaN },
      { n: 1.5, mean: 1, variance: 1 },
    ])
      expect(() => compareMeans(group, control)).toThrow(RangeError)
  })

  test('moves with the unit: in cents everything but p is a hundred times larger', () => {
    const group = fc.record({
      n: fc.integer({ min: 2, max: 10_000 }),
      mean: fc.double({ min: -1000, max: 1000, noNaN: true }),
      variance: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    })
    fc.assert(
      fc.property(group, group, (a, b) => {
        const cents = (g: typeof a) => ({ n: g.n, mean: g.mean * 100, variance: g.variance * 10_000 })
        const [euros, hundred] = [compareMeans(a, b), compareMeans(cents(a), cents(b))]
        expect(hundred.p).toBeCloseTo(euros.p ?? Number.NaN, 9)
        const width = (euros.interval?.[1] ?? Number.NaN) - (euros.interval?.[0] ?? Number.NaN)
        expect(((hundred.interval?.[1] ?? 0) - (hundred.interval?.[0] ?? 0)) / (100 * width)).toBeCloseTo(1, 9)
      }),
    )
  })
})

describe('scaleUp', () => {
  test('gives the total over the customers treated', () => {
    const total = scaleUp(compareProportions({ n: 70, cases: 56 }, { n: 80, cases: 48 }), 1000)
    expect(total.value).toBeCloseTo(200, 9)
    expect(total.interval?.map(Math.round)).toEqual([52, 334])
    expect(scaleUp(compareProportions({ n: 0, cases: 0 }, { n: 80, cases: 48 }), 0)).toEqual({
      value: null,
      interval: undefined,
    })
  })
})
