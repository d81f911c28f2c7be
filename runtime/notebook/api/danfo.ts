import type { DataFrame } from 'danfojs-node'
import { columnClass } from '../../../nodes/lib/column-class.ts'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Column, ColumnData } from '../../../nodes/lib/table.ts'
import { readColumns } from '../../data/bulk.ts'
import type { Database } from '../../data/database.ts'
import { PolkuError } from '../../errors/errors.ts'
import type { ArrayColumn } from './arrays.ts'
import { requireExact } from './exact.ts'
import { describeValue } from './settings.ts'
import type { StoredTable } from './stored-table.ts'

export type { DataFrame } from 'danfojs-node'

type Cell = number | string | boolean | Date | null

const millisecondsOfDay = 86_400_000

/** A value of a column as danfojs holds it. */
function cellOf({ type }: Column): (value: number | string | null | undefined) => Cell {
  const kind = columnClass(type)
  return (value) => {
    if (value === null || value === undefined || typeof value === 'string') return value ?? null
    if (Number.isNaN(value)) return null
    if (kind === 'boolean') return value === 1
    return kind === 'date' ? new Date(Math.round(value * millisecondsOfDay)) : value
  }
}

const frameType = ({ type }: Column): string => {
  const kind = columnClass(type)
  if (kind === 'number') return /INT/.test(type) ? 'int32' : 'float32'
  if (kind === 'date') return 'datetime'
  return kind === 'boolean' ? 'boolean' : 'string'
}

/** The types of the tables that frames were made of. */
const tableTypes = new WeakMap<object, readonly Column[]>()

/**
 * @internal The whole table as a DataFrame. Its columns keep their types also where the first values are missing.
 * Throws NUMBER_ROUNDED.
 */
export async function toDanfo(database: Database, table: StoredTable): Promise<DataFrame> {
  const { DataFrame: Frame } = await import('danfojs-node')
  await requireExact(database, sql`from ${table}`, table.columns)
  const data: Record<string, ColumnData> = await readColumns(database, sql`from ${table}`)
  const columns = table.columns.map((column) => ({ values: data[column.name] ?? [], cell: cellOf(column) }))
  const rows = Array.from({ length: table.rows }, (_, row) => columns.map(({ values, cell }) => cell(values[row])))
  const frame = new Frame(rows, {
    columns: table.columns.map(({ name }) => name),
    dtypes: table.columns.map(frameType),
  })
  tableTypes.set(frame, table.columns)
  return frame
}

const emptyTypes: Readonly<Record<string, string>> = { int32: 'BIGINT', boolean: 'BOOLEAN', datetime: 'TIMESTAMP' }

/**
 * The types that a frame's columns should have as a table: those of the table it was made of; of a column without any
 * value, what the frame says.
 */
export function typesOfFrame(frame: DataFrame): Column[] {
  const before = tableTypes.get(frame) ?? []
  return frame.columns.flatMap((name, index) => {
    const type = before.find((column) => column.name === name)?.type
    if (type !== undefined) return [{ name, type }]
    const isEmpty = frame.values.every((row) => isList(row) && (row[index] ?? null) === null)
    const said = emptyTypes[frame.dtypes[index] ?? '']
    return isEmpty && said !== undefined ? [{ name, type: said }] : []
  })
}

/** A DataFrame's columns as lists. Throws TABLE_INVALID where it is none. */
export function columnsOfFrame(frame: DataFrame): Record<string, ArrayColumn> {
  const { columns, values, dtypes }: { columns: unknown; values: unknown; dtypes: unknown } = frame ?? {}
  if (!isList(columns) || !isList(values) || !isList(dtypes))
    throw new PolkuError('TABLE_INVALID', { reason: `it is ${describeValue(frame)}.`, right: 'A danfojs DataFrame.' })
  return Object.fromEntries(
    columns.map((name, index) => {
      const list = values.map((row) => (isList(row) ? row[index] : row)) as Exclude<ArrayColumn, NodeJS.TypedArray> // each value is looked at when it is stored
      const isDouble = dtypes[index] === 'float32' && list.every((value) => value === null || typeof value === 'number')
      return [
        String(name),
        isDouble ? Float64Array.from(list, (value) => (value === null ? Number.NaN : Number(value))) : list,
      ]
    }),
  )
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value)
