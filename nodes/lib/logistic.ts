import { type Factor, inverseDiagonal } from './cholesky.ts'
import { factorInformation, newton, type Problem, pointAt, type Search } from './irls.ts'

export interface LogisticOptions {
  /** L2 penalty ½ · ridge · Σ β², not on the intercept; 1 / C of scikit-learn. 0 by default: none. */
  readonly ridge?: number
  /** One per row, from 0 up; 1 by default. Standard errors take them for numbers of customers. */
  readonly weights?: ArrayLike<number>
  readonly maxIterations?: number
}

export interface LogisticFit {
  /**
   * `separated`: some combination of columns tells cases from others without error, so that without a ridge there are
   * no finite coefficients; those given rank rightly but their size means nothing. `not-converged`: the iterations ran
   * out.
   */
  readonly status: Search['status']
  readonly intercept: number
  /** One per column: log odds per unit. */
  readonly coefficients: readonly number[]
  readonly interceptError: number
  /** Of the coefficients, from the inverse information; with a ridge, that of the penalised likelihood. */
  readonly standardErrors: readonly number[]
  readonly iterations: number
  /** −2 ln likelihood, without the penalty. */
  readonly deviance: number
  /** The same of a model with nothing but an intercept. */
  readonly nullDeviance: number
  readonly ridge: number
  /**
   * Columns that are constant or combinations of earlier ones; looked for where there is no ridge. If there are any,
   * the fit adds a penalty of a millionth of the information about each column, which shares an effect among the columns
   * that carry it.
   */
  readonly collinear: readonly number[]
}

const checkRows = (x: ArrayLike<number>, width: number, labels: ArrayLike<number>): void => {
  if (!(Number.isInteger(width) && width >= 0 && x.length === labels.length * width))
    throw new RangeError(`Needs ${labels.length} rows × ${width} columns, got ${x.length} numbers.`)
  for (let i = 0; i < x.length; i++)
    // Also false for NaN. What is larger cannot be squared and summed.
    if (!(Math.abs(x[i]!) <= 1e140))
      throw new RangeError(`Row ${Math.floor(i / width)}, column ${i % width} is ${x[i]}, not a number within ±1e140.`)
}

// The weights as numbers, with the weight of the cases and of all rows.
const checkWeights = (labels: ArrayLike<number>, rowWeights: ArrayLike<number> | undefined) => {
  if (rowWeights && rowWeights.length !== labels.length)
    throw new RangeError(`Needs as many weights as labels, got ${rowWeights.length} and ${labels.length}.`)
  const weights = new Float64Array(labels.length).fill(1)
  let cases = 0
  let all = 0
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]
    if (label !== 0 && label !== 1) throw new RangeError(`A label is 0 or 1, row ${row} has ${label}.`)
    const weight = rowWeights ? rowWeights[row]! : 1
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new RangeError(`A weight is a number from 0 up, row ${row} has ${weight}.`)
    weights[row] = weight
    all += weight
    if (label === 1) cases += weight
  }
  return { weights, cases, all }
}

// Coefficients from every tenth row, for a start so near that the whole takes two or three steps instead of six or
// seven. The penalty keeps it finite whatever those rows lack; a poor start costs steps, not exactness.
const startFromTenth = (problem: Problem, base: Float64Array): Float64Array => {
  const rows = Math.floor(problem.weights.length / 10)
  const { width } = problem
  const x = new Float64Array(rows * width)
  const labels = new Uint8Array(rows)
  const weights = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    labels[row] = problem.labels[row * 10]!
    weights[row] = problem.weights[row * 10]!
    for (let j = 0; j < width; j++) x[row * width + j] = problem.x[row * 10 * width + j]!
  }
  const tenth: Problem = { x, width, labels, weights }
  const point = pointAt(tenth, base)
  const penalties = relativePenalties(factorInformation(tenth, point, new Float64Array(width + 1)), 1e-3)
  const search = newton(tenth, point, factorInformation(tenth, point, penalties), penalties, 20)
  return search.status === 'converged' ? search.point.beta : base
}

// A share of what the data say about each column; 1 for a column of nothing but zeros.
const relativePenalties = ({ scale }: Factor, share: number): Float64Array =>
  scale.map((s, j) => (j === 0 ? 0 : share * s * s))

/**
 * Logistic regression with an intercept on a row-major design `x` (rows × width) and `labels` of 0 and 1: exact, by
 * iteratively reweighted least squares; the same input gives the same digits. The columns should be of similar scale
 * (standardised) for a ridge to treat them alike. Never gives NaN: what went wrong is told by `status` and `collinear`.
 * Throws a RangeError on a NaN, infinite or huge number, on other labels, and where only one class is there.
 */
export const fitLogistic = (
  x: Float32Array | Float64Array,
  width: number,
  labels: ArrayLike<number>,
  { ridge = 0, weights: caseWeights, maxIterations = 100 }: LogisticOptions = {},
): LogisticFit => {
  if (!(ridge >= 0 && ridge < Number.POSITIVE_INFINITY)) throw new RangeError(`A ridge is from 0 up, got ${ridge}.`)
  checkRows(x, width, labels)
  const { weights, cases, all } = checkWeights(labels, caseWeights)
  if (!(cases > 0 && cases < all)) throw new RangeError('Both classes must be there, labels 0 and 1.')
  const problem: Problem = { x, width, labels, weights }
  const base = new Float64Array(width + 1)
  base[0] = Math.log(cases / (all - cases))

  const large = labels.length >= 20_000 && labels.length >= 200 * width
  const point = pointAt(problem, large ? startFromTenth(problem, base) : base)
  let penalties: Float64Array = new Float64Array(width + 1).fill(ridge, 1)
  let first = factorInformation(problem, point, penalties)
  const collinear = ridge > 0 ? [] : first.dependent.map((j) => j - 1)
  if (collinear.length > 0) {
    penalties = relativePenalties(first, 1e-6)
    first = factorInformation(problem, point, penalties)
  }
  const { factor, ...search } = newton(problem, point, first, penalties, maxIterations)
  const errors = inverseDiagonal(factor).map(Math.sqrt)
  const [intercept = 0, ...coefficients] = point.beta
  const [interceptError = 0, ...standardErrors] = errors
  return {
    status: search.status,
    intercept,
    coefficients,
    interceptError,
    standardErrors,
    iterations: search.iterations,
    deviance: point.deviance,
    nullDeviance: -2 * (cases * Math.log(cases / all) + (all - cases) * Math.log1p(-cases / all)),
    ridge,
    collinear,
  }
}

/** The probability of being a case for each row of a row-major design `x` (rows × width). */
export const logisticProbabilities = (
  { intercept, coefficients }: Pick<LogisticFit, 'intercept' | 'coefficients'>,
  x: Float32Array | Float64Array,
): Float64Array => {
  const width = coefficients.length
  const beta = Float64Array.from(coefficients)
  const rows = width > 0 ? x.length / width : 0
  if (!Number.isInteger(rows)) throw new RangeError(`${x.length} numbers are no whole rows of ${width} columns.`)
  const probabilities = new Float64Array(rows)
  for (let row = 0, at = 0; row < rows; row++, at += width) {
    let eta = intercept
    for (let j = 0; j < width; j++) eta += beta[j]! * x[at + j]!
    probabilities[row] = 1 / (1 + Math.exp(-eta))
  }
  return probabilities
}

/**
 * Weights that give both classes the same total, summing to the number of rows: n / (2 · n of the class). King & Zeng
 * 2001, "Logistic regression in rare events data", Political Analysis 9. Predicted probabilities then are no longer
 * those of the population. Throws a RangeError on other labels than 0 and 1 or where a class is missing.
 */
export const balancedWeights = (labels: ArrayLike<number>): Float64Array => {
  const { weights, cases, all } = checkWeights(labels, undefined)
  if (cases === 0 || cases === all) throw new RangeError('Both classes must be there, labels 0 and 1.')
  return weights.map((_, row) => all / (2 * (labels[row] === 1 ? cases : all - cases)))
}
