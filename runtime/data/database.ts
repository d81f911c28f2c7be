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
import { PolkuError } from '../errors/errors.ts'
import { mayRepeat, plainType, QueryTypes } from './query-types.ts'

export const duckdbVersion = version()

/** A statement that gives a name another meaning. */
const definition = /^\s*(create|drop|alter|attach|detach|set|reset|use)\b/i

/** A text constant for statements that take no bound value. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The statements that failed, by their errors. */
const statements = new WeakMap<Error, string>()

/** The statement that DuckDB refused with this error. */
export const statementOf = (error: Error): string | undefined => statements.get(error)

interface Promised {
  readonly statement: string
  created?: Promise<unknown>
}

const quoted = (name: string): string => id(name).strings[0] ?? ''

const emptyTable = (name: string, columns: readonly Column[]): string =>
  `create or replace table ${quoted(name)} (${columns.map((column) => `${quoted(column.name)} ${column.type}`).join(', ')})`

const viewOf = (name: string, path: string): string =>
  `create or replace view ${quoted(name)} as from read_parquet(${literal(path)})`

export interface DatabaseOptions {
  /** The only folder DuckDB may read and write. */
  readonly folder: string
  /** Where it spills what does not fit in memory. Inside `folder`; gone when the database is closed. */
  readonly temporary: string
  /** Bytes that it may take before it spills; most of the machine's where nothing is said. */
  readonly memory?: number
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
  readonly #types = new QueryTypes()
  /** Relations that are made when something asks for them, by their quoted names. */
  readonly #promised = new Map<string, Promised>()
  #serial = 0
  #cancelled: NodeJS.Timeout | undefined

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, temporary: string) {
    this.#instance = instance
    this.#connection = connection
    this.#temporary = temporary
  }

  static async open({ folder, temporary, memory }: DatabaseOptions): Promise<Database> {
    mkdirSync(temporary, { recursive: true })
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      temp_directory: temporary,
      ...(memory !== undefined && { memory_limit: `${Math.round(memory / 2 ** 20)}MiB` }),
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

  /** A connection of its own, for a stream of what `text` asks for or for an appender; give it back with `disconnect`. */
  async connect(text = ''): Promise<DuckDBConnection> {
    this.check()
    await this.#makePromised(text)
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
    if (definition.test(text)) this.#types.clear()
    return (await this.#result(text, values)).rowsChanged
  }

  /** Makes the promised relations that a statement names. */
  async #makePromised(text: string): Promise<void> {
    for (const [name, promised] of this.#promised)
      if (text.includes(name)) {
        promised.created ??= this.#connection.run(promised.statement)
        await promised.created
        if (this.#promised.get(name) === promised) this.#promised.delete(name)
      }
  }

  async #result(text: string, values: readonly SqlValue[]): Promise<DuckDBMaterializedResult> {
    await this.#makePromised(text)
    try {
      return await this.#bound(text, values)
    } catch (error) {
      if (error instanceof Error) statements.set(error, text)
      throw error
    }
  }

  async #bound(text: string, values: readonly SqlValue[]): Promise<DuckDBMaterializedResult> {
    // With nothing to bind, DuckDB need not prepare the statement first.
    if (values.length === 0) return this.#connection.run(text)
    const prepared = await this.#connection.prepare(text)
    try {
      prepared.bind(values as DuckDBValue[]) // our values are a subset of DuckDB's
      return await prepared.run()
    } finally {
      prepared.destroySync()
    }
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
    this.check()
    const key = this.#types.key(query)
    const cachedColumns = key === undefined ? undefined : this.#types.find(key)
    if (cachedColumns) return cachedColumns
    const columns = (await this.#columnsOfNone(query)) ?? (await this.#described(query))
    if (key !== undefined) this.#types.keep(key, columns)
    return columns
  }

  async #described(query: Sql): Promise<Column[]> {
    const described = await this.rows(sql`describe ${query}`)
    return described.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
  }

  /**
   * The columns of a query's result without its rows, which DuckDB gives in half the time that DESCRIBE takes;
   * undefined where only DESCRIBE tells names and types as they are, or what is wrong with the query.
   */
  async #columnsOfNone(query: Sql): Promise<Column[] | undefined> {
    const { text, values } = render(sql`from (${query}\n) limit 0`)
    let result: DuckDBMaterializedResult
    try {
      result = await this.#result(text, values)
    } catch {
      return undefined
    }
    const names = result.columnNames()
    const types = result.columnTypes()
    const isPlain = types.every((type) => type.alias === undefined && plainType.test(String(type)))
    if (!isPlain || mayRepeat(names)) return undefined
    return names.map((name, index) => ({ name, type: String(types[index]) }))
  }

  /** Makes an empty table with these columns. */
  async createEmpty(name: string, columns: readonly Column[]): Promise<void> {
    this.#forget(name)
    await this.#connection.run(emptyTable(name, columns))
  }

  /** Names an empty table with these columns, to type a step on. It is made when something asks for it. */
  promiseEmpty(name: string, columns: readonly Column[]): void {
    this.#types.name(name, columns)
    this.#promised.set(quoted(name), { statement: emptyTable(name, columns) })
  }

  /** Names a Parquet file so that queries can read it. */
  async viewParquet(name: string, path: string): Promise<void> {
    this.#forget(name)
    await this.#connection.run(viewOf(name, path))
  }

  /** Names a Parquet file of these columns. The view is made when something asks for it. */
  promiseView(name: string, path: string, columns: readonly Column[]): void {
    this.#types.name(name, columns)
    this.#promised.set(quoted(name), { statement: viewOf(name, path) })
  }

  async drop(kind: 'table' | 'view', name: string): Promise<void> {
    this.#forget(name)
    await this.#connection.run(`drop ${kind} if exists ${quoted(name)}`)
  }

  #forget(name: string): void {
    this.#types.forget(name)
    this.#promised.delete(quoted(name))
  }

  /** Makes a table of a query's rows, in their order. */
  async createFrom(name: string, query: Sql): Promise<void> {
    this.check()
    this.#forget(name)
    const { text, values } = render(sql`create or replace table ${id(name)} as ${query}`)
    await this.#result(text, values)
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
