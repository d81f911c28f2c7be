import { describe, expect, test } from 'vitest'
import { gramStride, weightedGram } from '../../../nodes/lib/gram.ts'
import { random } from '../../../nodes/lib/random.ts'

describe('weightedGram', () => {
  // Rows around the size of a block, widths around that of a tile.
  test.each([0, 1, 2, 3, 4, 6, 7, 12])('is the plain sum of products for %d columns', (width) => {
    const { normal, uniform } = random(width)
    for (const rows of [1, 127, 128, 129, 300]) {
      const x = new Float64Array(rows * width).map(normal)
      const weights = new Float64Array(rows).map(uniform)
      const gram = weightedGram(x, width, weights)
      const value = (row: number, j: number) => (j === 0 ? 1 : (x[row * width + j - 1] ?? Number.NaN))
      for (let i = 0; i <= width; i++)
        for (let j = 0; j <= i; j++) {
          const sum = weights.reduce((all, weight, row) => all + weight * value(row, i) * value(row, j), 0)
          expect(gram[i * gramStride(width) + j]).toBeCloseTo(sum, 10)
        }
    }
  })

  test('takes single precision', () => {
    const x = Float32Array.of(1, 2, 3, 4)
    expect(weightedGram(x, 2, Float64Array.of(1, 2))).toEqual(
      weightedGram(Float64Array.from(x), 2, Float64Array.of(1, 2)),
    )
  })
})
