import { cholesky, type Factor, solve } from './cholesky.ts'
import { gramStride, weightedGram } from './gram.ts'

// Iteratively reweighted least squares for a logistic regression: Newton's method on the (penalised) likelihood.
// Green 1984, "Iteratively reweighted least squares for maximum likelihood estimation", JRSS B 46; McCullagh & Nelder
// 1989, Generalized Linear Models, 2nd ed., sections 2.5 and 4.4.

export interface Problem {
  /** Row-major, rows × width, without an intercept's column. */
  readonly x: Float32Array | Float64Array
  readonly width: number
  /** 0 or 1 per row. */
  readonly labels: ArrayLike<number>
  readonly weights: Float64Array
}

/** A point of the search: everything known about the likelihood there. */
export interface Point {
  /** Intercept first. */
  readonly beta: Float64Array
  /** Of the log likelihood, without the penalty. */
  readonly gradient: Float64Array
  /** Per row weight · p · (1 − p). */
  readonly curvature: Float64Array
  /** −2 ln likelihood. */
  deviance: number
}

// Fills in what belongs to `point.beta`, in one pass over the rows.
const evaluate = ({ x, width, labels, weights }: Problem, point: Point): void => {
  const { beta, gradient, curvature } = point
  gradient.fill(0)
  let loss = 0
  for (let row = 0, at = 0; row < weights.length; row++, at += width) {
    let eta = beta[0]!
    for (let j = 0; j < width; j++) eta += beta[j + 1]! * x[at + j]!
    // In e^−|η| nothing overflows and small probabilities keep their digits.
    const e = Math.exp(-Math.abs(eta))
    const weight = weights[row]!
    const against = labels[row] === 1 ? -eta : eta
    loss += weight * (Math.max(against, 0) + Math.log1p(e))
    curvature[row] = (weight * e) / ((1 + e) * (1 + e))
    const miss = (weight * (against > 0 ? 1 : e)) / (1 + e)
    const residual = labels[row] === 1 ? miss : -miss
    gradient[0]! += residual
    for (let j = 0; j < width; j++) gradient[j + 1]! += residual * x[at + j]!
  }
  point.deviance = 2 * loss
}

export const pointAt = (problem: Problem, beta: Float64Array): Point => {
  const point = {
    beta: beta.slice(),
    gradient: new Float64Array(beta.length),
    curvature: new Float64Array(problem.weights.length),
    deviance: 0,
  }
  evaluate(problem, point)
  return point
}

/** The information Xᵀ W X at a point plus `penalties` on its diagonal, factored. */
export const factorInformation = (problem: Problem, { curvature }: Point, penalties: Float64Array): Factor => {
  const stride = gramStride(problem.width)
  const gram = weightedGram(problem.x, problem.width, curvature)
  for (let j = 0; j < penalties.length; j++) gram[j * stride + j]! += penalties[j]!
  return cholesky(gram, penalties.length, stride)
}

const penalised = ({ deviance, beta }: Point, penalties: Float64Array): number =>
  beta.reduce((sum, b, j) => sum + penalties[j]! * b * b, deviance)

// Takes the Newton step, halved until the penalised deviance does not rise.
const advance = (problem: Problem, point: Point, step: Float64Array, penalties: Float64Array): void => {
  const start = point.beta.slice()
  const before = penalised(point, penalties)
  for (let share = 1; share > 1e-9; share /= 2) {
    for (let j = 0; j < start.length; j++) point.beta[j] = start[j]! + share * step[j]!
    evaluate(problem, point)
    if (penalised(point, penalties) <= before + 1e-12 * (1 + before)) return
  }
  point.beta.set(start)
  evaluate(problem, point)
}

export interface Search {
  readonly point: Point
  /** Of the information at the last point but one, a negligible step away. */
  readonly factor: Factor
  readonly iterations: number
  readonly status: 'converged' | 'separated' | 'not-converged'
}

// Towards a finite optimum Newton's decrement falls quadratically; towards infinity only by a factor e a step, while
// some rows' probabilities go to 0 or 1. Separation: Albert & Anderson 1984, "On the existence of maximum likelihood
// estimates in logistic regression models", Biometrika 71.
const isSeparated = ({ weights }: Problem, { curvature }: Point, decrement: number, previous: number): boolean =>
  decrement > 0.1 * previous && curvature.some((c, row) => c < 1e-8 * weights[row]!)

/**
 * Searches from `point`, which it moves, to the optimum. `first` is `factorInformation` there; `penalties` are added to
 * the information's diagonal, one per coefficient.
 */
export const newton = (
  problem: Problem,
  point: Point,
  first: Factor,
  penalties: Float64Array,
  maxIterations: number,
): Search => {
  const meanWeight = problem.weights.reduce((sum, weight) => sum + weight, 0) / problem.weights.length
  let factor = first
  let decrement = Number.POSITIVE_INFINITY
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    if (iterations > 1) factor = factorInformation(problem, point, penalties)
    // Columns that were independent at the start can only become dependent where the rows' curvatures vanish.
    if (factor.dependent.length > first.dependent.length) return { point, factor, iterations, status: 'separated' }
    const slope = point.gradient.map((g, j) => g - penalties[j]! * point.beta[j]!)
    const step = solve(factor, slope)
    const previous = decrement
    decrement = step.reduce((sum, s, j) => sum + s * slope[j]!, 0)
    advance(problem, point, step, penalties)
    // In units of log likelihood: what the next step would still bring, if the fall stays quadratic.
    const remaining = previous === Number.POSITIVE_INFINITY ? decrement : decrement * (decrement / previous) ** 2
    if (decrement > 1e-4 * meanWeight || remaining > 1e-14 * meanWeight) continue
    const separated = isSeparated(problem, point, decrement, previous)
    return { point, factor, iterations, status: separated ? 'separated' : 'converged' }
  }
  return { point, factor, iterations: maxIterations, status: 'not-converged' }
}
