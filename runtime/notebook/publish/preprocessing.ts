import { columnClass } from '../../../nodes/lib/column-class.ts'
import type { CategoricalFeature, Feature, NumericFeature, Preprocessing } from '../../../nodes/lib/features.ts'
import type { Column } from '../../../nodes/lib/table.ts'
import { PolkuError } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'

/** A number: `(value − mean) / deviation`, taken as it is where nothing more is said; `fill` (0) stands for a missing one. */
interface NumericInput extends Partial<Omit<NumericFeature, 'kind' | 'column'>> {
  readonly kind?: 'numeric'
  readonly column: string
}

/** A category: one number for each of `levels`, 1 where the row has it; where `other` is said, one more for the rest. */
interface CategoricalInput extends Partial<Omit<CategoricalFeature, 'kind' | 'column' | 'levels'>> {
  readonly kind?: 'categorical'
  readonly column: string
  readonly levels: CategoricalFeature['levels']
}

/** How a table's columns become the numbers a model takes, in their order. What `fitFeatures` of `polku/lib/features` gives is one. */
export interface PreprocessingInput {
  readonly features: readonly (NumericInput | CategoricalInput)[]
}

const misfit = (model: string, reason: string, right: string): never => {
  throw new PolkuError('MODEL_MISFIT', { model, reason, right })
}

/** @internal The preprocessing with all that was left out. Throws MODEL_MISFIT for what cannot be one. */
export function completePreprocessing(model: string, input: PreprocessingInput): Preprocessing {
  const features: unknown = input?.features
  if (!Array.isArray(features) || features.length === 0)
    return misfit(model, 'its preprocessing has no features', 'preprocessing: { features: [{ column: NAME }, …] }')
  return { features: input.features.map((feature) => complete(model, feature)) }
}

function complete(model: string, feature: NumericInput | CategoricalInput): Feature {
  const { column } = feature
  if (typeof column !== 'string' || column === '')
    return misfit(model, 'a feature of its preprocessing names no column', '{ column: NAME } for each feature')
  if ('levels' in feature) return categorical(model, feature)
  if (feature.kind !== undefined && feature.kind !== 'numeric')
    return misfit(model, `the category ${column} has no levels`, '{ column, levels: [VALUE, …] }')
  const { log = false, fill = 0, mean = 0, deviation = 1, indicator = false } = feature
  if (![fill, mean, deviation].every(Number.isFinite) || deviation === 0)
    return misfit(
      model,
      `the feature ${column} has fill ${fill}, mean ${mean} and deviation ${deviation}`,
      'Finite numbers, and a deviation that is not 0',
    )
  return { kind: 'numeric', column, log: Boolean(log), fill, mean, deviation, indicator: Boolean(indicator) }
}

function categorical(model: string, { column, levels, reference = null, other = false }: CategoricalInput): Feature {
  const sound = Array.isArray(levels) && levels.every((level) => level === null || typeof level === 'string')
  if (!sound || new Set(levels).size < levels.length)
    return misfit(model, `the levels of ${column} are not different texts`, '{ column, levels: [VALUE, …] }, each once')
  return { kind: 'categorical', column, levels, reference, other: Boolean(other) }
}

/** @internal Throws MODEL_MISFIT with every column that the preprocessing needs and the table lacks or has of another type. */
export function checkFits(model: string, { features }: Preprocessing, columns: readonly Column[]): void {
  const faults: string[] = []
  const hints: string[] = []
  for (const { column, kind } of features) {
    const match = columns.find(({ name }) => name === column)
    if (!match) {
      faults.push(`the table lacks ${column}`)
      hints.push(
        nearest(
          column,
          columns.map(({ name }) => name),
          'column',
        ),
      )
    } else if (kind === 'numeric' && columnClass(match.type) !== 'number')
      faults.push(`${column} is ${match.type} and must be a number`)
  }
  if (faults.length > 0)
    misfit(model, faults.join(', '), [...new Set(hints)].join(' ') || 'A table with the columns that the model takes')
}
