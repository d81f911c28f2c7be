import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Clustering, kMeans, renumber } from '../../../nodes/lib/kmeans.ts'
import { random } from '../../../nodes/lib/random.ts'
import { fourGroups } from './points.ts'

const distance = (x: Float64Array, row: number, { centroids, width }: Clustering, c: number) => {
  let sum = 0
  for (let j = 0; j < width; j++) sum += ((x[row * width + j] ?? 0) - (centroids[c * width + j] ?? 0)) ** 2
  return sum
}

// Everything that holds of any clustering: rows at their nearest centroid, sizes and inertia as counted anew.
const checkClustering = (x: Float64Array, result: Clustering) => {
  const { k, width, sizes, assignments } = result
  const rows = x.length / width
  expect(assignments.length).toBe(rows)
  expect(result.centroids.length).toBe(k * width)
  const counted = new Int32Array(k)
  let inertia = 0
  for (let row = 0; row < rows; row++) {
    const own = assignments[row] ?? -1
    counted[own]!++
    const nearest = Math.min(...Array.from({ length: k }, (_, c) => distance(x, row, result, c)))
    expect(distance(x, row, result, own)).toBeCloseTo(nearest, 9)
    inertia += nearest
  }
  expect([...counted]).toEqual([...sizes])
  expect(Math.min(...sizes)).toBeGreaterThan(0)
  expect([...sizes]).toEqual([...sizes].sort((a, b) => b - a))
  expect(result.inertia).toBeCloseTo(inertia, 6)
}

const points = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    x: fc
      .array(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 40,
      })
      .map((rows) => Float64Array.from(rows.flat())),
  }),
)

describe('kMeans', () => {
  // sklearn.cluster.KMeans(n_init=50, tol=0).
  test.each([
    [2, 500.32132763856396, [100, 100]],
    [3, 268.7933214127923, [100, 50, 50]],
    [4, 49.91231795083695, [50, 50, 50, 50]],
    [5, 44.594356134794765, [50, 50, 50, 25, 25]],
  ])('four groups in %d clusters', (k, inertia, sizes) => {
    const result = kMeans(fourGroups, 2, { k, seed: 1, restarts: 20 })
    expect(result.inertia).toBeCloseTo(inertia, 8)
    expect([...result.sizes]).toEqual(sizes)
    expect(result.converged).toBe(true)
    checkClustering(fourGroups, result)
  })

  test('is the same for the same seed', () => {
    const run = (seed: number) => kMeans(fourGroups, 2, { k: 5, seed, restarts: 1 })
    expect(run(3)).toEqual(run(3))
    expect(new Set(Array.from({ length: 10 }, (_, seed) => run(seed).inertia)).size).toBeGreaterThan(1)
  })

  test('always ends at a true clustering', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 9 }), fc.integer(), ({ x, width }, k, seed) => {
        const result = kMeans(x, width, { k, seed, restarts: 2 })
        checkClustering(x, result)
        expect(result.k).toBeLessThanOrEqual(k)
      }),
    )
  })

  test('more restarts are never worse', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 2, max: 6 }), fc.integer(), ({ x, width }, k, seed) => {
        let before = Infinity
        for (const restarts of [1, 2, 4, 8]) {
          const { inertia } = kMeans(x, width, { k, seed, restarts })
          expect(inertia).toBeLessThanOrEqual(before)
          before = inertia
        }
      }),
    )
  })

  test('no step of Lloyd’s makes it worse, and the bounds skip no row they should not', () => {
    const { normal } = random(8)
    for (const width of [1, 3, 8]) {
      const x = new Float64Array(500 * width).map(normal)
      let before = Infinity
      for (let maxIterations = 1; maxIterations < 40; maxIterations += 3) {
        const result = kMeans(x, width, { k: 7, seed: 2, restarts: 1, maxIterations, tolerance: 0 })
        checkClustering(x, result)
        expect(result.inertia).toBeLessThanOrEqual(before + 1e-9)
        before = result.inertia
      }
    }
  })

  test('a converged clustering has its centroids at the means of their rows', () => {
    const { normal } = random(9)
    const x = new Float64Array(2000 * 3).map(normal)
    const result = kMeans(x, 3, { k: 6, seed: 2, restarts: 1, maxIterations: 1000, tolerance: 0 })
    expect(result.converged).toBe(true)
    for (let c = 0; c < 6; c++)
      for (let j = 0; j < 3; j++) {
        const sum = result.assignments.reduce((all, own, row) => (own === c ? all + (x[row * 3 + j] ?? 0) : all), 0)
        expect(sum / (result.sizes[c] ?? 0)).toBeCloseTo(result.centroids[c * 3 + j] ?? Number.NaN, 10)
      }
  })

  test('finds as many clusters as there are different rows', () => {
    const same = kMeans(new Float64Array(20).fill(3), 2, { k: 4, seed: 1 })
    expect([same.k, same.inertia, [...same.sizes], [...same.centroids]]).toEqual([1, 0, [10], [3, 3]])
    const two = kMeans(Float64Array.of(1, 5, 1, 5, 1), 1, { k: 3, seed: 1 })
    expect([two.k, two.inertia, [...two.sizes], [...two.centroids]]).toEqual([2, 0, [3, 2], [1, 5]])
    const one = kMeans(Float64Array.of(7), 1, { k: 1, seed: 1 })
    expect([one.k, [...one.assignments], one.inertia]).toEqual([1, [0], 0])
  })

  test('numbers clusters of one size by their centroids', () => {
    for (let seed = 0; seed < 10; seed++)
      expect([...kMeans(Float64Array.of(9, 1, 5), 1, { k: 3, seed }).centroids]).toEqual([1, 5, 9])
  })

  test('one row far away has its own cluster', () => {
    const x = Float64Array.from({ length: 100 }, (_, i) => (i === 50 ? 1e6 : Math.sin(i)))
    const { assignments, sizes } = kMeans(x, 1, { k: 2, seed: 1 })
    expect([...sizes]).toEqual([99, 1])
    expect(assignments[50]).toBe(1)
  })

  test('starts on a sample of many rows as on all: one per row of four far groups', () => {
    const { normal } = random(4)
    const rows = 30_000
    const x = Float64Array.from({ length: 2 * rows }, (_, i) => {
      const group = Math.floor(i / 2) % 4
      return normal() + (i % 2 === 0 ? 20 * (group % 2) : 20 * Math.floor(group / 2))
    })
    const result = kMeans(x, 2, { k: 4, seed: 1 })
    expect([...result.sizes]).toEqual([7500, 7500, 7500, 7500])
    expect(new Set([0, 1, 2, 3].map((row) => result.assignments[row])).size).toBe(4)
    expect(result.assignments.every((own, row) => own === result.assignments[row % 4])).toBe(true)
    expect(kMeans(x, 2, { k: 4, seed: 1 })).toEqual(result)
  })

  test('a sample that lacks the one row that differs does not lose its cluster', () => {
    const x = new Float64Array(30_000)
    for (const odd of [0, 12_345, 29_999]) {
      x.fill(1)
      x[odd] = 5
      const { k, sizes, assignments } = kMeans(x, 1, { k: 2, seed: 1 })
      expect([k, ...sizes, assignments[odd]]).toEqual([2, 29_999, 1, 1])
    }
  })

  test('refuses what it cannot cluster', () => {
    expect(() => kMeans(new Float64Array(0), 2, { k: 1, seed: 1 })).toThrow('at least one row')
    expect(() => kMeans(Float64Array.of(1, 2, 3), 2, { k: 1, seed: 1 })).toThrow('at least one row of 2')
    expect(() => kMeans(Float64Array.of(1, 2, 3, Number.NaN), 2, { k: 1, seed: 1 })).toThrow('Row 1, column 1 is NaN')
    for (const k of [0, 1.5, -1, Number.NaN])
      expect(() => kMeans(fourGroups, 2, { k, seed: 1 })).toThrow('whole numbers')
  })
})

describe('renumber', () => {
  test('gives the clusters a wanted order', () => {
    const result = kMeans(Float64Array.of(1, 1, 1, 8, 8, 4), 1, { k: 3, seed: 1 })
    expect([...result.centroids]).toEqual([1, 8, 4])
    const byCentroid = renumber(result, [0, 2, 1])
    expect([...byCentroid.centroids]).toEqual([1, 4, 8])
    expect([...byCentroid.sizes]).toEqual([3, 1, 2])
    expect([...byCentroid.assignments]).toEqual([0, 0, 0, 2, 2, 1])
    expect(byCentroid.inertia).toBe(result.inertia)
    for (const order of [
      [0, 1],
      [0, 1, 1],
      [0, 1, 2, 3],
      [0, 1, 5],
    ])
      expect(() => renumber(result, order)).toThrow(RangeError)
  })
})
