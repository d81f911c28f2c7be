/**
 * Customers in the order of their scores, highest first, those of the same score as one step: what AUC, ROC, gains and
 * deciles are all read from. Made by `rankScores`, once.
 */
export interface Ranking {
  readonly n: number
  /** Customers of the class that is predicted. */
  readonly cases: number
  /** Per step the score, falling strictly. */
  readonly scores: Float64Array
  /** Per step how many customers have this score. */
  readonly counts: Int32Array
  /** Per step how many of them are cases. */
  readonly stepCases: Int32Array
}

const checkLengths = (scores: ArrayLike<number>, labels: ArrayLike<number>): void => {
  if (scores.length !== labels.length)
    throw new RangeError(`Needs as many labels as scores, got ${labels.length} and ${scores.length}.`)
}

const checkRow = (score: number, label: number, row: number): void => {
  if (Number.isNaN(score)) throw new RangeError(`The score of row ${row} is not a number.`)
  if (label !== 0 && label !== 1) throw new RangeError(`A label is 0 or 1, row ${row} has ${label}.`)
}

/**
 * Ranks customers by score. `labels` are 1 for a case and 0 otherwise. Throws a RangeError on lengths that differ, a
 * score that is NaN or another label.
 */
export const rankScores = (scores: ArrayLike<number>, labels: ArrayLike<number>): Ranking => {
  checkLengths(scores, labels)
  const n = scores.length
  let cases = 0
  for (let i = 0; i < n; i++) {
    checkRow(scores[i]!, labels[i]!, i)
    cases += labels[i]!
  }
  // Two plain sorts of numbers and a merge are several times faster than sorting row numbers with a comparison.
  const positive = new Float64Array(cases)
  const negative = new Float64Array(n - cases)
  for (let i = 0, p = 0, q = 0; i < n; i++) {
    if (labels[i] === 1) positive[p++] = scores[i]!
    else negative[q++] = scores[i]!
  }
  positive.sort()
  negative.sort()
  const ranking = { scores: new Float64Array(n), counts: new Int32Array(n), stepCases: new Int32Array(n) }
  let step = 0
  for (let p = cases - 1, q = n - cases - 1; p >= 0 || q >= 0; step++) {
    const score = q < 0 || (p >= 0 && positive[p]! >= negative[q]!) ? positive[p]! : negative[q]!
    const [beforeP, beforeQ] = [p, q]
    while (p >= 0 && positive[p] === score) p--
    while (q >= 0 && negative[q] === score) q--
    ranking.scores[step] = score
    ranking.counts[step] = beforeP - p + beforeQ - q
    ranking.stepCases[step] = beforeP - p
  }
  return {
    n,
    cases,
    scores: ranking.scores.slice(0, step),
    counts: ranking.counts.slice(0, step),
    stepCases: ranking.stepCases.slice(0, step),
  }
}

/**
 * The area under the ROC curve: the chance that a case scores above a customer who is none, ties counting half.
 * Hanley & McNeil 1982, "The meaning and use of the area under a ROC curve", Radiology 143 (the Mann–Whitney
 * statistic). Null where there are no cases or only cases.
 */
export const auc = ({ n, cases, counts, stepCases }: Ranking): number | null => {
  if (cases === 0 || cases === n) return null
  let below = n - cases
  let wins = 0
  for (let step = 0; step < counts.length; step++) {
    const others = counts[step]! - stepCases[step]!
    below -= others
    wins += stepCases[step]! * (below + 0.5 * others)
  }
  return wins / cases / (n - cases)
}

/** Mean −ln of the probability given to what happened, probabilities held within 1e-15 of 0 and 1. Null for no rows. */
export const logLoss = (probabilities: ArrayLike<number>, labels: ArrayLike<number>): number | null => {
  checkLengths(probabilities, labels)
  let sum = 0
  for (let i = 0; i < labels.length; i++) {
    checkRow(probabilities[i]!, labels[i]!, i)
    const p = Math.min(Math.max(probabilities[i]!, 1e-15), 1 - 1e-15)
    sum -= labels[i] === 1 ? Math.log(p) : Math.log1p(-p)
  }
  return labels.length > 0 ? sum / labels.length : null
}

/**
 * Mean squared distance of probability and outcome. Brier 1950, "Verification of forecasts expressed in terms of
 * probability", Monthly Weather Review 78 (for one class, as is usual: half of his two-class sum). Null for no rows.
 */
export const brier = (probabilities: ArrayLike<number>, labels: ArrayLike<number>): number | null => {
  checkLengths(probabilities, labels)
  let sum = 0
  for (let i = 0; i < labels.length; i++) {
    checkRow(probabilities[i]!, labels[i]!, i)
    sum += (probabilities[i]! - labels[i]!) ** 2
  }
  return labels.length > 0 ? sum / labels.length : null
}

export interface RocPoint {
  /** Share of the others wrongly taken for cases. */
  readonly falsePositiveRate: number
  /** Share of the cases found. */
  readonly truePositiveRate: number
  /** Customers with at least this score are taken for cases; ∞ at the start. */
  readonly threshold: number
}

/**
 * The ROC curve from (0, 0) to (1, 1), thinned to at most `limit` points evenly spaced along it. Empty where there are
 * no cases or only cases.
 */
export const rocCurve = ({ n, cases, scores, counts, stepCases }: Ranking, limit = 200): RocPoint[] => {
  if (cases === 0 || cases === n) return []
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: Number.POSITIVE_INFINITY }]
  const spacing = 2 / Math.max(1, limit - 2)
  let positives = 0
  let wrong = 0
  let next = spacing
  for (let step = 0; step < counts.length; step++) {
    positives += stepCases[step]!
    wrong += counts[step]! - stepCases[step]!
    const [falsePositiveRate, truePositiveRate] = [wrong / (n - cases), positives / cases]
    const last = step === counts.length - 1
    if (!last && falsePositiveRate + truePositiveRate < next) continue
    while (next <= falsePositiveRate + truePositiveRate) next += spacing
    points.push({ falsePositiveRate, truePositiveRate, threshold: scores[step]! })
  }
  return points
}
