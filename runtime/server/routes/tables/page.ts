import { columnClass } from '../../../../nodes/lib/column-class.ts'
import { id, join, sql } from '../../../../nodes/lib/sql.ts'
import type { Column, Sql } from '../../../../nodes/node.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import type { Cell, TableReaders } from './reader.ts'

/** A table of a client: its Parquet files, and what their record says of them. */
export interface StoredTable {
  readonly workspace: Workspace
  /** How people know it. */
  readonly name: string
  /** Absolute, in the order of their rows. */
  readonly files: readonly string[]
  readonly columns: readonly Column[]
  readonly total: number
}

export interface Page {
  readonly columns: Column[]
  readonly rows: Cell[][]
  readonly offset: number
  readonly total: number
  readonly longest: number
}

/** Characters that a page may hold, and the least and most that a cell is cut to. */
const mostCharacters = 4_000_000
const shortest = 40
const longestCell = 4000

export const relationOf = ({ files, columns }: StoredTable): Sql =>
  files.length > 0
    ? sql`read_parquet([${join(files.map((file) => sql`${file}`))}])`
    : sql`(select ${join(columns.map(({ name }) => sql`null as ${id(name)}`))} limit 0)`

/** The columns that are named, or all. Throws COLUMN_UNKNOWN. */
export function chosenColumns({ name: table, columns }: StoredTable, names: readonly string[] | undefined): Column[] {
  if (names === undefined) return [...columns]
  return names.map((name) => {
    const match = columns.find((column) => column.name === name)
    if (match) return match
    const all = columns.map((column) => column.name)
    throw new PolkuError('COLUMN_UNKNOWN', {
      ...{ table, column: name, actual: name },
      nearest: nearest(name, all, 'column'),
    })
  })
}

interface PageRequest {
  readonly offset?: number
  readonly limit?: number
  readonly columns?: readonly string[]
}

/** A page of a table's rows; of the files only what it needs is read. Throws COLUMN_UNKNOWN, TABLE_SLOW. */
export async function readPage(
  readers: TableReaders,
  table: StoredTable,
  { offset = 0, limit = 100, columns: names }: PageRequest,
): Promise<Page> {
  const columns = chosenColumns(table, names)
  const cells = Math.max(1, Math.min(limit, table.total) * columns.length)
  const longest = Math.max(shortest, Math.min(longestCell, Math.floor(mostCharacters / cells)))
  const expressions = columns.map(({ name, type }) => {
    const column = id(name)
    const isLong = ['text', 'other'].includes(columnClass(type))
    return isLong ? sql`left(${column}::varchar, ${longest}) as ${column}` : column
  })
  const isEmpty = limit === 0 || offset >= table.total || columns.length === 0
  const { rows } = isEmpty
    ? { rows: [] }
    : await readers.rows(
        table.workspace,
        sql`select ${join(expressions)} from ${relationOf(table)} limit ${limit} offset ${offset}`,
      )
  return { columns, rows: rows.map((row) => [...row]), offset, total: table.total, longest }
}
