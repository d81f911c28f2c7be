import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kMeans } from '../../../nodes/lib/kmeans.ts'
import { random } from '../../../nodes/lib/random.ts'
import { chooseClusters, silhouette } from '../../../nodes/lib/silhouette.ts'
import { fourGroups } from './points.ts'

describe('silhouette', () => {
  test('by hand', () => {
    // Of 0 and 1 against 4 and 6: (5 − 1)/5, (4 − 1)/4, (3.5 − 2)/3.5, (5.5 − 2)/5.5.
    const clustering = { width: 1, k: 2, assignments: Int32Array.of(0, 0, 1, 1) }
    expect(silhouette(Float64Array.of(0, 1, 4, 6), clustering, 1)).toBeCloseTo(
      (4 / 5 + 3 / 4 + 1.5 / 3.5 + 3.5 / 5.5) / 4,
      14,
    )
  })

  // sklearn.metrics.silhouette_score
  test.each([
    [2, 0.49133705109059095],
    [3, 0.5878142302384074],
    [4, 0.7693309996692449],
    [5, 0.6702845378123616],
  ])('four groups in %d clusters', (k, reference) => {
    const clustering = kMeans(fourGroups, 2, { k, seed: 1, restarts: 20 })
    expect(silhouette(fourGroups, clustering, 1)).toBeCloseTo(reference, 10)
  })

  test('a row alone in its cluster counts nothing, and one cluster has none', () => {
    expect(
      silhouette(Float64Array.of(0, 0, 9), { width: 1, k: 2, assignments: Int32Array.of(0, 0, 1) }, 1),
    ).toBeCloseTo(2 / 3, 14)
    expect(silhouette(Float64Array.of(0, 0, 9), { width: 1, k: 1, assignments: new Int32Array(3) }, 1)).toBeNull()
    expect(silhouette(Float64Array.of(5, 5), { width: 1, k: 2, assignments: Int32Array.of(0, 1) }, 1)).toBe(0)
  })

  test('of many rows is that of a sample, the same for the same seed', () => {
    const { normal, integer } = random(1)
    const group = Int32Array.from({ length: 20_000 }, () => integer(3))
    const x = Float64Array.from(group, (own) => own * 6 + normal())
    const clustering = { width: 1, k: 3, assignments: group }
    const value = silhouette(x, clustering, 1)
    expect(silhouette(x, clustering, 1)).toBe(value)
    expect(silhouette(x, clustering, 2)).not.toBe(value)
    // The same of the first 2,000 rows, which are as random as any.
    const exact = silhouette(x.slice(0, 2000), { width: 1, k: 3, assignments: group.slice(0, 2000) }, 1)
    expect(Math.abs((value ?? 0) - (exact ?? 1))).toBeLessThan(0.02)
  })

  test('lies between −1 and 1 and does not change with the scale', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 2 })), {
      minLength: 2,
      maxLength: 30,
    })
    fc.assert(
      fc.property(rows, (pairs) => {
        const x = Float64Array.from(pairs, ([value]) => value)
        const clustering = { width: 1, k: 3, assignments: Int32Array.from(pairs, ([, own]) => own) }
        const value = silhouette(x, clustering, 1)
        fc.pre(value !== null)
        expect(Math.abs(value ?? 2)).toBeLessThanOrEqual(1)
        expect(
          silhouette(
            x.map((v) => 100 * v + 5),
            clustering,
            1,
          ),
        ).toBeCloseTo(value ?? 2, 10)
      }),
    )
  })
})

describe('chooseClusters', () => {
  test('finds the four groups', () => {
    const { clustering, candidates } = chooseClusters(fourGroups, 2, { from: 2, to: 6, seed: 1 })
    expect(clustering.k).toBe(4)
    expect(candidates.map(({ k }) => k)).toEqual([2, 3, 4, 5, 6])
    expect(candidates[2]?.silhouette).toBeCloseTo(0.7693309996692449, 10)
  })

  test('stops at the number of different rows', () => {
    const { clustering, candidates } = chooseClusters(Float64Array.of(1, 1, 5, 5, 9), 1, { from: 2, to: 6, seed: 1 })
    expect(candidates.map(({ k }) => k)).toEqual([2, 3])
    expect(clustering.k).toBe(3)
    const same = chooseClusters(new Float64Array(10), 1, { from: 3, to: 6, seed: 1 })
    expect([same.clustering.k, same.candidates]).toEqual([1, [{ k: 1, inertia: 0, silhouette: null }]])
  })

  test('refuses a range that is none', () => {
    for (const [from, to] of [
      [1, 4],
      [4, 3],
      [Number.NaN, 3],
    ] as const)
      expect(() => chooseClusters(fourGroups, 2, { from, to, seed: 1 })).toThrow('2 ≤ from ≤ to')
  })
})
