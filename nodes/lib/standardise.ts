export interface Standardised {
  /** Row-major, rows × columns. */
  readonly x: Float64Array
  readonly width: number
  /** Of each column, after its logarithm where one was taken. */
  readonly means: Float64Array
  /** Population standard deviations (divided by n); 0 for a constant column. */
  readonly deviations: Float64Array
  /** Of which columns ln(1 + value) was taken first. */
  readonly log: readonly boolean[]
  /** Columns whose values are all the same: they are 0 throughout and tell rows apart no more. */
  readonly constant: readonly number[]
}

interface Spread {
  readonly mean: number
  readonly deviation: number
}

// Two passes: the sum of squares minus the squared sum would cancel for large values close together.
const spreadOf = (values: Float64Array): Spread => {
  let sum = 0
  let same = true
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!
    if (values[i] !== values[0]) same = false
  }
  // The mean of equal values would miss them by a rounding, and the rounding would pass for spread.
  if (same) return { mean: values[0]!, deviation: 0 }
  const mean = sum / values.length
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2
  return { mean, deviation: Math.sqrt(squares / values.length) }
}

/**
 * z-scores of equally long columns as one row-major array: (value − mean) / population standard deviation, of
 * ln(1 + value) with `log` (for all columns or one by one). Throws a RangeError on no columns or rows, unequal lengths,
 * a NaN (NULL) or infinite value, with `log` a value of −1 or less, and on values too far apart to square.
 */
export const standardise = (
  columns: readonly Float64Array[],
  { log = false }: { log?: boolean | readonly boolean[] } = {},
): Standardised => {
  const rows = columns[0]?.length ?? 0
  const width = columns.length
  if (rows === 0) throw new RangeError('Needs at least one column and one row.')
  const logs = columns.map((_, j) => (typeof log === 'boolean' ? log : (log[j] ?? false)))
  const x = new Float64Array(rows * width)
  const spreads = columns.map((column, j): Spread => {
    if (column.length !== rows) throw new RangeError(`Column ${j} has ${column.length} rows instead of ${rows}.`)
    const bad = column.findIndex((value) => !Number.isFinite(value) || (logs[j]! && value <= -1))
    if (bad >= 0)
      throw new RangeError(
        `Column ${j}, row ${bad} is ${column[bad]}: needs a finite number${logs[j] ? ' above −1' : ''}.`,
      )
    const values = logs[j] ? column.map(Math.log1p) : column
    const spread = spreadOf(values)
    if (!Number.isFinite(spread.deviation)) throw new RangeError(`The values of column ${j} are too large to square.`)
    if (spread.deviation > 0)
      for (let row = 0; row < rows; row++) x[row * width + j] = (values[row]! - spread.mean) / spread.deviation
    return spread
  })
  const deviations = Float64Array.from(spreads, ({ deviation }) => deviation)
  return {
    x,
    width,
    means: Float64Array.from(spreads, ({ mean }) => mean),
    deviations,
    log: logs,
    constant: [...deviations.keys()].filter((j) => deviations[j] === 0),
  }
}

/**
 * Rows of z-scores (row-major, such as centroids) in the units the columns came in. Of a centroid in logarithms this
 * gives the geometric kind of mean, below the plain mean of its rows.
 */
export const inOriginalUnits = (
  { width, means, deviations, log }: Omit<Standardised, 'x' | 'constant'>,
  rows: Float64Array,
): Float64Array =>
  rows.map((z, i) => {
    const value = z * deviations[i % width]! + means[i % width]!
    return log[i % width] ? Math.expm1(value) : value
  })
