import { mkdirSync, rmSync } from 'node:fs'
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBMaterializedResult,
  DuckDBResultReader,
  type DuckDBValue,
  version,
} from '@duckdb/node-api'
import { columnClass } from '../../nodes/lib/column-class.ts'
import { id, render, sql } from '../../nodes/lib/sql.ts'
import type { Column, Row, Sql, SqlValue } from '../../nodes/node.ts'
import { PolkuError } from '../errors.ts'

export const duckdbVersion = version()

/** Types whose names DuckDB and its results write alike: none that is made of others or named by its author. */
const plainType = /^[A-Z_]+( WITH TIME ZONE)?(\(\d+,\d+\))?$/

/** A text constant for statements that take no bound value. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

export interface DatabaseOptions {
  /** The only folder DuckDB may read and write. */
  readonly folder: string
  /** Where it spills what does not fit in memory. Inside `folder`; gone when the database is closed. */
  readonly temporary: string
}

/**
 * One DuckDB in this process, confined to a folder: no other file, no extension from the network, no
 * change of its settings. Everything asked of it goes through a connection of its own kind: `query`
 * for statements, and one more for every open stream (a stream ends silently when its connection is
 * used for anything else).
 */
export class Database {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #temporary: string
  readonly #streams = new Set<DuckDBConnection>()
  #serial = 0
  #cancelled: NodeJS.Timeout | undefined

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, temporary: string) {
    this.#instance = instance
    this.#connection = connection
    this.#temporary = temporary
  }

  static async open({ folder, temporary }: DatabaseOptions): Promise<Database> {
    mkdirSync(temporary, { recursive: true })
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      temp_directory: temporary,
    })
    const connection = await instance.connect()
    await connection.run(`SET allowed_directories=[${literal(`${folder}/`)}]`)
    for (const statement of [
      'SET enable_external_access=false',
      "SET TimeZone='UTC'",
      'SET enable_progress_bar=false',
      'SET lock_configuration=true',
    ])
      await connection.run(statement)
    return new Database(instance, connection, temporary)
  }

  /** A connection of its own for a stream; give it back with `disconnect`. */
  async connect(): Promise<DuckDBConnection> {
    this.check()
    const connection = await this.#instance.connect()
    this.#streams.add(connection)
    return connection
  }

  disconnect(connection: DuckDBConnection): void {
    this.#streams.delete(connection)
    connection.closeSync()
  }

  close(): void {
    this.restore()
    this.#connection.closeSync()
    this.#instance.closeSync()
    rmSync(this.#temporary, { recursive: true, force: true })
  }

  /** A name no relation has yet. */
  freshName(prefix: string): string {
    this.#serial += 1
    return `${prefix} ${this.#serial}`
  }

  /** Runs one statement; gives the number of rows it changed or made. */
  async run(statement: Sql): Promise<number> {
    this.check()
    const { text, values } = render(statement)
    return (await this.#result(text, values)).rowsChanged
  }

  // With nothing to bind, DuckDB need not prepare the statement first.
  #result(text: string, values: readonly SqlValue[]): Promise<DuckDBMaterializedResult> {
    return this.#connection.run(text, values.length > 0 ? (values as DuckDBValue[]) : undefined) // our values are a subset of DuckDB's
  }

  /** All rows of a small result: DECIMAL and big integers as numbers, dates and times as ISO text. */
  async rows(query: Sql): Promise<Row[]> {
    this.check()
    const { text, values } = render(query)
    const reader = new DuckDBResultReader(await this.#result(text, values))
    await reader.readAll()
    const numeric = reader.columnTypes().map((type) => columnClass(String(type)) === 'number')
    const names = reader.columnNames()
    return reader.getRowsJson().map((row) =>
      Object.fromEntries(
        row.map((value, index) => {
          const plain = value !== null && typeof value === 'object' ? JSON.stringify(value) : value
          return [names[index], numeric[index] && typeof plain === 'string' ? Number(plain) : plain]
        }),
      ),
    )
  }

  /** The columns a query gives. Reads no row. */
  async describe(query: Sql): Promise<Column[]> {
    const columns = await this.#columnsOfNone(query)
    if (columns) return columns
    const described = await this.rows(sql`describe ${query}`)
    return described.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
  }

  /**
   * The columns of a query's result without its rows, which DuckDB gives in half the time that DESCRIBE takes;
   * undefined where only DESCRIBE tells names and types as they are, or what is wrong with the query.
   */
  async #columnsOfNone(query: Sql): Promise<Column[] | undefined> {
    this.check()
    const { text, values } = render(sql`from (${query}\n) limit 0`)
    let result: DuckDBMaterializedResult
    try {
      result = await this.#result(text, values)
    } catch {
      return undefined
    }
    const names = result.columnNames()
    const types = result.columnTypes()
    // A name that two columns share has a number behind it here.
    const isPlain = types.every((type) => type.alias === undefined && plainType.test(String(type)))
    if (!isPlain || names.some((name) => /_\d+$/.test(name) && names.includes(name.replace(/_\d+$/, ''))))
      return undefined
    return names.map((name, index) => ({ name, type: String(types[index]) }))
  }

  /** Makes an empty table with these columns, to type a step on. */
  async createEmpty(name: string, columns: readonly Column[]): Promise<void> {
    const list = columns.map((column) => `${id(column.name).strings[0]} ${column.type}`).join(', ')
    await this.#connection.run(`create or replace table ${id(name).strings[0]} (${list})`)
  }

  /** Names a Parquet file so that queries can read it. */
  async viewParquet(name: string, path: string): Promise<void> {
    await this.#connection.run(`create or replace view ${id(name).strings[0]} as from read_parquet(${literal(path)})`)
  }

  async drop(kind: 'table' | 'view', name: string): Promise<void> {
    await this.#connection.run(`drop ${kind} if exists ${id(name).strings[0]}`)
  }

  /** Makes a table of a query's rows, in their order. */
  async createFrom(name: string, query: Sql): Promise<void> {
    await this.run(sql`create or replace table ${id(name)} as ${query}`)
  }

  /** Writes a query to a Parquet file and gives its rows. */
  writeParquet(query: Sql, path: string): Promise<number> {
    return this.#copy(query, path, 'format parquet, compression snappy')
  }

  /** Writes a query to a UTF-8 CSV file with a header. */
  writeCsv(query: Sql, path: string, delimiter: string): Promise<number> {
    return this.#copy(query, path, `format csv, header, delimiter ${literal(delimiter)}`)
  }

  // COPY takes no bound value for its target and options.
  #copy(query: Sql, path: string, options: string): Promise<number> {
    const { strings, values } = sql`copy (${query}) to `
    const last = strings.length - 1
    return this.run({
      strings: strings.map((part, index) => (index === last ? `${part}${literal(path)} (${options})` : part)),
      values,
    })
  }

  /** Ends the statements that run and refuses others until `restore`. */
  cancel(): void {
    const interrupt = () => {
      for (const connection of [this.#connection, ...this.#streams]) connection.interrupt()
    }
    // DuckDB forgets an interrupt that comes between the parts of a statement, so it is said again.
    this.#cancelled ??= setInterval(interrupt, 50)
    interrupt()
  }

  /** Throws RUN_CANCELLED between `cancel` and `restore`. */
  check(): void {
    if (this.#cancelled) throw new PolkuError('RUN_CANCELLED')
  }

  restore(): void {
    clearInterval(this.#cancelled)
    this.#cancelled = undefined
  }
}
