import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cholesky, inverseDiagonal, solve } from '../../../nodes/lib/cholesky.ts'

describe('cholesky', () => {
  test('solves, whatever the units', () => {
    // [[4, 2, 2], [2, 5, 3], [2, 3, 6]] · [1, -2, 3] = [6, 1, 14], row and column scaled by 1, 1e6 and 1e-6.
    const scale = [1, 1e6, 1e-6]
    const matrix = Float64Array.from([4, 2, 2, 2, 5, 3, 2, 3, 6], (value, i) => {
      return value * (scale[Math.floor(i / 3)] ?? 0) * (scale[i % 3] ?? 0)
    })
    const factor = cholesky(matrix, 3)
    const x = solve(
      factor,
      Float64Array.from([6, 1, 14], (value, i) => value * (scale[i] ?? 0)),
    )
    expect(Array.from(x, (value, i) => value * (scale[i] ?? 0))).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(-2, 12),
      expect.closeTo(3, 12),
    ])
    expect(factor.dependent).toEqual([])
    // The inverse is [[21, -6, -4], [-6, 20, -8], [-4, -8, 16]] / 64.
    const diagonal = Array.from(inverseDiagonal(factor), (value, i) => value * (scale[i] ?? 0) ** 2 * 64)
    expect(diagonal).toEqual([expect.closeTo(21, 10), expect.closeTo(20, 10), expect.closeTo(16, 10)])
  })

  test('finds rows that depend on earlier ones and leaves them out', () => {
    // The third is the sum of the first two, the fourth nothing.
    const factor = cholesky(Float64Array.of(2, 1, 3, 0, 1, 2, 3, 0, 3, 3, 6, 0, 0, 0, 0, 0), 4)
    expect(factor.dependent).toEqual([2, 3])
    expect([...solve(factor, Float64Array.of(3, 3, 6, 0))]).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(1, 12),
      expect.closeTo(0, 300),
      expect.closeTo(0, 300),
    ])
    expect([...inverseDiagonal(factor)].slice(2)).toEqual([0, 0])
  })

  test('undoes the product with a random positive definite matrix', () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 16, maxLength: 16 }),
        fc.array(number, { minLength: 4, maxLength: 4 }),
        (a, x) => {
          const at = (i: number, j: number) => a[i * 4 + j] ?? 0
          const matrix = new Float64Array(16).map((_, p) => {
            const [i, j] = [Math.floor(p / 4), p % 4]
            return [0, 1, 2, 3].reduce((sum, k) => sum + at(i, k) * at(j, k), i === j ? 1 : 0)
          })
          const b = new Float64Array(4).map((_, i) =>
            x.reduce((sum, value, j) => sum + value * (matrix[i * 4 + j] ?? 0), 0),
          )
          solve(cholesky(matrix, 4), b).forEach((value, i) => {
            expect(value).toBeCloseTo(x[i] ?? 0, 6)
          })
        },
      ),
    )
  })
})
