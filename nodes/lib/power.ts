import { normalCdf, normalQuantile } from './distributions.ts'

// Planning a comparison of two proportions by the two-sided z test of `compareProportions`, with groups of unequal
// size: Fleiss, Tytun & Ury 1980, "A simple approximation for calculating sample sizes for comparing independent
// proportions", Biometrics 36, pp. 343–346, without its continuity correction because the test has none.

export interface PowerOptions {
  /** The two-sided level of the test, 0.05 by default. */
  readonly alpha?: number
  /** The chance of finding the difference that is there, 0.8 by default. */
  readonly power?: number
}

const share = (value: number, name: string): number => {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} lies between 0 and 1, got ${value}.`)
  return value
}

const quantiles = ({ alpha = 0.05, power = 0.8 }: PowerOptions): { za: number; zb: number } => {
  if (!(alpha > 0 && alpha < 1 && power >= 0.5 && power < 1))
    throw new RangeError(`Needs 0 < alpha < 1 and 0.5 ≤ power < 1, got ${alpha} and ${power}.`)
  return { za: -normalQuantile(alpha / 2), zb: normalQuantile(power) }
}

// (|p1 − p2| − za · error under no difference) / error under the difference: the z that the power is Φ of.
const reach = (p1: number, p2: number, n1: number, n2: number, za: number): number => {
  const pooled = (n1 * p1 + n2 * p2) / (n1 + n2)
  const nullError = Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
  const error = Math.sqrt((p1 * (1 - p1)) / n1 + (p2 * (1 - p2)) / n2)
  const surplus = Math.abs(p1 - p2) - za * nullError
  if (error > 0) return surplus / error
  return surplus > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
}

/**
 * The chance that groups of `treated` and `control` customers show, in its true direction, the difference between two
 * true proportions.
 */
export const powerOfProportions = (
  treatedShare: number,
  controlShare: number,
  { treated, control, alpha = 0.05 }: { treated: number; control: number; alpha?: number },
): number => {
  share(treatedShare, 'The treated share')
  share(controlShare, 'The control share')
  if (!(treated > 0 && control > 0)) return 0
  return normalCdf(reach(treatedShare, controlShare, treated, control, quantiles({ alpha }).za))
}

/**
 * The smallest difference from the control group's share `base` that groups of these sizes show with the wanted power,
 * as a positive number; `direction` says whether the treated share is expected above (response) or below (churn).
 * Null where no difference, however large, would be shown.
 */
export const minimumDetectableDifference = (
  base: number,
  {
    treated,
    control,
    direction = 'up',
    ...options
  }: PowerOptions & { treated: number; control: number; direction?: 'up' | 'down' },
): number | null => {
  share(base, 'The base share')
  const { za, zb } = quantiles(options)
  const largest = direction === 'up' ? 1 - base : base
  const sign = direction === 'up' ? 1 : -1
  // The far end is taken as exactly 0 or 1: base + (1 − base) may miss it by a rounding.
  const far = direction === 'up' ? 1 : 0
  const power = (difference: number) =>
    reach(difference === largest ? far : base + sign * difference, base, treated, control, za) >= zb
  if (!(treated > 0 && control > 0 && largest > 0 && power(largest))) return null
  let [missed, detected] = [0, largest]
  for (let i = 0; i < 60; i++) {
    const middle = (missed + detected) / 2
    if (power(middle)) detected = middle
    else missed = middle
  }
  return detected
}

/**
 * Customers needed per group to show the difference between two true proportions. `ratio` is treated per control
 * customer: 4 means a control group of a fifth of the whole. Null where the shares are equal.
 */
export const sampleSizeOfProportions = (
  treatedShare: number,
  controlShare: number,
  { ratio = 1, ...options }: PowerOptions & { ratio?: number } = {},
): { readonly treated: number; readonly control: number } | null => {
  const p1 = share(treatedShare, 'The treated share')
  const p2 = share(controlShare, 'The control share')
  if (!(ratio > 0 && ratio < Number.POSITIVE_INFINITY)) throw new RangeError(`A ratio is above 0, got ${ratio}.`)
  const { za, zb } = quantiles(options)
  if (p1 === p2) return null
  const pooled = (p2 + ratio * p1) / (1 + ratio)
  const nullSpread = za * Math.sqrt((ratio + 1) * pooled * (1 - pooled))
  const spread = zb * Math.sqrt(ratio * p2 * (1 - p2) + p1 * (1 - p1))
  const control = (nullSpread + spread) ** 2 / (ratio * (p1 - p2) ** 2)
  return { treated: Math.ceil(ratio * control), control: Math.ceil(control) }
}
