import type { Preprocessing } from '../../lib/features.ts'
import type { FeatureColumns } from './columns.ts'
import type { Quality } from './report.ts'

interface Learnt {
  readonly params: {
    readonly method: string
    readonly folds: number
    readonly balance: boolean
    readonly l2: number
    readonly intendedUse: string
    readonly limits: string
    readonly network: unknown
  }
  readonly chosen: FeatureColumns
  readonly preprocessing: Preprocessing
  readonly labels: Float64Array
  readonly quality: Quality
  /** What the model gives to the customers it learnt from. */
  readonly probabilities: Float64Array
}

/**
 * What a reviewer needs to know of a model, after Mitchell et al. 2019, "Model cards for model
 * reporting", FAT* '19: data, columns, quality, intended use, limits. Holds no customer's data.
 */
export function cardOf({
  params,
  chosen,
  preprocessing,
  labels,
  quality,
  probabilities,
}: Learnt): Record<string, unknown> {
  const positives = labels.reduce((sum, label) => sum + label, 0)
  const used = new Set(preprocessing.features.map(({ column }) => column))
  const sorted = probabilities.slice().sort()
  return {
    data: { customers: labels.length, positives, rate: positives / labels.length },
    columns: {
      numeric: chosen.numeric,
      categorical: chosen.categorical,
      constant: [...chosen.numeric, ...chosen.categorical].filter((name) => !used.has(name)),
    },
    method:
      params.method === 'logistic'
        ? { kind: 'logistic', l2: params.l2 }
        : { kind: 'network', settings: params.network },
    balance: params.balance,
    metrics: quality,
    validation: `${params.folds}-fold stratified cross-validation`,
    // Limits of ten classes of equal size when it was made: what scoring compares itself with.
    deciles: Array.from({ length: 9 }, (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / 10)]),
    intendedUse: params.intendedUse,
    limits: params.limits,
  }
}
