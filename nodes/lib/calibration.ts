import type { Ranking } from './classification.ts'
import { slices } from './lift.ts'

export interface CalibrationBin {
  readonly n: number
  readonly meanProbability: number
  /** Share of cases that was observed. */
  readonly observed: number
}

export interface Calibration {
  /** Bins of equal counts, lowest probabilities first. */
  readonly bins: readonly CalibrationBin[]
  /**
   * The mean distance of probability and observed share over the bins, weighted by their size. Naeini, Cooper &
   * Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning", AAAI-29 (there with bins of
   * equal width; equal counts keep every bin equally certain). Null for no rows.
   */
  readonly expectedError: number | null
}

/** How well predicted probabilities agree with what was observed, in `number` bins of equal counts. */
export const calibration = (ranking: Ranking, number = 10): Calibration => {
  const bins = slices(ranking, number)
    .reverse()
    .map(({ n, cases, meanScore }) => ({ n, meanProbability: meanScore, observed: cases / n }))
  const distance = bins.reduce((sum, bin) => sum + bin.n * Math.abs(bin.meanProbability - bin.observed), 0)
  return { bins, expectedError: ranking.n > 0 ? distance / ranking.n : null }
}
