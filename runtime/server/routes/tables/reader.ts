import { type DuckDBConnection, DuckDBInstance, DuckDBResultReader, type DuckDBValue } from '@duckdb/node-api'
import { LRUCache } from 'lru-cache'
import { columnClass } from '../../../../nodes/lib/column-class.ts'
import { render } from '../../../../nodes/lib/sql.ts'
import type { Column, Sql } from '../../../../nodes/node.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { ConcurrencyLimit } from '../../http/limits.ts'

/** What one look may take, in ms. */
const within = 20_000
/** What one client's looks may take of memory, beyond which DuckDB refuses. */
const memory = '512MB'

export type Cell = string | number | boolean | null

interface Rows {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

/** A DuckDB that reads the files of one folder and nothing else, and writes nothing. */
class TableReader {
  readonly #instance: Promise<DuckDBInstance>
  #queries = 0
  #isClosing = false

  constructor(folder: string) {
    this.#instance = open(folder)
    // Whoever reads gets the error.
    this.#instance.catch(() => undefined)
  }

  /** All rows of a small result. Throws TABLE_SLOW. */
  async rows(query: Sql): Promise<Rows> {
    this.#queries += 1
    try {
      const connection = await (await this.#instance).connect()
      try {
        return await ask(connection, query)
      } finally {
        connection.closeSync()
      }
    } finally {
      this.#queries -= 1
      await this.#closeIfIdle()
    }
  }

  /** Closes it as soon as nobody reads any more. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#closeIfIdle()
  }

  async #closeIfIdle(): Promise<void> {
    if (!this.#isClosing || this.#queries > 0) return
    const instance = await this.#instance.catch(() => undefined)
    instance?.closeSync()
  }
}

async function open(folder: string): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    memory_limit: memory,
    // What does not fit in memory is refused: reading writes nothing.
    temp_directory: '',
    threads: '2',
  })
  const connection = await instance.connect()
  for (const statement of [
    `SET allowed_directories=['${folder.replaceAll("'", "''")}/']`,
    'SET enable_external_access=false',
    "SET TimeZone='UTC'",
    'SET lock_configuration=true',
  ])
    await connection.run(statement)
  connection.closeSync()
  return instance
}

async function ask(connection: DuckDBConnection, query: Sql): Promise<Rows> {
  const { text, values } = render(query)
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
    connection.interrupt()
  }, within)
  try {
    const bound = values.length > 0 ? (values as DuckDBValue[]) : undefined // our values are a subset of DuckDB's
    const reader = new DuckDBResultReader(await connection.run(text, bound))
    await reader.readAll()
    const types = reader.columnTypes().map(String)
    return {
      columns: reader.columnNames().map((name, index) => ({ name, type: types[index] ?? '' })),
      rows: reader.getRowsJson().map((row) => row.map((value, index) => cellOf(value, types[index] ?? ''))),
    }
  } catch (error) {
    const isTooMuch = error instanceof Error && /Out of Memory/i.test(error.message)
    if (isLate || isTooMuch) throw new PolkuError('TABLE_SLOW', { seconds: within / 1000 }, {}, error)
    throw error
  } finally {
    clearTimeout(late)
  }
}

/** A number where JSON holds it exactly, else its text. */
function cellOf(value: unknown, type: string): Cell {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value !== 'string') return JSON.stringify(value)
  if (columnClass(type) !== 'number') return value
  const number = Number(value)
  const isExact = Number.isFinite(number) && (!/INT/.test(type) || Number.isSafeInteger(number))
  return isExact ? number : value
}

const mostOpen = 8
const looksAtOnce = 4

/** Looks into the tables of all clients, each with a reader that is confined to the client's folder. */
export class TableReaders {
  readonly #open = new LRUCache<string, TableReader>({
    max: mostOpen,
    dispose: (reader, _, reason) => {
      if (reason === 'evict') void reader.close()
    },
  })
  readonly #looks = new ConcurrencyLimit(looksAtOnce)

  /** All rows of a small result over files of the client's folder. Throws TABLE_SLOW, TOO_MANY_REQUESTS. */
  rows({ root }: Workspace, query: Sql): Promise<Rows> {
    return this.#looks.run(() => this.#readerOf(root).rows(query))
  }

  #readerOf(root: string): TableReader {
    const reader = this.#open.get(root) ?? new TableReader(root)
    this.#open.set(root, reader)
    return reader
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((reader) => reader.close()))
    this.#open.clear()
  }
}
