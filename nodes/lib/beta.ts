import { continuedFraction, devianceTerm, stirlingError } from './gamma.ts'

// x^a y^b / B(a, b) with y = 1 − x. Loader 2000, "Fast and accurate computation of binomial probabilities":
// the saddle-point form keeps its digits where ln Γ of large numbers would cancel.
const factor = (x: number, y: number, a: number, b: number): number => {
  const n = a + b
  const exponent =
    stirlingError(n) - stirlingError(a) - stirlingError(b) - devianceTerm(a, n * x) - devianceTerm(b, n * y)
  return Math.exp(exponent) * Math.sqrt((a * b) / (2 * Math.PI * n))
}

// I_x(a, b) is the factor over this continued fraction: DiDonato & Morris 1992, "Algorithm 708: significant digit
// computation of the incomplete beta function ratios", ACM TOMS 18, equation 9. Unlike the better known fraction of
// Abramowitz & Stegun (26.5.8) it does not cancel where a is much larger than b. Settles fast for x ≤ a / (a + b).
const fraction = (x: number, y: number, a: number, b: number): number => {
  const denominator = (n: number) => {
    const inner = n === 0 ? 0 : (n * (b - n) * x) / (a + 2 * n - 1)
    return n + inner + ((a + n) * (a * y - b * x + 1 + n * (2 - x))) / (a + 2 * n + 1)
  }
  return continuedFraction(denominator(0), (n) => {
    const root = x / (a + 2 * n - 1)
    return [(a + n - 1) * root * (a + b + n - 1) * root * n * (b - n), denominator(n)]
  })
}

/**
 * The regularised incomplete beta function I_x(a, b), a and b > 0, 0 ≤ x ≤ 1. Where x is close to 1
 * give `y` = 1 − x as well, computed without cancellation. Throws a RangeError outside these ranges.
 */
export const incompleteBeta = (x: number, a: number, b: number, y = 1 - x): number => {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1 && y >= 0 && y <= 1))
    throw new RangeError(`The incomplete beta function needs a, b > 0 and 0 ≤ x ≤ 1, got ${a}, ${b}, ${x}.`)
  if (x === 0) return 0
  if (y === 0) return 1
  if (a * y < b * x) return 1 - incompleteBeta(y, b, a, x)
  return factor(x, y, a, b) / fraction(x, y, a, b)
}
