import type { Ranking } from './classification.ts'

/** One slice of the ranking. A score that straddles two slices is shared out evenly: cases may be fractional. */
export interface Slice {
  readonly n: number
  readonly cases: number
  readonly meanScore: number
}

/**
 * Cuts a ranking, highest scores first, into slices of equal size (within one). Cases of customers with the same score
 * are spread evenly over them, the mean of every order they could have had: no result depends on the order of rows.
 * Fewer slices where there are fewer customers.
 */
export const slices = ({ n, scores, counts, stepCases }: Ranking, number: number): Slice[] => {
  const groups = Math.min(number, n)
  const result: Slice[] = []
  let step = 0
  let left = counts[0] ?? 0
  for (let part = 0; part < groups; part++) {
    const size = Math.floor(((part + 1) * n) / groups) - Math.floor((part * n) / groups)
    let cases = 0
    let scoreSum = 0
    for (let missing = size; missing > 0; ) {
      const portion = Math.min(missing, left)
      cases += (stepCases[step]! * portion) / counts[step]!
      scoreSum += scores[step]! * portion
      missing -= portion
      left -= portion
      if (left === 0) left = counts[++step] ?? 0
    }
    result.push({ n: size, cases, meanScore: scoreSum / size })
  }
  return result
}

export interface Decile extends Slice {
  /** 1 holds the highest scores. */
  readonly decile: number
  /** cases / n. */
  readonly responseRate: number
  /** The response rate over that of all customers; null without cases. */
  readonly lift: number | null
  /** The same for this decile and those above it. */
  readonly cumulativeLift: number | null
  /** Share of all cases in this decile and those above it; null without cases. */
  readonly cumulativeCapture: number | null
}

/** The decile table of a ranking (or another number of parts). Empty for no customers. */
export const decileTable = (ranking: Ranking, groups = 10): Decile[] => {
  const { n, cases } = ranking
  let sumN = 0
  let sumCases = 0
  const all = slices(ranking, groups)
  return all.map((slice, i) => {
    sumN += slice.n
    // The last sum is known: shares of tied scores would otherwise leave it a rounding away from all cases.
    sumCases = i === all.length - 1 ? cases : sumCases + slice.cases
    const responseRate = slice.cases / slice.n
    return {
      decile: i + 1,
      ...slice,
      responseRate,
      lift: cases > 0 ? responseRate / (cases / n) : null,
      cumulativeLift: cases > 0 ? sumCases / sumN / (cases / n) : null,
      cumulativeCapture: cases > 0 ? sumCases / cases : null,
    }
  })
}

export interface GainsPoint {
  /** Share of all customers taken from the top of the ranking. */
  readonly share: number
  /** Share of all cases among them. */
  readonly capture: number
}

/** The gains curve from (0, 0) to (1, 1) in `parts` equal steps of customers. Empty where there are no cases. */
export const gainsCurve = (ranking: Ranking, groups = 100): GainsPoint[] => {
  if (ranking.cases === 0) return []
  let sumN = 0
  const points = decileTable(ranking, groups).map(({ n, cumulativeCapture }) => {
    sumN += n
    return { share: sumN / ranking.n, capture: cumulativeCapture ?? 0 }
  })
  return [{ share: 0, capture: 0 }, ...points]
}
