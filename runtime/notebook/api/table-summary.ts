import { columnClass } from '../../../nodes/lib/column-class.ts'
import { id, join, sql } from '../../../nodes/lib/sql.ts'
import type { Column, Row, Sql } from '../../../nodes/node.ts'
import type { Database } from '../../data/database.ts'
import type { StoredTable } from './stored-table.ts'

/** What is known of a column without loading it. */
export interface ColumnSummary extends Column {
  readonly kind: ReturnType<typeof columnClass>
  /** Share of NULLs, 0–1; null where there are no rows. */
  readonly missing: number | null
  /** Rows in each of ten equally wide parts between `least` and `most`; empty where nothing can be counted. */
  readonly bins: readonly number[]
  /** The range of numbers and dates, as text. */
  readonly least: string | null
  readonly most: string | null
  /** About how many different values a text column has, in the rows that were looked at. */
  readonly different: number | null
  /** Of a column of true and false, the share of true, 0–1. */
  readonly trueShare: number | null
}

export interface TableSummary {
  readonly rows: number
  readonly columns: readonly ColumnSummary[]
  /** Columns that are not shown. */
  readonly columnsLeft: number
  readonly first: readonly Row[]
  /** How many rows the histograms and counts of different values were made from; undefined where from all. */
  readonly sample: number | undefined
  /** Whether missing shares and ranges are of such a sample too. */
  readonly rangesSampled: boolean
}

const mostColumns = 40
const firstRows = 8
const binCount = 10
/** Up to so many values the shares and ranges are of all rows; beyond it, of a sample of vectors of rows. */
const mostCounted = 100_000_000
/** Likewise for what takes longer: different values and histograms. */
const mostSorted = 1_000_000

/** Looks at a table through aggregates and its first rows; never loads it. */
export async function summarise(database: Database, table: StoredTable): Promise<TableSummary> {
  const columns = table.columns.slice(0, mostColumns)
  const { rows } = table
  const source = (mostValues: number) => sourceOf(table, mostValues / Math.max(1, columns.length))
  const ask = (most: number, expressions: readonly Sql[]) =>
    expressions.length === 0 ? Promise.resolve<Row>({}) : aggregate(database, source(most).query, expressions)
  const raw = await ask(
    mostCounted,
    columns.flatMap((column, index) => rangeOf(column, index, id(column.name))),
  )
  // What Parquet knows of a column answers at once; what is infinite or no number is left out only where it is met.
  const unbounded = columns.flatMap((column, index) =>
    [raw[`least text ${index}`], raw[`most text ${index}`]].some((end) => /inf|nan/i.test(String(end)))
      ? rangeOf(column, index, finite(column))
      : [],
  )
  const ranges = { ...raw, ...(await ask(mostCounted, unbounded)) }
  const sorts = await ask(mostSorted, [
    ...columns.flatMap(differentOf),
    ...columns.flatMap((column, index) => binsOf(column, index, ranges)),
  ])
  const first = columns.length === 0 ? [] : await database.rows(firstQuery(table, columns))
  const figures = { ...sorts, ...ranges }
  return {
    rows,
    first,
    columns: columns.map((column, index) => summaryOf(column, index, figures)),
    columnsLeft: table.columns.length - columns.length,
    sample: source(mostSorted).sampled && sorts.seen !== undefined ? Number(sorts.seen) : undefined,
    rangesSampled: source(mostCounted).sampled,
  }
}

/** A table, or a sample of about so many of its rows. The seed makes the same sample of the same table. */
function sourceOf(table: StoredTable, mostRows: number): { query: Sql; sampled: boolean } {
  const share = (mostRows / Math.max(1, table.rows)) * 100
  if (share >= 100) return { query: sql`${table}`, sampled: false }
  return { query: sql`${table} tablesample system(${percent(share)} percent) repeatable (1)`, sampled: true }
}

const percent = (share: number): Sql => ({ strings: [share.toFixed(6)], values: [] })

async function aggregate(database: Database, source: Sql, expressions: readonly Sql[]): Promise<Row> {
  const [row] = await database.rows(sql`select count(*) as seen, ${join(expressions)} from ${source}`)
  return row ?? {}
}

const name = (kind: string, index: number): Sql => id(`${kind} ${index}`)

const isMeasured = (column: Column): boolean => ['number', 'date'].includes(columnClass(column.type))

/** A number or a date, NULL where it is infinite or no number. */
function finite({ name: column, type }: Column): Sql {
  const value = id(column)
  return /^(DOUBLE|FLOAT|DATE|TIMESTAMP)/.test(type) ? sql`case when isfinite(${value}) then ${value} end` : value
}

/** A number, or a date as seconds since 1970, as DOUBLE. */
const asDouble = ({ type }: Column, value: Sql): Sql =>
  columnClass(type) === 'date' ? sql`epoch(${value})` : sql`cast(${value} as double)`

function rangeOf(column: Column, index: number, value: Sql): Sql[] {
  const filled = sql`count(${id(column.name)}) as ${name('filled', index)}`
  if (columnClass(column.type) === 'boolean')
    return [filled, sql`count(*) filter (where ${value}) as ${name('true', index)}`]
  if (!isMeasured(column)) return [filled]
  const [least, most] = [sql`min(${value})`, sql`max(${value})`]
  return [
    filled,
    sql`${asDouble(column, least)} as ${name('least', index)}`,
    sql`${asDouble(column, most)} as ${name('most', index)}`,
    sql`cast(${least} as varchar) as ${name('least text', index)}`,
    sql`cast(${most} as varchar) as ${name('most text', index)}`,
  ]
}

const differentOf = ({ name: column, type }: Column, index: number): Sql[] =>
  columnClass(type) === 'text' ? [sql`approx_count_distinct(${id(column)}) as ${name('different', index)}`] : []

// A bound number without decimals would be an integer, which may be too large for one.
const double = (value: number): Sql => ({ strings: [`cast('${value}' as double)`], values: [] })

function binsOf(column: Column, index: number, ranges: Row): Sql[] {
  const [least, most] = [ranges[`least ${index}`], ranges[`most ${index}`]]
  if (!isMeasured(column) || typeof least !== 'number' || typeof most !== 'number' || !(most > least)) return []
  // Halves, because the whole width may be beyond what a double holds.
  const position = sql`(${asDouble(column, finite(column))} / 2 - ${double(least / 2)}) / ${double(most / 2 - least / 2)}`
  // The greatest value belongs to the last part.
  const bin = sql`cast(floor(${position} * ${binCount}) - cast(${position} >= 1 as integer) as integer)`
  return [sql`histogram(${bin}) as ${name('bins', index)}`]
}

/** Cells as short texts, because one may hold megabytes; numbers and booleans as they are. */
function firstQuery(table: StoredTable, columns: readonly Column[]): Sql {
  const cells = columns.map(({ name: column, type }, index) =>
    ['number', 'boolean'].includes(columnClass(type))
      ? sql`${id(column)} as ${name('cell', index)}`
      : sql`cast(${id(column)} as varchar)[:101] as ${name('cell', index)}`,
  )
  return sql`select ${join(cells)} from ${table} limit ${firstRows}`
}

function summaryOf(column: Column, index: number, figures: Row): ColumnSummary {
  const sampled = Number(figures.seen ?? 0)
  const text = (key: string) => (typeof figures[key] === 'string' ? (figures[key] as string) : null) // just proved
  const count = (key: string) => (typeof figures[key] === 'number' ? (figures[key] as number) : null) // just proved
  return {
    ...column,
    kind: columnClass(column.type),
    missing: sampled === 0 ? null : 1 - Number(figures[`filled ${index}`]) / sampled,
    bins: readBins(figures[`bins ${index}`]),
    least: text(`least text ${index}`),
    most: text(`most text ${index}`),
    different: count(`different ${index}`),
    trueShare: sampled === 0 || count(`true ${index}`) === null ? null : Number(figures[`true ${index}`]) / sampled,
  }
}

/** DuckDB's map of bin to count, as the database gives it: JSON text. */
function readBins(map: Row[string] | undefined): number[] {
  if (typeof map !== 'string') return []
  const bins = new Array<number>(binCount).fill(0)
  for (const { key, value } of JSON.parse(map) as { key: number | string; value: number | string }[])
    bins[Number(key)] = Number(value)
  return bins
}
