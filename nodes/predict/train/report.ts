import { calibration } from '../../lib/calibration.ts'
import { auc, brier, logLoss, rankScores, rocCurve } from '../../lib/classification.ts'
import { numberNames, type Preprocessing } from '../../lib/features.ts'
import { decileTable } from '../../lib/lift.ts'
import type { LogisticFit } from '../../lib/logistic.ts'
import type { RunContext } from '../../node.ts'
import type { FeatureColumns } from './columns.ts'
import { calibrationFigure, importanceFigure, liftFigure, rocFigure } from './figures.ts'
import type { Validation } from './validate.ts'

export interface Quality {
  readonly auc: number
  readonly log_loss: number
  readonly brier: number
  readonly calibration_error: number
  readonly top_decile_lift: number
}

/**
 * The standard error of an AUC: Hanley & McNeil 1982, "The meaning and use of the area under a receiver
 * operating characteristic (ROC) curve", Radiology 143, equation 1 with Q1 = A / (2 − A), Q2 = 2A² / (1 + A).
 */
export const aucError = (area: number, cases: number, others: number): number => {
  const q1 = area / (2 - area)
  const q2 = (2 * area * area) / (1 + area)
  return Math.sqrt(
    (area * (1 - area) + (cases - 1) * (q1 - area * area) + (others - 1) * (q2 - area * area)) / (cases * others),
  )
}

/** How well customers were predicted by models that had not seen them. */
export function validationFindings(
  { probabilities, foldAucs }: Validation,
  labels: Float64Array,
  context: RunContext,
): Quality {
  const ranking = rankScores(probabilities, labels)
  const area = auc(ranking) ?? 0
  const deciles = decileTable(ranking)
  const bins = calibration(ranking)
  const quality: Quality = {
    auc: area,
    log_loss: logLoss(probabilities, labels) ?? 0,
    brier: brier(probabilities, labels) ?? 0,
    calibration_error: bins.expectedError ?? 0,
    top_decile_lift: deciles[0]?.lift ?? 0,
  }
  const margin = 1.959964 * aucError(area, ranking.cases, ranking.n - ranking.cases)
  const range = foldAucs.map((one) => one.toFixed(3)).join(', ')
  context.metric({
    name: 'auc',
    label: 'AUC',
    value: area,
    unit: 'score',
    interval: [Math.max(0, area - margin), Math.min(1, area + margin)],
    note: `In the ${foldAucs.length} folds: ${range}`,
  })
  context.metric({
    name: 'top_decile_lift',
    label: 'Lift of the top tenth',
    value: quality.top_decile_lift,
    unit: 'number',
  })
  context.metric({ name: 'cases', label: 'Customers learnt from', value: ranking.n, unit: 'count' })
  context.metric({ name: 'positives', label: 'Did it', value: ranking.cases, unit: 'count' })
  context.metric({ name: 'log_loss', label: 'Log loss', value: quality.log_loss, unit: 'number' })
  context.metric({ name: 'brier', label: 'Brier score', value: quality.brier, unit: 'number' })
  context.metric({
    name: 'calibration_error',
    label: 'Calibration error',
    value: quality.calibration_error,
    unit: 'share',
  })
  context.note(
    'Every figure is cross-validated: each customer was predicted by a model that had not seen them. The interval of the AUC is Hanley & McNeil’s (1982).',
  )
  if (area > 0.99)
    context.warn(`An AUC of ${area.toFixed(3)} is too good to be true: some column may be known only afterwards.`)
  rocFigure(rocCurve(ranking), area, context)
  liftFigure(deciles, context)
  calibrationFigure(bins.bins, context)
  return quality
}

interface Learnt {
  readonly kind: string
  readonly parameters: unknown
  readonly preprocessing: Preprocessing
  readonly chosen: FeatureColumns
  readonly importance: Validation['importance']
  readonly labels: Float64Array
}

/** What the model has learnt: which columns matter, and for a logistic regression how much each raises the odds. */
export function modelFindings(
  { kind, parameters, preprocessing, chosen, importance, labels }: Learnt,
  context: RunContext,
): void {
  importanceFigure(importance.slice(0, 20), context)
  const used = new Set(preprocessing.features.map(({ column }) => column))
  const constant = [...chosen.numeric, ...chosen.categorical].filter((name) => !used.has(name))
  if (constant.length > 0) context.note(`The same for all customers, so not learnt from: ${constant.join(', ')}.`)
  for (const { column, levels, other } of preprocessing.features.flatMap((feature) =>
    feature.kind === 'categorical' ? [feature] : [],
  ))
    if (other && levels.length === 0)
      context.warn(
        `${column} has hardly a value twice, so nothing of it holds for other customers. If it is a number or a date, import it as one; else put it in exclude.`,
      )
  if (kind === 'logistic') oddsTable(parameters as LogisticFit, preprocessing, labels.length, context) // the logistic method's parameters
}

function oddsTable(
  { coefficients, standardErrors }: LogisticFit,
  preprocessing: Preprocessing,
  rows: number,
  context: RunContext,
): void {
  const named = numberNames(preprocessing).map((name, index) => ({
    name,
    coefficient: coefficients[index] ?? 0,
    error: standardErrors[index] ?? 0,
  }))
  named.sort((left, right) => Math.abs(right.coefficient) - Math.abs(left.coefficient))
  const round = (value: number) => Number(value.toPrecision(3))
  context.table({
    title: 'What raises and lowers the odds',
    columns: ['what', 'odds ratio', '95 % interval from', 'to'],
    rows: named
      .slice(0, 40)
      .map(({ name, coefficient, error }) => [
        name,
        ...[0, -1.959964, 1.959964].map((z) => round(Math.exp(coefficient + z * error))),
      ]),
    note: `Logistic regression on ${rows} customers. Of a number the odds ratio is per standard deviation, of a category against the most common one. Above 1 raises the odds. The intervals allow for chance, not for the ridge penalty.`,
  })
}
