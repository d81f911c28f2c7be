import { normalQuantile, normalUpperTail, studentQuantile, studentTwoSidedP } from './distributions.ts'

/** Lower and upper end. */
export type Interval = readonly [lower: number, upper: number]

/** Treated against control. What cannot be computed is null (undefined for an interval), never NaN. */
export interface Comparison {
  /** The share or mean of each group; null for a group without customers. */
  readonly treated: number | null
  readonly control: number | null
  /** treated − control. */
  readonly difference: number | null
  readonly interval: Interval | undefined
  /** Two-sided. */
  readonly p: number | null
  /** (treated − control) / control; null where control is 0. */
  readonly relative: number | null
  /** True where there is too little data for p and interval to be trusted. */
  readonly few: boolean
}

export interface ProportionGroup {
  /** Customers in the group. */
  readonly n: number
  /** Those of them who responded, stayed, bought. */
  readonly cases: number
}

export interface MeanGroup {
  readonly n: number
  readonly mean: number
  /** The sample variance (divided by n − 1), as SQL's var_samp gives it; anything for n < 2. */
  readonly variance: number
}

/** The two-sided normal or Student quantile that belongs to a confidence such as 0.95. */
const lowerTail = (confidence: number): number => {
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`A confidence lies between 0 and 1, got ${confidence}.`)
  return (1 - confidence) / 2
}

const checkGroup = ({ n, cases }: ProportionGroup): void => {
  if (!(n >= 0 && cases >= 0 && cases <= n && n < Number.POSITIVE_INFINITY))
    throw new RangeError(`A group needs 0 ≤ cases ≤ n, got ${cases} of ${n}.`)
}

/**
 * The score interval of one proportion. Wilson 1927, "Probable inference, the law of succession, and statistical
 * inference", JASA 22. Undefined for an empty group.
 */
export const wilsonInterval = (group: ProportionGroup, confidence = 0.95): Interval | undefined => {
  checkGroup(group)
  const { n, cases } = group
  if (n === 0) return undefined
  const z = -normalQuantile(lowerTail(confidence))
  const others = n - cases
  const spread = z * Math.sqrt(z * z + (4 * cases * others) / n)
  const width = 2 * (n + z * z)
  // At no cases and at all cases the ends are 0 and 1 exactly, which rounding would miss.
  const lower = cases === 0 ? 0 : (2 * cases + z * z - spread) / width
  return [lower, others === 0 ? 1 : (2 * cases + z * z + spread) / width]
}

const relativeTo = (control: number, difference: number): number | null => (control === 0 ? null : difference / control)

/**
 * The difference of two proportions. Interval: Newcombe 1998, "Interval estimation for the difference between
 * independent proportions: comparison of eleven methods", Statistics in Medicine 17, method 10 (square-and-add of
 * Wilson intervals, no continuity correction). p: the z test with the pooled proportion (Fleiss, Levin & Paik 2003,
 * Statistical Methods for Rates and Proportions, chapter 3, without continuity correction), equal to Pearson's χ² of
 * the 2 × 2 table. `few` where an expected count is below 5 (Cochran 1954): then p is doubtful and the interval the
 * better guide. Throws a RangeError unless 0 ≤ cases ≤ n.
 */
export const compareProportions = (
  treated: ProportionGroup,
  control: ProportionGroup,
  confidence = 0.95,
): Comparison => {
  const own = wilsonInterval(treated, confidence)
  const other = wilsonInterval(control, confidence)
  const p1 = own ? treated.cases / treated.n : null
  const p2 = other ? control.cases / control.n : null
  if (!own || !other || p1 === null || p2 === null)
    return { treated: p1, control: p2, difference: null, interval: undefined, p: null, relative: null, few: true }

  const difference = p1 - p2
  const interval: Interval = [
    Math.max(-1, difference - Math.hypot(p1 - own[0], other[1] - p2)),
    Math.min(1, difference + Math.hypot(own[1] - p1, p2 - other[0])),
  ]
  const pooled = (treated.cases + control.cases) / (treated.n + control.n)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / treated.n + 1 / control.n))
  const smallest = Math.min(pooled, 1 - pooled) * Math.min(treated.n, control.n)
  return {
    treated: p1,
    control: p2,
    difference,
    interval,
    p: error > 0 ? Math.min(1, 2 * normalUpperTail(Math.abs(difference) / error)) : 1,
    relative: relativeTo(p2, difference),
    few: smallest < 5,
  }
}

/**
 * The difference of two means with unequal variances: Welch 1938, "The significance of the difference between two
 * means when the population variances are unequal", Biometrika 29, with the degrees of freedom of Welch 1947,
 * Biometrika 34 (Satterthwaite 1946). No interval and no p where a group has fewer than two customers or where
 * neither group varies at all. `few` where a group has fewer than 30: then a few large values may carry the mean.
 * Throws a RangeError on a negative or non-finite n, mean or variance.
 */
export const compareMeans = (treated: MeanGroup, control: MeanGroup, confidence = 0.95): Comparison => {
  const tail = lowerTail(confidence)
  for (const { n, mean, variance } of [treated, control]) {
    if (!(Number.isInteger(n) && n >= 0)) throw new RangeError(`A group needs a whole number of customers, got ${n}.`)
    if ((n > 0 && !Number.isFinite(mean)) || (n > 1 && !(variance >= 0 && variance < Number.POSITIVE_INFINITY)))
      throw new RangeError(`A group needs a finite mean and variance, got ${mean} and ${variance}.`)
  }
  const m1 = treated.n > 0 ? treated.mean : null
  const m2 = control.n > 0 ? control.mean : null
  const difference = m1 === null || m2 === null ? null : m1 - m2
  const relative = difference === null || m2 === null ? null : relativeTo(m2, difference)
  const few = Math.min(treated.n, control.n) < 30
  const own = treated.variance / treated.n
  const other = control.variance / control.n
  const squaredError = own + other
  if (difference === null || treated.n < 2 || control.n < 2 || squaredError === 0)
    return { treated: m1, control: m2, difference, interval: undefined, p: null, relative, few: true }

  const error = Math.sqrt(squaredError)
  // In shares of the whole, so that squares neither overflow nor vanish.
  const df = 1 / ((own / squaredError) ** 2 / (treated.n - 1) + (other / squaredError) ** 2 / (control.n - 1))
  const reach = -studentQuantile(tail, df) * error
  return {
    treated: m1,
    control: m2,
    difference,
    interval: [difference - reach, difference + reach],
    p: studentTwoSidedP(difference / error, df),
    relative,
    few,
  }
}

/** A difference per customer as a total over the `n` customers treated: the incremental cases or money. */
export const scaleUp = (
  { difference, interval }: Comparison,
  n: number,
): { readonly value: number | null; readonly interval: Interval | undefined } => ({
  value: difference === null ? null : difference * n,
  interval: interval && [interval[0] * n, interval[1] * n],
})
