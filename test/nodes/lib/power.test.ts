import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minimumDetectableDifference, powerOfProportions, sampleSizeOfProportions } from '../../../nodes/lib/power.ts'

// Reference values: the root of the power function by scipy.optimize.brentq, a way round the formula for n.

describe('sampleSizeOfProportions', () => {
  test.each([
    [0.4, 0.25, { ratio: 1 }, { treated: 152, control: 152 }],
    [0.12, 0.1, { ratio: 4 }, { treated: 9779, control: 2445 }],
    [0.05, 0.1, {}, { treated: 435, control: 435 }],
    [0.05, 0.4, {}, { treated: 22, control: 22 }],
    [0.05, 0.8, {}, { treated: 6, control: 6 }],
    [0.3, 0.2, { ratio: 3, alpha: 0.01, power: 0.95 }, { treated: 1345, control: 449 }],
  ])('%d against %d', (treated, control, options, sizes) => {
    expect(sampleSizeOfProportions(treated, control, options)).toEqual(sizes)
  })

  test('no size shows a difference of nothing', () => {
    expect(sampleSizeOfProportions(0.1, 0.1)).toBeNull()
  })

  test('refuses what is no plan', () => {
    expect(() => sampleSizeOfProportions(1.2, 0.1)).toThrow('between 0 and 1')
    expect(() => sampleSizeOfProportions(0.2, 0.1, { ratio: 0 })).toThrow('ratio')
    expect(() => sampleSizeOfProportions(0.2, 0.1, { power: 80 })).toThrow('power')
    expect(() => sampleSizeOfProportions(0.2, 0.1, { alpha: 0 })).toThrow('alpha')
  })

  test('is just enough', () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true })
    fc.assert(
      fc.property(share, share, fc.double({ min: 0.2, max: 20, noNaN: true }), (a, b, ratio) => {
        fc.pre(Math.abs(a - b) > 0.005)
        const sizes = sampleSizeOfProportions(a, b, { ratio }) ?? { treated: 0, control: 0 }
        expect(powerOfProportions(a, b, sizes)).toBeGreaterThan(0.79)
        // A tenth fewer customers are too few (of a handful, rounding up may hide it).
        fc.pre(Math.min(sizes.treated, sizes.control) > 50)
        const fewer = { treated: 0.9 * sizes.treated, control: 0.9 * sizes.control }
        expect(powerOfProportions(a, b, fewer)).toBeLessThan(0.8)
      }),
    )
  })
})

describe('powerOfProportions', () => {
  test('by scipy from the formula', () => {
    expect(powerOfProportions(0.12, 0.1, { treated: 3000, control: 1000 })).toBeCloseTo(0.4001064929841336, 10)
    expect(powerOfProportions(0.25, 0.3, { treated: 500, control: 2000, alpha: 0.1 })).toBeCloseTo(
      0.7186459348289973,
      10,
    )
  })

  test('the ends', () => {
    expect(powerOfProportions(0.2, 0.1, { treated: 0, control: 100 })).toBe(0)
    expect(powerOfProportions(1, 0, { treated: 10, control: 10 })).toBe(1)
    expect(powerOfProportions(0, 0, { treated: 10, control: 10 })).toBe(0)
    expect(powerOfProportions(0.1, 0.1, { treated: 500, control: 500 })).toBeCloseTo(0.025, 10)
  })
})

describe('minimumDetectableDifference', () => {
  test('by scipy, up and down', () => {
    const sizes = { treated: 8000, control: 2000 }
    expect(minimumDetectableDifference(0.1, sizes)).toBeCloseTo(0.022227095274258295, 10)
    expect(minimumDetectableDifference(0.1, { ...sizes, alpha: 0.01, power: 0.9, direction: 'down' })).toBeCloseTo(
      0.02670617696203333,
      10,
    )
  })

  test('there is none for groups too small, or where nothing is left to lose', () => {
    expect(minimumDetectableDifference(0.1, { treated: 3, control: 3, direction: 'down' })).toBeNull()
    expect(minimumDetectableDifference(0, { treated: 1000, control: 1000, direction: 'down' })).toBeNull()
    expect(minimumDetectableDifference(1, { treated: 1000, control: 1000 })).toBeNull()
    expect(minimumDetectableDifference(0.1, { treated: 0, control: 1000 })).toBeNull()
  })

  test('has the wanted power, and needs the sizes it was asked for', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
        fc.integer({ min: 100, max: 100_000 }),
        fc.integer({ min: 100, max: 100_000 }),
        fc.constantFrom('up' as const, 'down' as const),
        (base, treated, control, direction) => {
          const difference = minimumDetectableDifference(base, { treated, control, direction })
          fc.pre(difference !== null && difference < 0.99 * (direction === 'up' ? 1 - base : base))
          const share = base + (direction === 'up' ? 1 : -1) * (difference ?? 0)
          expect(powerOfProportions(share, base, { treated, control })).toBeCloseTo(0.8, 6)
        },
      ),
    )
  })
})
