import { columnClass } from '../../../nodes/lib/column-class.ts'
import { id, join, sql } from '../../../nodes/lib/sql.ts'
import type { Column, Row, Sql } from '../../../nodes/node.ts'
import type { Database } from '../../data/database.ts'
import type { StoredTable } from './engine.ts'

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
  /** About how many different values a text column has; of true and false how many are true. */
  readonly different: number | null
}

export interface TableSummary {
  readonly rows: number
  readonly columns: readonly ColumnSummary[]
  /** Columns that are not shown. */
  readonly columnsLeft: number
  readonly first: readonly Row[]
  /** About how many rows the shares and histograms were made from; undefined where from all. */
  readonly sample: number | undefined
}

const mostColumns = 40
const firstRows = 8
const binCount = 10
/** Up to so many values all are counted; beyond it, a sample of vectors of rows. */
const mostValues = 20_000_000

/** Looks at a table through aggregates and its first rows; never loads it. */
export async function summarise(database: Database, table: StoredTable): Promise<TableSummary> {
  const shown = table.columns.slice(0, mostColumns)
  const { rows } = table
  const share = (mostValues / Math.max(1, shown.length) / Math.max(1, rows)) * 100
  const sampled = share < 100
  // The seed makes the same sample of the same table.
  const source = sampled ? sql`${table} tablesample system(${percent(share)} percent) repeatable (1)` : sql`${table}`
  const ranges = shown.length === 0 ? {} : await aggregate(database, source, shown.flatMap(rangeOf))
  const bins = shown.flatMap((column, index) => binsOf(column, index, ranges))
  const counts = bins.length === 0 ? {} : await aggregate(database, source, bins)
  const first = shown.length === 0 ? [] : await database.rows(firstQuery(table, shown))
  return {
    rows,
    first,
    columns: shown.map((column, index) => summaryOf(column, index, ranges, counts)),
    columnsLeft: table.columns.length - shown.length,
    sample: sampled ? Number(ranges.seen ?? 0) : undefined,
  }
}

const percent = (share: number): Sql => ({ strings: [share.toFixed(6)], values: [] })

async function aggregate(database: Database, source: Sql, parts: readonly Sql[]): Promise<Row> {
  const [row] = await database.rows(sql`select count(*) as seen, ${join(parts)} from ${source}`)
  return row ?? {}
}

const name = (kind: string, index: number): Sql => id(`${kind} ${index}`)

const isMeasured = (column: Column): boolean => ['number', 'date'].includes(columnClass(column.type))

/** A number or a date as a finite DOUBLE, else NULL. */
function measure({ name: column, type }: Column): Sql {
  const value = id(column)
  if (columnClass(type) === 'date') return sql`case when isfinite(${value}) then epoch(${value}) end`
  const number = sql`cast(${value} as double)`
  return /^(DOUBLE|FLOAT)/.test(type) ? sql`case when isfinite(${value}) then ${number} end` : number
}

function rangeOf(column: Column, index: number): Sql[] {
  const value = id(column.name)
  const filled = sql`count(${value}) as ${name('filled', index)}`
  if (isMeasured(column)) {
    const ends = [sql`min(${measure(column)})`, sql`max(${measure(column)})`]
    const [least = sql`null`, most = sql`null`] = ends
    const text = (end: 'min' | 'max') => {
      const finite = columnClass(column.type) === 'date' || /^(DOUBLE|FLOAT)/.test(column.type)
      const kept = finite ? sql`case when isfinite(${value}) then ${value} end` : value
      return end === 'min' ? sql`cast(min(${kept}) as varchar)` : sql`cast(max(${kept}) as varchar)`
    }
    return [
      filled,
      sql`${least} as ${name('least', index)}`,
      sql`${most} as ${name('most', index)}`,
      sql`${text('min')} as ${name('least text', index)}`,
      sql`${text('max')} as ${name('most text', index)}`,
    ]
  }
  if (columnClass(column.type) === 'boolean')
    return [filled, sql`count(*) filter (where ${value}) as ${name('different', index)}`]
  if (columnClass(column.type) === 'text')
    return [filled, sql`approx_count_distinct(${value}) as ${name('different', index)}`]
  return [filled]
}

function binsOf(column: Column, index: number, ranges: Row): Sql[] {
  const [least, most] = [ranges[`least ${index}`], ranges[`most ${index}`]]
  if (!isMeasured(column) || typeof least !== 'number' || typeof most !== 'number' || !(most > least)) return []
  // Halves, because the whole width may be beyond what a double holds.
  const place = sql`(${measure(column)} / 2 - ${least / 2}::double) / ${most / 2 - least / 2}::double`
  return [
    sql`histogram(cast(least(${binCount - 1}, floor(${place} * ${binCount})) as integer)) as ${name('bins', index)}`,
  ]
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

function summaryOf(column: Column, index: number, ranges: Row, counts: Row): ColumnSummary {
  const seen = Number(ranges.seen ?? 0)
  const text = (key: string) => (typeof ranges[key] === 'string' ? (ranges[key] as string) : null) // just proved
  const different = ranges[`different ${index}`]
  return {
    ...column,
    kind: columnClass(column.type),
    missing: seen === 0 ? null : 1 - Number(ranges[`filled ${index}`]) / seen,
    bins: readBins(counts[`bins ${index}`]),
    least: text(`least text ${index}`),
    most: text(`most text ${index}`),
    different: typeof different === 'number' ? different : null,
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
