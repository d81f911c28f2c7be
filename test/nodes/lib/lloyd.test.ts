import { describe, expect, test } from 'vitest'
import { descend, squaredDistance } from '../../../nodes/lib/lloyd.ts'
import { fourGroups } from './points.ts'

const limits = { maxIterations: 50, tolerance: 0 }

describe('descend', () => {
  test('a centroid without rows starts again on the row farthest away', () => {
    // The third is far from everything: it must not stay there.
    const x = Float64Array.of(0, 1, 10, 11, 30)
    const result = descend(x, 1, Float64Array.of(0, 10, 1000), limits)
    expect([...result.centroids]).toEqual([0.5, 10.5, 30])
    expect([...result.assignments]).toEqual([0, 0, 1, 1, 2])
    expect(result.inertia).toBe(1)
  })

  test('two centroids without rows start again on two rows', () => {
    const result = descend(Float64Array.of(0, 1, 20, 50), 1, Float64Array.of(0.5, 1000, 2000), limits)
    expect([...result.centroids].sort((a, b) => a - b)).toEqual([0.5, 20, 50])
  })

  test('one that no row needs is left where it is', () => {
    const result = descend(Float64Array.of(2, 2, 5), 1, Float64Array.of(2, 5, 9), limits)
    expect(result).toMatchObject({ inertia: 0, converged: true })
    expect([...result.assignments]).toEqual([0, 0, 1])
  })

  test('takes the first of equally near centroids', () => {
    const result = descend(Float64Array.of(1, 3, 2), 1, Float64Array.of(1, 3), {
      maxIterations: 1,
      tolerance: Infinity,
    })
    expect(result.iterations).toBe(1)
    expect([...result.assignments]).toEqual([0, 1, 0])
  })

  test('leaves the start as it was', () => {
    const start = fourGroups.slice(0, 8)
    descend(fourGroups, 2, start, limits)
    expect(start).toEqual(fourGroups.slice(0, 8))
  })
})

describe('squaredDistance', () => {
  test('takes rows by where they start', () => {
    expect(squaredDistance(Float64Array.of(9, 1, 2), 1, Float64Array.of(4, 6), 0, 2)).toBe(25)
  })
})
