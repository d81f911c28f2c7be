/** A Cholesky factor of a symmetric matrix scaled to a unit diagonal: matrix ≈ S L Lᵀ S. */
export interface Factor {
  readonly size: number
  /** L, row-major size × size, lower triangle. */
  readonly lower: Float64Array
  /** The diagonal of S. */
  readonly scale: Float64Array
  /** Rows that are, to working accuracy, combinations of earlier ones; `solve` gives 0 for them. */
  readonly dependent: readonly number[]
}

// What is left of a unit diagonal after the earlier rows are accounted for. Exact copies leave about 1e-13 in a
// matrix summed over a million rows; a column of calendar years beside an intercept leaves 1e-7.
const leastPivot = 1e-10

// Squares below this have lost their digits: such a column counts as nothing but zeros.
const leastScale = 1e-140

/**
 * Factors the positive semidefinite matrix whose lower triangle lies in `matrix`, row-major with `stride` numbers a
 * row. Golub & Van Loan 2013, Matrix Computations, 4th ed., section 4.2; scaling by the diagonal makes the test for
 * dependence independent of the columns' units.
 */
export const cholesky = (matrix: Float64Array, size: number, stride = size): Factor => {
  const lower = new Float64Array(size * size)
  const scale = new Float64Array(size)
  const dependent: number[] = []
  for (let i = 0; i < size; i++) {
    const diagonal = Math.sqrt(matrix[i * stride + i]!)
    scale[i] = diagonal > leastScale ? diagonal : 1
    for (let j = 0; j <= i; j++) {
      let left = matrix[i * stride + j]! / scale[i]! / scale[j]!
      for (let k = 0; k < j; k++) left -= lower[i * size + k]! * lower[j * size + k]!
      if (j < i) lower[i * size + j] = left / lower[j * size + j]!
      else if (left > leastPivot) lower[i * size + i] = Math.sqrt(left)
      else {
        // An infinite pivot takes the row out of everything that follows.
        lower[i * size + i] = Number.POSITIVE_INFINITY
        dependent.push(i)
      }
    }
  }
  return { size, lower, scale, dependent }
}

/** Solves matrix · x = b. */
export const solve = ({ size, lower, scale }: Factor, b: Float64Array): Float64Array => {
  const x = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    let left = b[i]! / scale[i]!
    for (let k = 0; k < i; k++) left -= lower[i * size + k]! * x[k]!
    x[i] = left / lower[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i--) {
    let left = x[i]!
    for (let k = i + 1; k < size; k++) left -= lower[k * size + i]! * x[k]!
    x[i] = left / lower[i * size + i]!
  }
  for (let i = 0; i < size; i++) x[i]! /= scale[i]!
  return x
}

/** The diagonal of the inverse matrix; 0 for dependent rows. */
export const inverseDiagonal = (factor: Factor): Float64Array => {
  const result = new Float64Array(factor.size)
  const unit = new Float64Array(factor.size)
  for (let i = 0; i < factor.size; i++) {
    unit[i] = 1
    result[i] = solve(factor, unit)[i]!
    unit[i] = 0
  }
  return result
}
