import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rankScores } from '../../../nodes/lib/classification.ts'
import { decileTable, gainsCurve, slices } from '../../../nodes/lib/lift.ts'
import { random } from '../../../nodes/lib/random.ts'
import { labels, probabilities } from './scored.ts'

const scored = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 200 })
  .map((rows) => ({ scores: rows.map(([score]) => score), labels: rows.map(([, label]) => label) }))

describe('decileTable', () => {
  test('of 200 customers, by numpy.array_split of the sorted rows', () => {
    const table = decileTable(rankScores(probabilities, labels))
    expect(table.map(({ n }) => n)).toEqual(Array.from({ length: 10 }, () => 20))
    expect(table.map(({ cases }) => cases)).toEqual([18, 13, 13, 9, 12, 9, 11, 6, 6, 2])
    expect(table[0]?.meanScore).toBeCloseTo(0.8159831149099311, 13)
    expect(table[9]?.meanScore).toBeCloseTo(0.13849849779322287, 13)
    expect(table[1]).toMatchObject({ decile: 2, responseRate: 0.65 })
    expect(table[1]?.lift).toBeCloseTo(0.65 / 0.495, 12)
    expect(table[1]?.cumulativeLift).toBeCloseTo(31 / 40 / 0.495, 12)
    expect(table[1]?.cumulativeCapture).toBeCloseTo(31 / 99, 12)
    expect(table[9]).toMatchObject({ cumulativeLift: 1, cumulativeCapture: 1 })
  })

  test('customers whom the model does not tell apart share their cases', () => {
    const table = decileTable(rankScores([5, 5, 5, 5], [1, 0, 0, 1]), 2)
    expect(table.map(({ n, cases, lift }) => [n, cases, lift])).toEqual([
      [2, 1, 1],
      [2, 1, 1],
    ])
  })

  test('has no more parts than customers, and no lift without cases', () => {
    expect(decileTable(rankScores([3, 2, 1], [1, 0, 0])).map(({ n }) => n)).toEqual([1, 1, 1])
    expect(decileTable(rankScores([2, 1], [0, 0]))[0]).toMatchObject({
      responseRate: 0,
      lift: null,
      cumulativeLift: null,
      cumulativeCapture: null,
    })
    expect(decileTable(rankScores([], []))).toEqual([])
  })

  test('keeps customers and cases, whatever the order of rows', () => {
    fc.assert(
      fc.property(scored, fc.integer({ min: 1, max: 20 }), fc.integer(), ({ scores, labels }, quantiles, seed) => {
        const table = decileTable(rankScores(scores, labels), quantiles)
        const sizes = table.map(({ n }) => n)
        expect(sizes.reduce((a, b) => a + b, 0)).toBe(scores.length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
        const cases = labels.reduce((a, b) => a + b, 0)
        expect(table.reduce((sum, row) => sum + row.cases, 0)).toBeCloseTo(cases, 9)
        if (cases > 0) expect(table.at(-1)).toMatchObject({ cumulativeLift: 1, cumulativeCapture: 1 })
        const order = random(seed).shuffle(Int32Array.from(scores, (_, i) => i))
        const shuffled = (values: number[]) => Array.from(order, (i) => values[i] ?? 0)
        expect(decileTable(rankScores(shuffled(scores), shuffled(labels)), quantiles)).toEqual(table)
      }),
    )
  })

  test('mean scores fall from slice to slice', () => {
    fc.assert(
      fc.property(scored, ({ scores, labels }) => {
        const means = slices(rankScores(scores, labels), 7).map(({ meanScore }) => meanScore)
        means.forEach((mean, i) => {
          expect(mean).toBeLessThanOrEqual((means[i - 1] ?? Infinity) + 1e-12)
        })
      }),
    )
  })
})

describe('gainsCurve', () => {
  test('rises from nothing to everything', () => {
    const points = gainsCurve(rankScores(probabilities, labels))
    expect(points.length).toBe(101)
    expect(points[0]).toEqual({ share: 0, capture: 0 })
    expect(points[20]?.share).toBeCloseTo(0.2, 12)
    expect(points[20]?.capture).toBeCloseTo(31 / 99, 12)
    expect(points[100]).toEqual({ share: 1, capture: 1 })
  })

  test('is the diagonal for a model that knows nothing, and nothing without cases', () => {
    for (const { share, capture } of gainsCurve(rankScores(new Float64Array(50), labels.slice(0, 50)), 10))
      expect(capture).toBeCloseTo(share, 12)
    expect(gainsCurve(rankScores([1, 2], [0, 0]))).toEqual([])
    expect(gainsCurve(rankScores([], []))).toEqual([])
  })
})
