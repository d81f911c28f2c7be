import { incompleteBeta } from './beta.ts'
import { gammaP, gammaQ, logGammaQ, stirlingError } from './gamma.ts'

// Tail probabilities are computed as tails, never as 1 − cdf: a p-value of 1e-258 stays 1e-258.

/** P(Z ≤ z) of the standard normal. Abramowitz & Stegun 1964, 26.2.29 with 6.5.16: Φ(−z) = ½ Q(½, z²/2). */
export const normalCdf = (z: number): number =>
  z < 0 ? 0.5 * gammaQ(0.5, 0.5 * z * z) : 0.5 + 0.5 * gammaP(0.5, 0.5 * z * z)

/** P(Z > z) of the standard normal distribution. */
export const normalUpperTail = (z: number): number => normalCdf(-z)

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)

// Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37, PPND16.
const centre = {
  above: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  below: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
}
const shoulder = {
  above: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  below: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
}
const tail = {
  above: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  below: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
}

/** The z with P(Z ≤ z) = p, for 0 ≤ p ≤ 1 (±∞ at the ends). Throws a RangeError otherwise. */
export const normalQuantile = (p: number): number => {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`A probability lies between 0 and 1, got ${p}.`)
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * horner(centre.above, r)) / horner(centre.below, r)
  }
  const r = Math.sqrt(-Math.log(Math.min(p, 1 - p)))
  const [{ above, below }, shift] = r <= 5 ? [shoulder, 1.6] : [tail, 5]
  const z = horner(above, r - shift) / horner(below, r - shift)
  return q < 0 ? -z : z
}

/**
 * P(X > x) of the χ² distribution with `df` > 0 degrees of freedom: Q(df/2, x/2), Abramowitz & Stegun 1964, 26.4.19.
 * Right down to the smallest double; see `chiSquareLog10P` below that.
 */
export const chiSquareUpperTail = (x: number, df: number): number => gammaQ(df / 2, x / 2)

/** log₁₀ P(X > x) of the χ² distribution, for tails that no double can hold. */
export const chiSquareLog10P = (x: number, df: number): number => logGammaQ(df / 2, x / 2) / Math.LN10

/**
 * P(|T| ≥ |t|) of Student's t distribution with `df` > 0 degrees of freedom (∞ gives the normal):
 * I_{df/(df+t²)}(df/2, ½), Abramowitz & Stegun 1964, 26.7.1 with 26.5.27.
 */
export const studentTwoSidedP = (t: number, df: number): number => {
  if (!(df > 0) || Number.isNaN(t)) throw new RangeError(`Student's t needs a number and df > 0, got ${t} and ${df}.`)
  if (df > 1e12) return 2 * normalUpperTail(Math.abs(t))
  const ratio = (t / df) * t
  if (ratio === Number.POSITIVE_INFINITY) return 0
  return incompleteBeta(1 / (1 + ratio), df / 2, 0.5, ratio / (1 + ratio))
}

// The density of Student's t, Γ(a + ½) / (Γ(a) √(2πa)) (1 + t²/df)^−(a + ½) with a = df/2, the ratio of gammas by
// Stirling's formula and its errors (Loader 2000) because the gammas themselves cancel for many degrees of freedom.
const studentDensity = (t: number, df: number): number => {
  const a = df / 2
  const logRatio = stirlingError(a + 0.5) - stirlingError(a) + a * Math.log1p(0.5 / a) - 0.5
  return Math.exp(logRatio - (a + 0.5) * Math.log1p((t / df) * t)) / Math.sqrt(2 * Math.PI)
}

/**
 * The t with P(T ≤ t) = p, 0 < p < 1, for `df` > 0 degrees of freedom. Newton's method on the tail from the
 * normal quantile, which lies nearer to zero: on the logarithm of tail and t where the tail is thin. Both curves
 * bend one way only, so that the iteration cannot leave the root.
 */
export const studentQuantile = (p: number, df: number): number => {
  if (!(p > 0 && p < 1 && df > 0)) throw new RangeError(`Needs 0 < p < 1 and df > 0, got p = ${p}, df = ${df}.`)
  if (p === 0.5) return 0
  if (p > 0.5) return -studentQuantile(1 - p, df)
  let t = -normalQuantile(p)
  for (let i = 0; i < 200; i++) {
    const upper = 0.5 * studentTwoSidedP(t, df)
    const density = studentDensity(t, df)
    const next = p > 0.05 ? t + (upper - p) / density : t * Math.exp((Math.log(upper / p) * upper) / (t * density))
    if (Math.abs(next - t) <= 1e-13 * t) return -next
    t = next
  }
  return -t
}
