import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stratifiedFolds } from '../../../nodes/lib/folds.ts'

const count = (folds: Int32Array, k: number, keep: (row: number) => boolean) => {
  const counts = Array.from({ length: k }, () => 0)
  folds.forEach((fold, row) => {
    if (keep(row)) counts[fold]!++
  })
  return counts
}

describe('stratifiedFolds', () => {
  test('spreads rows and every class evenly', () => {
    const problems = fc
      .array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 300 })
      .chain((labels) =>
        fc.record({ labels: fc.constant(labels), k: fc.integer({ min: 2, max: Math.min(10, labels.length) }) }),
      )
    fc.assert(
      fc.property(problems, fc.integer(), ({ labels, k }, seed) => {
        const folds = stratifiedFolds(labels, k, seed)
        expect(folds.length).toBe(labels.length)
        for (const keep of [() => true, ...[0, 1, 2].map((label) => (row: number) => labels[row] === label)]) {
          const counts = count(folds, k, keep)
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  test('is the same for the same seed and another for another', () => {
    const labels = Uint8Array.from({ length: 1000 }, (_, i) => (i % 7 === 0 ? 1 : 0))
    expect(stratifiedFolds(labels, 5, 1)).toEqual(stratifiedFolds(labels, 5, 1))
    expect(stratifiedFolds(labels, 5, 1)).not.toEqual(stratifiedFolds(labels, 5, 2))
    // Neighbours do not go round in turn.
    expect(new Set(stratifiedFolds(labels, 5, 1).slice(1, 7)).size).toBeLessThan(6)
  })

  test('refuses more folds than rows', () => {
    for (const k of [1, 0, 4, 2.5, Number.NaN]) expect(() => stratifiedFolds([0, 1, 1], k, 1)).toThrow(RangeError)
    expect([...stratifiedFolds([0, 1, 1], 3, 1)].sort()).toEqual([0, 1, 2])
  })
})
