import {
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import { columnClass } from '../../nodes/lib/column-class.ts'
import { id, join, render, sql } from '../../nodes/lib/sql.ts'
import type { BulkColumns, Column, ColumnData, Sql, Table } from '../../nodes/node.ts'
import type { Database } from './database.ts'

// Columns in bulk between DuckDB and typed arrays. NULLs leave garbage in a vector's items, so every
// numeric column is coalesced to NaN in SQL; DECIMAL has no typed items, so it is cast to DOUBLE.

const isText = (column: Column): boolean => ['text', 'other'].includes(columnClass(column.type))

function numericColumn(column: Column): Sql {
  const name = id(column.name)
  const number =
    columnClass(column.type) !== 'date'
      ? sql`cast(${name} as double)`
      : column.type === 'DATE'
        ? sql`cast(date_diff('day', date '1970-01-01', ${name}) as double)`
        : sql`epoch(${name}) / 86400.0`
  return sql`coalesce(${number}, 'nan'::double) as ${name}`
}

const bulkQuery = (query: Sql, columns: readonly Column[]): Sql => {
  const list = columns.map((column) =>
    isText(column) ? sql`cast(${id(column.name)} as varchar) as ${id(column.name)}` : numericColumn(column),
  )
  return sql`select ${join(list)} from (${query})`
}

interface Chunk {
  readonly rows: number
  readonly columns: Record<string, ColumnData>
}

/** Streams a query in chunks of 2,048 rows joined to about 64k, on a connection of its own. Arrays are fresh per chunk. */
export async function* readChunks(database: Database, query: Sql, chunkRows = 65_536): AsyncGenerator<Chunk> {
  const columns = await database.describe(query)
  const { text, values } = render(bulkQuery(query, columns))
  const connection = await database.connect(text)
  try {
    const result = await connection.stream(text, values as DuckDBValue[]) // our values are a subset of DuckDB's
    let pieces: DuckDBDataChunk[] = []
    let rows = 0
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      database.check()
      pieces.push(chunk)
      rows += chunk.rowCount
      if (rows < chunkRows) continue
      yield { rows, columns: gather(columns, pieces, rows) }
      pieces = []
      rows = 0
    }
    if (rows > 0) yield { rows, columns: gather(columns, pieces, rows) }
  } finally {
    database.disconnect(connection)
  }
}

function gather(
  columns: readonly Column[],
  chunks: readonly DuckDBDataChunk[],
  rows: number,
): Record<string, ColumnData> {
  return Object.fromEntries(
    columns.map((column, index) => {
      if (isText(column))
        return [column.name, chunks.flatMap((chunk) => chunk.getColumnValues(index) as (string | null)[])] // cast to varchar in SQL
      const data = new Float64Array(rows)
      let offset = 0
      for (const chunk of chunks) {
        data.set(doubles(chunk, index), offset)
        offset += chunk.rowCount
      }
      return [column.name, data]
    }),
  )
}

// A DOUBLE vector's items are a Float64Array that the type declaration keeps private; item by item is five times slower.
const doubles = (chunk: DuckDBDataChunk, index: number): Float64Array =>
  (chunk.getColumnVector(index) as unknown as { items: Float64Array }).items.subarray(0, chunk.rowCount)

/** Reads a whole query into columns. */
export async function readColumns(database: Database, query: Sql): Promise<Record<string, ColumnData>> {
  const columns = await database.describe(query)
  const chunks: Chunk[] = []
  for await (const chunk of readChunks(database, query)) chunks.push(chunk)
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0)
  return Object.fromEntries(
    columns.map((column) => {
      if (isText(column))
        return [column.name, chunks.flatMap((chunk) => chunk.columns[column.name] as (string | null)[])] // text columns are arrays of text
      const data = new Float64Array(rows)
      let offset = 0
      for (const chunk of chunks) {
        data.set(chunk.columns[column.name] as Float64Array, offset) // every other column is numbers
        offset += chunk.rows
      }
      return [column.name, data]
    }),
  )
}

const typeOf = (data: BulkColumns[string]): DuckDBType =>
  data instanceof Float64Array ? DOUBLE : data instanceof Int32Array ? INTEGER : VARCHAR

const sqlType = (data: BulkColumns[string]): string =>
  data instanceof Float64Array ? 'DOUBLE' : data instanceof Int32Array ? 'INTEGER' : 'VARCHAR'

const vectorSize = 2048

/** Fills a fresh table from equally long columns and gives it. Throws RangeError when their lengths differ. */
export function writeColumns(database: Database, data: BulkColumns): Promise<Table> {
  return writeChunks(
    database,
    (async function* () {
      yield data
    })(),
  )
}

/** Fills a fresh table from chunks of columns, on a connection of its own, so that the chunks may come from an open stream. Throws RangeError when lengths differ or there is no chunk. */
export async function writeChunks(database: Database, chunks: AsyncIterable<BulkColumns>): Promise<Table> {
  const relation = database.freshName('columns')
  const connection = await database.connect()
  let columns: Column[] | undefined
  let appender: DuckDBAppender | undefined
  try {
    for await (const data of chunks) {
      if (!columns) {
        columns = Object.entries(data).map(([name, values]) => ({ name, type: sqlType(values) }))
        await database.createEmpty(relation, columns)
        appender = await connection.createAppender(relation)
      }
      if (appender) append(appender, columns, data)
    }
    appender?.closeSync()
  } finally {
    database.disconnect(connection)
  }
  if (!columns) throw new RangeError('There is no chunk to write.')
  return { relation, columns }
}

function append(appender: DuckDBAppender, columns: readonly Column[], data: BulkColumns): void {
  const arrays = columns.map(({ name }) => data[name] ?? [])
  const rows = arrays[0]?.length ?? 0
  if (arrays.some((array) => array.length !== rows)) throw new RangeError('The columns have different lengths.')
  for (let start = 0; start < rows; start += vectorSize) {
    const size = Math.min(vectorSize, rows - start)
    const chunk = DuckDBDataChunk.create(arrays.map(typeOf), size)
    for (const [index, array] of arrays.entries()) setVector(chunk, index, array, start, size)
    appender.appendDataChunk(chunk)
  }
}

function setVector(
  chunk: DuckDBDataChunk,
  index: number,
  data: BulkColumns[string],
  start: number,
  size: number,
): void {
  if (data instanceof Int32Array || (data instanceof Float64Array && !hasNaN(data, start, size))) {
    const vector = chunk.getColumnVector(index) as unknown as { items: Float64Array | Int32Array; flush(): void } // see `doubles`
    vector.items.set(data.subarray(start, start + size))
    vector.flush()
    return
  }
  const values: (string | number | null)[] = []
  for (let row = start; row < start + size; row += 1) {
    const value = data[row] ?? null
    values.push(typeof value === 'number' && Number.isNaN(value) ? null : value)
  }
  chunk.setColumnValues(index, values)
}

function hasNaN(data: Float64Array, start: number, size: number): boolean {
  for (let row = start; row < start + size; row += 1) if (Number.isNaN(data[row])) return true
  return false
}
