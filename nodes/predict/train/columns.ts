import { columnClass } from '../../lib/column-class.ts'
import type { Table } from '../../node.ts'

export interface FeatureColumns {
  readonly numeric: readonly string[]
  readonly categorical: readonly string[]
  /** Those left out as they are dates: learnt from as they stand they would tell the past from the future only. */
  readonly dates: readonly string[]
}

interface ColumnRequest {
  readonly customer: string
  readonly target: string
  readonly numeric: readonly string[]
  readonly categorical: readonly string[]
  readonly exclude: readonly string[]
}

/** The columns to learn from: those named, or by their type all but the key, the target and the excluded. Dates are left out. */
export function featureColumns(
  cases: Table,
  { customer, target, numeric, categorical, exclude }: ColumnRequest,
): FeatureColumns {
  if (numeric.length + categorical.length > 0) return { numeric, categorical, dates: [] }
  const left = new Set([customer, target, ...exclude])
  const usable = cases.columns.filter(({ name }) => !left.has(name))
  const names = (...classes: string[]) =>
    usable.filter(({ type }) => classes.includes(columnClass(type))).map(({ name }) => name)
  return { numeric: names('number'), categorical: names('text', 'boolean'), dates: names('date') }
}
