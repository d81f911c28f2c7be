import type { ColumnData } from './table.ts'

// How raw columns become the numbers a model sees. Fitted on training rows, stored with the model, and
// applied in the same way by `encode` here and by the SQL of `features-sql.ts`.

export interface NumericFeature {
  readonly kind: 'numeric'
  readonly column: string
  /** ln(1 + value) is taken first; a value of −1 or less counts as missing. */
  readonly log: boolean
  /** Median of the training rows, after the logarithm: stands for a missing value. */
  readonly fill: number
  readonly mean: number
  /** Population standard deviation, never 0. */
  readonly deviation: number
  /** A second number, 1 where the value is missing; only where some training row lacked it. */
  readonly indicator: boolean
}

export interface CategoricalFeature {
  readonly kind: 'categorical'
  readonly column: string
  /** Values with a number of their own, 1 where the row has it; null is a missing value. */
  readonly levels: readonly (string | null)[]
  /** The most common value: all numbers 0. */
  readonly reference: string | null
  /** A last number for every value too rare for one of its own; without it an unseen value is as the reference. */
  readonly other: boolean
}

export type Feature = NumericFeature | CategoricalFeature

export interface Preprocessing {
  readonly features: readonly Feature[]
}

export interface FeatureData {
  readonly rows: number
  readonly numeric: ReadonlyMap<string, Float64Array>
  readonly categorical: ReadonlyMap<string, Coded>
}

/** Texts as numbers of their values in `levels`. */
export interface Coded {
  readonly codes: Int32Array
  readonly levels: readonly (string | null)[]
}

const code = (values: readonly (string | null)[]): Coded => {
  const numbers = new Map<string | null, number>()
  const codes = Int32Array.from(values, (value) => {
    const code = numbers.get(value) ?? numbers.size
    if (code === numbers.size) numbers.set(value, code)
    return code
  })
  return { codes, levels: [...numbers.keys()] }
}

/** Gathers columns as `context.read` gives them: those of numbers and those of texts. */
export const featureData = (
  columns: Readonly<Record<string, ColumnData>>,
  numeric: readonly string[],
  categorical: readonly string[],
): FeatureData => {
  const of = (name: string): ColumnData => columns[name] ?? new Float64Array(0)
  return {
    rows: of(numeric[0] ?? categorical[0] ?? '').length,
    numeric: new Map(numeric.map((name) => [name, of(name) as Float64Array])), // the query cast them to DOUBLE
    categorical: new Map(categorical.map((name) => [name, code(of(name) as (string | null)[])])), // and these to VARCHAR
  }
}

export interface FitOptions {
  readonly log: readonly string[]
  /** Values with fewer training rows than this share one number. */
  readonly minimumCount: number
  readonly maximumLevels: number
}

/** Numbers at or beyond this count as missing: their squares could not be summed. */
export const beyondMeasure = 1e100

/** The value a model sees before it is scaled; NaN where it is missing. */
const raw = (value: number, log: boolean): number =>
  !(Math.abs(value) < beyondMeasure) ? Number.NaN : !log ? value : value > -1 ? Math.log1p(value) : Number.NaN

const fitNumeric = (
  column: string,
  values: Float64Array,
  rows: Int32Array,
  log: boolean,
): NumericFeature | undefined => {
  const usable = new Float64Array(rows.length)
  let count = 0
  for (let i = 0; i < rows.length; i++) {
    const value = raw(values[rows[i]!]!, log)
    if (!Number.isNaN(value)) usable[count++] = value
  }
  const present = usable.subarray(0, count)
  if (present.length === 0) return undefined
  present.sort()
  const middle = (present.length - 1) / 2
  const fill = ((present[Math.floor(middle)] ?? 0) + (present[Math.ceil(middle)] ?? 0)) / 2
  const missing = rows.length - present.length
  // A missing value counts as the median also here, so that the numbers a model sees have mean 0 and deviation 1.
  let sum = missing * fill
  for (let i = 0; i < count; i++) sum += present[i]!
  const mean = sum / rows.length
  let squares = missing * (fill - mean) ** 2
  for (let i = 0; i < count; i++) squares += (present[i]! - mean) ** 2
  const deviation = Math.sqrt(squares / rows.length)
  // Apart by nothing but rounding is the same.
  const constant = !(deviation > Math.max(1e-100, 1e-12 * Math.abs(mean)))
  if (constant && missing === 0) return undefined
  return { kind: 'numeric', column, log, fill, mean, deviation: constant ? 1 : deviation, indicator: missing > 0 }
}

const fitCategorical = (
  column: string,
  { codes, levels }: Coded,
  rows: Int32Array,
  { minimumCount, maximumLevels }: FitOptions,
): CategoricalFeature | undefined => {
  const counts = new Int32Array(levels.length)
  for (const row of rows) counts[codes[row] ?? 0]! += 1
  const byCount = [...levels.keys()].filter((level) => counts[level]! > 0)
  // Of equally common values a missing one comes first.
  const name = (level: number) => (levels[level] === null ? '' : `=${levels[level]}`)
  byCount.sort((a, b) => counts[b]! - counts[a]! || (name(a) < name(b) ? -1 : 1))
  const [reference, ...others] = byCount
  if (reference === undefined || others.length === 0) return undefined
  const frequent = others.filter((level) => counts[level]! >= minimumCount).slice(0, maximumLevels)
  return {
    kind: 'categorical',
    column,
    levels: frequent.map((level) => levels[level] ?? null),
    reference: levels[reference] ?? null,
    other: frequent.length < others.length,
  }
}

/** Learns the preprocessing of `data` from the rows listed. Columns that are the same in all of them are left out. */
export const fitFeatures = (data: FeatureData, rows: Int32Array, options: FitOptions): Preprocessing => {
  const numeric = [...data.numeric].map(([column, values]) =>
    fitNumeric(column, values, rows, options.log.includes(column)),
  )
  const categorical = [...data.categorical].map(([column, coded]) => fitCategorical(column, coded, rows, options))
  return { features: [...numeric, ...categorical].filter((feature) => feature !== undefined) }
}

/** How many numbers a feature becomes. */
export const widthOf = (feature: Feature): number =>
  feature.kind === 'numeric' ? (feature.indicator ? 2 : 1) : feature.levels.length + (feature.other ? 1 : 0)

export const totalWidth = ({ features }: Preprocessing): number =>
  features.reduce((sum, feature) => sum + widthOf(feature), 0)

/** Numbers as a network takes them, held within a million so that no product of them is infinite. */
export const singlePrecision = (x: Float64Array): Float32Array => {
  const single = new Float32Array(x.length)
  for (let i = 0; i < x.length; i++) single[i] = Math.max(-1e6, Math.min(1e6, x[i]!))
  return single
}

/** What each number is called: `tenure`, `tenure missing`, `contract = Two year`, `contract = (other)`. */
export const numberNames = ({ features }: Preprocessing): string[] =>
  features.flatMap((feature) =>
    feature.kind === 'numeric'
      ? [
          feature.log ? `ln(1 + ${feature.column})` : feature.column,
          ...(feature.indicator ? [`${feature.column} missing`] : []),
        ]
      : [
          ...feature.levels.map((level) => `${feature.column} = ${level ?? '(missing)'}`),
          ...(feature.other ? [`${feature.column} = (other)`] : []),
        ],
  )

/** The numbers of the rows listed, row-major rows × totalWidth. A column that `data` lacks throws a RangeError. */
export const encode = (preprocessing: Preprocessing, data: FeatureData, rows: Int32Array): Float64Array => {
  const width = totalWidth(preprocessing)
  const x = new Float64Array(rows.length * width)
  let at = 0
  for (const feature of preprocessing.features) {
    if (feature.kind === 'numeric') encodeNumeric(feature, data, rows, x, at, width)
    else encodeCategorical(feature, data, rows, x, at, width)
    at += widthOf(feature)
  }
  return x
}

function encodeNumeric(
  feature: NumericFeature,
  data: FeatureData,
  rows: Int32Array,
  x: Float64Array,
  at: number,
  width: number,
): void {
  const values = data.numeric.get(feature.column)
  if (!values) throw new RangeError(`The column ${feature.column} is missing.`)
  const { log, fill, mean, deviation, indicator } = feature
  for (let i = 0; i < rows.length; i++) {
    const value = raw(values[rows[i]!]!, log)
    const missing = Number.isNaN(value)
    x[i * width + at] = ((missing ? fill : value) - mean) / deviation
    if (indicator && missing) x[i * width + at + 1] = 1
  }
}

function encodeCategorical(
  feature: CategoricalFeature,
  data: FeatureData,
  rows: Int32Array,
  x: Float64Array,
  at: number,
  width: number,
): void {
  const coded = data.categorical.get(feature.column)
  if (!coded) throw new RangeError(`The column ${feature.column} is missing.`)
  const places = Int32Array.from(coded.levels, (level) => {
    const index = feature.levels.indexOf(level)
    if (index >= 0) return index
    return feature.other && level !== feature.reference ? feature.levels.length : -1
  })
  for (let i = 0; i < rows.length; i++) {
    const index = places[coded.codes[rows[i]!]!]!
    if (index >= 0) x[i * width + at + index] = 1
  }
}
