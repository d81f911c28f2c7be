import { auc, rankScores } from '../../lib/classification.ts'
import {
  encode,
  type FeatureData,
  type FitOptions,
  fitFeatures,
  type Preprocessing,
  totalWidth,
  widthOf,
} from '../../lib/features.ts'
import { stratifiedFolds } from '../../lib/folds.ts'
import { balancedWeights } from '../../lib/logistic.ts'
import { type Random, random } from '../../lib/random.ts'
import type { RunContext } from '../../node.ts'
import type { Lesson, Method } from './methods/method.ts'

export interface ValidationOptions extends FitOptions {
  readonly folds: number
  readonly balance: boolean
}

export interface Validation {
  /** Of each row, by a model that never saw it. */
  readonly probabilities: Float64Array
  readonly folds: Int32Array
  readonly foldAucs: readonly number[]
  /** How much the AUC falls when a column is shuffled, largest first. */
  readonly importance: readonly { readonly column: string; readonly drop: number }[]
}

function pick(labels: Float64Array, rows: Int32Array): Float64Array {
  const picked = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) picked[i] = labels[rows[i]!]!
  return picked
}

/** Learns preprocessing and model from the rows listed; no parameters where every column is the same in all of them. */
export async function fitOn(
  data: FeatureData,
  labels: Float64Array,
  rows: Int32Array,
  method: Method,
  options: ValidationOptions,
  context: RunContext,
): Promise<{ preprocessing: Preprocessing; parameters: unknown }> {
  const preprocessing = fitFeatures(data, rows, options)
  const y = pick(labels, rows)
  const lesson: Lesson = {
    x: encode(preprocessing, data, rows),
    width: totalWidth(preprocessing),
    y,
    ...(options.balance ? { weights: balancedWeights(y) } : {}),
  }
  return { preprocessing, parameters: lesson.width === 0 ? undefined : await method.fit(lesson, context) }
}

/**
 * Stratified k-fold cross-validation: preprocessing and model are fitted anew without each fold, which
 * then is predicted (Stone 1974, "Cross-validatory choice and assessment of statistical predictions",
 * J. R. Stat. Soc. B 36). Importance is the fall of the AUC of these predictions when one column's
 * values are shuffled among the rows of each fold (Breiman 2001, "Random forests", Machine Learning
 * 45, section 10; Fisher, Rudin & Dominici 2019, J. Mach. Learn. Res. 20).
 */
export async function crossValidate(
  data: FeatureData,
  labels: Float64Array,
  method: Method,
  options: ValidationOptions,
  context: RunContext,
): Promise<Validation> {
  const folds = stratifiedFolds(labels, options.folds, context.seed)
  const source = random(context.seed).stream('importance')
  const probabilities = new Float64Array(labels.length)
  const shuffled = new Map<string, Float64Array>()
  const foldAucs: number[] = []
  // What a fold has to tell of its fit, the final model tells again.
  const quiet: RunContext = { ...context, warn() {} }
  for (let fold = 0; fold < options.folds; fold += 1) {
    const all = Int32Array.from(labels.keys())
    const test = all.filter((row) => folds[row] === fold)
    const train = all.filter((row) => folds[row] !== fold)
    const { preprocessing, parameters } = await fitOn(data, labels, train, method, options, quiet)
    const x = encode(preprocessing, data, test)
    const width = totalWidth(preprocessing)
    const predict = (numbers: Float64Array) =>
      width === 0 ? alike(test.length, pick(labels, train)) : method.predict(parameters, numbers, width, context)
    const predicted = await predict(x)
    put(probabilities, test, predicted)
    foldAucs.push(auc(rankScores(predicted, pick(labels, test))) ?? Number.NaN)
    let at = 0
    for (const feature of preprocessing.features) {
      const column = shuffled.get(feature.column) ?? new Float64Array(labels.length).fill(Number.NaN)
      shuffled.set(feature.column, column)
      const order = source.stream(`${feature.column} ${fold}`)
      put(column, test, await predict(shuffleBlock(x, width, at, widthOf(feature), order)))
      at += widthOf(feature)
    }
    context.progress((fold + 1) / (options.folds + 1))
  }
  return { probabilities, folds, foldAucs, importance: importanceOf(probabilities, shuffled, labels) }
}

/** Where nothing tells customers apart, each has the share of those learnt from. */
const alike = (rows: number, learnt: Float64Array): Float64Array =>
  new Float64Array(rows).fill(learnt.reduce((sum, label) => sum + label, 0) / learnt.length)

const put = (target: Float64Array, rows: Int32Array, values: Float64Array): void => {
  for (let i = 0; i < rows.length; i++) target[rows[i]!] = values[i]!
}

/** A copy of `x` in which the numbers of one column change places between rows. */
function shuffleBlock(x: Float64Array, width: number, at: number, size: number, source: Random): Float64Array {
  const rows = width > 0 ? x.length / width : 0
  const order = source.shuffle(new Int32Array(rows).map((_, row) => row))
  const copy = x.slice()
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < size; j++) copy[row * width + at + j] = x[order[row]! * width + at + j]!
  return copy
}

function importanceOf(
  probabilities: Float64Array,
  shuffled: ReadonlyMap<string, Float64Array>,
  labels: Float64Array,
): Validation['importance'] {
  const full = auc(rankScores(probabilities, labels)) ?? 0
  const drops = [...shuffled].map(([column, values]) => {
    // A column that was constant in some fold was not there to be shuffled.
    const filled = values.map((value, row) => (Number.isNaN(value) ? probabilities[row]! : value))
    return { column, drop: full - (auc(rankScores(filled, labels)) ?? 0) }
  })
  return drops.sort((left, right) => right.drop - left.drop || (left.column < right.column ? -1 : 1))
}
