import { columnClass } from '../../../../nodes/lib/column-class.ts'
import { id, join, sql } from '../../../../nodes/lib/sql.ts'
import type { Column, Sql } from '../../../../nodes/node.ts'
import { chosenColumns, relationOf, type StoredTable } from './page.ts'
import type { Cell, TableReaders } from './reader.ts'

const bins = 20
/** Up to so many different values, each may be counted. */
const fewValues = 1000
const shownValues = 10
const longestValue = 200
/** A profile of more columns at once than these takes long: they are named. */
const mostColumns = 200

interface ColumnProfile extends Column {
  readonly missing: number
  readonly missingShare: number | null
  readonly distinct: number
  readonly minimum: string | number | null
  readonly maximum: string | number | null
  readonly mean: number | null
  readonly histogram: { from: string | number; to: string | number; count: number }[]
  readonly frequent: { value: Cell; count: number }[]
}

const isOrdered = ({ type }: Column): boolean => ['number', 'date'].includes(columnClass(type))
const isNumber = ({ type }: Column): boolean => columnClass(type) === 'number'
const isNamed = ({ type }: Column): boolean => ['text', 'boolean'].includes(columnClass(type))

/** Values on an axis: numbers as they are, dates and times as seconds; what is not finite is on none. */
const valueOnAxis = (column: Column): Sql => {
  const value = isNumber(column) ? sql`${id(column.name)}::double` : sql`epoch(${id(column.name)}::timestamp)`
  return sql`case when isfinite(${value}) then ${value} end`
}

/** What is in the columns of a table, in at most three readings of each. Throws COLUMN_UNKNOWN, TABLE_SLOW. */
export async function profileTable(
  readers: TableReaders,
  table: StoredTable,
  names: readonly string[] | undefined,
): Promise<{ total: number; columns: ColumnProfile[] }> {
  const columns = chosenColumns(table, names).slice(0, mostColumns)
  const facts = await factsOf(readers, table, columns)
  const histograms = await histogramsOf(readers, table, columns, facts)
  const frequent = await frequentOf(readers, table, columns, facts)
  const { total } = table
  return {
    total,
    columns: columns.map((column, index) => {
      const { missing = 0, distinct = 0, lowest = null, highest = null, mean = null } = facts[index] ?? {}
      return {
        ...{ name: column.name, type: column.type, missing, distinct, mean },
        missingShare: total > 0 ? missing / total : null,
        minimum: edge(column, lowest),
        maximum: edge(column, highest),
        histogram: histograms.get(index) ?? [],
        frequent: frequent.get(index) ?? [],
      }
    }),
  }
}

/** A position on the axis as the column's own value. */
function edge(column: Column, at: number | null): string | number | null {
  if (at === null || isNumber(column)) return at
  const time = new Date(at * 1000)
  if (Number.isNaN(time.getTime())) return null
  return column.type === 'DATE' ? time.toISOString().slice(0, 10) : time.toISOString()
}

interface Facts {
  readonly missing: number
  readonly distinct: number
  readonly lowest: number | null
  readonly highest: number | null
  readonly mean: number | null
}

const numberOf = (cell: Cell | undefined): number | null => (cell === null || cell === undefined ? null : Number(cell))

async function factsOf(readers: TableReaders, table: StoredTable, columns: readonly Column[]): Promise<Facts[]> {
  if (columns.length === 0) return []
  const expressions = columns.flatMap((column) => {
    const at = valueOnAxis(column)
    const line = isOrdered(column) ? [sql`min(${at})`, sql`max(${at})`] : [sql`null`, sql`null`]
    const mean = isNumber(column) ? sql`avg(${at})` : sql`null`
    return [
      sql`count(*) - count(${id(column.name)})`,
      columnClass(column.type) === 'other' ? sql`0` : sql`approx_count_distinct(${id(column.name)})`,
      ...line,
      mean,
    ]
  })
  const { rows } = await readers.rows(table.workspace, sql`select ${join(expressions)} from ${relationOf(table)}`)
  return columns.map((_, index) => {
    const [missing, distinct, lowest, highest, mean] = rows[0]?.slice(index * 5, index * 5 + 5) ?? []
    return {
      missing: Number(missing ?? 0),
      distinct: Number(distinct ?? 0),
      lowest: numberOf(lowest),
      highest: numberOf(highest),
      mean: numberOf(mean),
    }
  })
}

async function histogramsOf(
  readers: TableReaders,
  table: StoredTable,
  columns: readonly Column[],
  facts: readonly Facts[],
): Promise<Map<number, ColumnProfile['histogram']>> {
  const selects = columns.flatMap((column, index) => {
    const { lowest = null, highest = null } = facts[index] ?? {}
    if (!isOrdered(column) || lowest === null || highest === null) return []
    const at = valueOnAxis(column)
    const width = (highest - lowest) / bins
    const bin = width > 0 ? sql`least(${bins - 1}, floor((${at} - ${lowest}) / ${width}))::integer` : sql`0`
    return [
      sql`select ${index} as nth, ${bin} as bin, count(*) as rows from ${relationOf(table)}
        where ${at} is not null group by all`,
    ]
  })
  const histograms = new Map<number, ColumnProfile['histogram']>()
  if (selects.length === 0) return histograms
  const { rows } = await readers.rows(table.workspace, sql`${join(selects, ' union all ')} order by nth, bin`)
  for (const [nth, bin, count] of rows) {
    const index = Number(nth)
    const column = columns[index]
    const { lowest = 0, highest = 0 } = facts[index] ?? {}
    if (!column || lowest === null || highest === null) continue
    const width = (highest - lowest) / bins
    const from = edge(column, lowest + width * Number(bin))
    const to = edge(column, width > 0 ? lowest + width * (Number(bin) + 1) : highest)
    if (from === null || to === null) continue
    histograms.set(index, [...(histograms.get(index) ?? []), { from, to, count: Number(count) }])
  }
  return histograms
}

async function frequentOf(
  readers: TableReaders,
  table: StoredTable,
  columns: readonly Column[],
  facts: readonly Facts[],
): Promise<Map<number, ColumnProfile['frequent']>> {
  const selects = columns.flatMap((column, index) => {
    if (!isNamed(column) || (facts[index]?.distinct ?? 0) > fewValues) return []
    const value = id(column.name)
    return [
      sql`select * from (select ${index} as nth, left(${value}::varchar, ${longestValue}) as value, count(*) as rows
        from ${relationOf(table)} where ${value} is not null group by all order by rows desc, value limit ${shownValues})`,
    ]
  })
  const frequent = new Map<number, ColumnProfile['frequent']>()
  if (selects.length === 0) return frequent
  const { rows } = await readers.rows(
    table.workspace,
    sql`${join(selects, ' union all ')} order by nth, rows desc, value`,
  )
  for (const [nth, value = null, count] of rows) {
    const index = Number(nth)
    const isBoolean = columnClass(columns[index]?.type ?? '') === 'boolean'
    const cell = isBoolean ? value === 'true' : value
    frequent.set(index, [...(frequent.get(index) ?? []), { value: cell, count: Number(count) }])
  }
  return frequent
}
