import { id, join, sql } from '../../../nodes/lib/sql.ts'
import type { BulkColumns, Column, Sql } from '../../../nodes/lib/table.ts'
import { writeColumns } from '../../data/bulk.ts'
import { PolkuError } from '../../errors/errors.ts'
import { castWhereExact } from './exact.ts'
import { describeValue } from './settings.ts'
import type { SharedEngine } from './shared-engine.ts'
import type { StoredTable } from './stored-table.ts'

type Value = number | bigint | string | boolean | Date | null | undefined

/** One column: a typed array, or a list of values of one kind. */
export type ArrayColumn =
  | Float64Array
  | Float32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | readonly Value[]

export type InputRow = Readonly<Record<string, Value>>

/** A column as it is written, and the type it then is cast to. */
interface Written {
  readonly data: BulkColumns[string]
  readonly type?: 'BIGINT' | 'BOOLEAN' | 'DATE' | 'TIMESTAMP'
}

const invalid = (reason: string, right: string): PolkuError => new PolkuError('TABLE_INVALID', { reason, right })

/**
 * @internal Stores columns as a table. Equal content is stored once. Throws TABLE_INVALID.
 * @param target types that columns get where none of their values then is another one.
 */
export async function storeArrays(
  engine: SharedEngine,
  columns: Readonly<Record<string, ArrayColumn>>,
  target: readonly Column[] = [],
): Promise<StoredTable> {
  checkNames(columns)
  const written = Object.entries(columns).map(([name, column]) => ({ name, ...writtenColumn(name, column) }))
  const [first] = written
  const uneven = written.find(({ data }) => data.length !== first?.data.length)
  if (first && uneven)
    throw invalid(
      `${first.name} has ${first.data.length} values and ${uneven.name} has ${uneven.data.length}.`,
      'Columns of one length.',
    )
  const table = await writeColumns(engine.database, Object.fromEntries(written.map(({ name, data }) => [name, data])))
  try {
    const query = sql`select ${join(written.map(castOf))} from ${table}`
    return await engine.storeQuery(await castWhereExact(engine.database, query, target))
  } finally {
    await engine.database.drop('table', table.relation)
  }
}

function checkNames(columns: unknown): void {
  const right = '{ name: values } with at least one column.'
  if (columns === null || typeof columns !== 'object' || Array.isArray(columns))
    throw invalid(`it is ${describeValue(columns)}.`, right)
  const names = new Set<string>()
  for (const name of Object.keys(columns)) {
    if (name === '' || name.includes('\0')) throw invalid('a column has no name.', 'A name for each column.')
    if (names.has(name.toLowerCase()))
      throw invalid(`two columns are called ${name}.`, 'Names that differ in more than small and capital letters.')
    names.add(name.toLowerCase())
  }
  if (names.size === 0) throw invalid('it has no column.', right)
}

function castOf({ name, type }: Written & { readonly name: string }): Sql {
  const value = id(name)
  if (type === 'BIGINT') return sql`cast(${value} as bigint) as ${value}`
  if (type === 'BOOLEAN') return sql`${value} = 1 as ${value}`
  const time = sql`make_timestamp(cast(${value} * 1000 as bigint))`
  if (type === 'TIMESTAMP') return sql`${time} as ${value}`
  return type === 'DATE' ? sql`cast(${time} as date) as ${value}` : value
}

function writtenColumn(name: string, column: ArrayColumn): Written {
  if (column instanceof Float64Array || column instanceof Int32Array) return { data: column }
  if (column instanceof Float32Array) return { data: Float64Array.from(column) }
  if (column instanceof Uint32Array) return { data: Float64Array.from(column), type: 'BIGINT' }
  if (column instanceof BigInt64Array || column instanceof BigUint64Array)
    return { data: Array.from(column, String), type: 'BIGINT' }
  if (ArrayBuffer.isView(column) && !(column instanceof DataView)) return { data: Int32Array.from(column) }
  if (!Array.isArray(column))
    throw invalid(`${name} is ${describeValue(column)}.`, 'A list of values, or a typed array.')
  return writtenList(name, column)
}

type Kind = 'number' | 'whole' | 'text' | 'boolean' | 'time'

const isMissing = (value: unknown): boolean => value === null || value === undefined || Number.isNaN(value)

function kindOf(value: unknown): Kind | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'whole' : 'number'
  if (typeof value === 'bigint') return 'whole'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'boolean'
  return value instanceof Date && !Number.isNaN(value.getTime()) ? 'time' : undefined
}

/** The one kind of a list's values; numbers that are not all whole are numbers. */
function listKind(name: string, list: readonly unknown[]): Kind | undefined {
  let kind: Kind | undefined
  for (const [index, value] of list.entries()) {
    if (isMissing(value)) continue
    const next = kindOf(value)
    const numbers = [next, kind].every((one) => one === 'number' || one === 'whole')
    if (next === undefined || (kind !== undefined && next !== kind && !numbers))
      throw invalid(
        `value ${index + 1} of ${name} is ${describeValue(value)}${kind ? `, the ones before are of kind ${kind}` : ''}.`,
        'Numbers only, texts only, booleans only or dates only; null for what is missing.',
      )
    kind = kind === 'number' ? 'number' : next
  }
  return kind
}

function writtenList(name: string, list: readonly Value[]): Written {
  const kind = listKind(name, list)
  const numbers = (number: (value: Value) => number) =>
    Float64Array.from(list, (value) => (isMissing(value) ? Number.NaN : number(value)))
  if (kind === undefined && list.some((value) => typeof value === 'number')) return { data: numbers(Number) }
  if (kind === 'number') return { data: numbers(Number) }
  if (kind === 'whole')
    // As text: a bigint may be beyond what a double holds.
    return list.some((value) => typeof value === 'bigint')
      ? { data: list.map((value) => (isMissing(value) ? null : String(value))), type: 'BIGINT' }
      : { data: numbers(Number), type: 'BIGINT' }
  if (kind === 'boolean') return { data: numbers(Number), type: 'BOOLEAN' }
  if (kind === 'time') {
    const times = numbers((value) => (value as Date).getTime()) // the list is of dates
    return {
      data: times,
      type: times.every((time) => Number.isNaN(time) || time % 86_400_000 === 0) ? 'DATE' : 'TIMESTAMP',
    }
  }
  return { data: list.map((value) => (isMissing(value) ? null : String(value).toWellFormed())) }
}

/** Rows as columns: all keys of all rows, in the order they first occur. Throws TABLE_INVALID. */
export function columnsOfRows(rows: readonly InputRow[]): Record<string, ArrayColumn> {
  if (!Array.isArray(rows)) throw invalid(`it is ${describeValue(rows)}.`, 'A list of rows.')
  const names = new Set<string>()
  for (const [index, row] of rows.entries()) {
    if (row === null || typeof row !== 'object' || Array.isArray(row))
      throw invalid(`row ${index + 1} is ${describeValue(row)}.`, 'Rows as objects: { column: value }.')
    for (const name of Object.keys(row)) names.add(name)
  }
  return Object.fromEntries(
    [...names].map((name) => [name, rows.map((row: InputRow) => (Object.hasOwn(row, name) ? row[name] : null))]),
  )
}
