import type { Sql } from '../../node.ts'

export type Dimension = 'completeness' | 'validity' | 'uniqueness' | 'consistency' | 'timeliness'

/** One judgement of every customer. */
export interface Check {
  /** The column that is judged; several joined by ` + ` for a rule between columns. */
  readonly column: string | null
  /** The columns whose consistency a rule says something about. */
  readonly columns?: readonly string[]
  readonly dimension: Dimension
  /** What may be broken; `verdict` counts from 1. */
  readonly rules: readonly string[]
  /** An integer: 0 where all is well, n where the nth rule is broken, NULL where there is nothing to judge. */
  readonly verdict: Sql
}

/** How many judgements there were and how many found something broken. */
export interface Judged {
  readonly judged: number
  readonly broken: number
}

export const DIMENSIONS = ['completeness', 'validity', 'uniqueness', 'consistency'] as const
export type Scored = (typeof DIMENSIONS)[number]
/** Shares of 0–1; null where nothing was judged. */
export type Shares = Readonly<Record<Scored, number | null>>

/** The share of judgements that found nothing broken; null where there were none. Simple ratio: Pipino, Lee & Wang 2002, "Data quality assessment", CACM 45(4), p. 213. */
export const intact = ({ judged, broken }: Judged): number | null => (judged === 0 ? null : (judged - broken) / judged)

export const sum = (judgements: readonly Judged[]): Judged => ({
  judged: judgements.reduce((total, { judged }) => total + judged, 0),
  broken: judgements.reduce((total, { broken }) => total + broken, 0),
})

/** The judgements of the checks of one dimension that `concern` keeps. */
export const judgedOf = (
  checks: readonly (Check & Judged)[],
  dimension: Dimension,
  concern: (check: Check) => boolean = () => true,
): Judged => sum(checks.filter((check) => check.dimension === dimension && concern(check)))

/**
 * 100 times the weighted mean of the dimensions that were judged (the weighted average of Pipino, Lee & Wang 2002,
 * p. 215); null where they have no weight, 0 where there is no customer, because no data is fit for nothing.
 */
export const scoreOf = (
  shares: Shares,
  weights: Readonly<Record<Scored, number>>,
  customers: number,
): number | null => {
  if (customers === 0) return 0
  const judged = DIMENSIONS.flatMap((name) => {
    const share = shares[name]
    return share === null ? [] : [{ share, weight: weights[name] }]
  })
  const weight = judged.reduce((total, one) => total + one.weight, 0)
  return weight === 0 ? null : (100 * judged.reduce((total, one) => total + one.weight * one.share, 0)) / weight
}
