import { ids, sql } from '../../../nodes/lib/sql.ts'
import type { Column, ColumnData, Row, Sql } from '../../../nodes/lib/table.ts'
import { readColumns } from '../../data/bulk.ts'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import type { DataFrame } from './danfo.ts'
import { requireExact } from './exact.ts'
import { inspectSymbol, type MimeBundle, mimeSymbol } from './mime.ts'
import { describeValue } from './settings.ts'
import type { SharedEngine } from './shared-engine.ts'
import type { StoredTable } from './stored-table.ts'
import { summarise } from './table-summary.ts'
import { tableHtml, tableText } from './table-view.ts'

/** What may stand in a hole of a query: a table or a node's result, SQL, a value, a date, or a list of values. */
export type SqlPiece = Table | Sql | object | string | number | bigint | boolean | null

/** @internal What a table asks of the workspace that it is of. */
export interface TableHost {
  readonly engine: SharedEngine
  readonly signal: () => AbortSignal | undefined
  /** Runs a query; `self` is the table that it calls `this`. */
  query(strings: TemplateStringsArray, pieces: readonly SqlPiece[], self?: Table): Promise<Table>
}

/**
 * A table of the workspace: an immutable Parquet file that DuckDB reads. Nothing of it is in memory until it is
 * asked for, so it may have millions of rows.
 */
export class Table {
  /** The content hash of the file. Equal tables have equal hashes. */
  readonly hash: string
  /** The Parquet file. */
  readonly path: string
  /** Its name in SQL; it must be quoted. */
  readonly relation: string
  readonly #host: TableHost
  readonly #stored: StoredTable

  /** @internal Tables are made by the opened workspace and by nodes. */
  constructor(stored: StoredTable, host: TableHost) {
    this.hash = stored.hash
    this.path = stored.path
    this.relation = stored.relation
    this.#stored = stored
    this.#host = host
  }

  /** Its columns in order: names and DuckDB types. */
  columns(): readonly Column[] {
    return this.#stored.columns
  }

  /** How many rows it has. */
  count(): number {
    return this.#stored.rows
  }

  /**
   * Asks in SQL (DuckDB's); the table itself is `this`, others are put in as holes:
   * ``await orders.sql`select city, count(*) as n from this join ${customers} using (customer_id) group by city` ``.
   * Gives a table. Throws SQL_INVALID.
   */
  sql(strings: TemplateStringsArray, ...pieces: readonly SqlPiece[]): Promise<Table> {
    return this.#host.query(strings, pieces, this)
  }

  /**
   * Its columns as arrays, all or those named: numbers as Float64Array (NULL is NaN; dates are days since 1970,
   * booleans 0 and 1), texts and everything else as a list of texts (NULL is null). Throws COLUMN_UNKNOWN, and
   * NUMBER_ROUNDED where a number is none of JavaScript's, such as an identifier of 18 digits.
   */
  async toArrays(...columns: readonly string[]): Promise<Record<string, ColumnData>> {
    return this.#work(async () => {
      const { database } = this.#host.engine
      const query = this.#select(columns)
      const selected = this.columns().filter(({ name }) => columns.length === 0 || columns.includes(name))
      await requireExact(database, query, selected)
      return readColumns(database, query)
    })
  }

  /** Its first rows as objects, all without a limit: decimals and big integers as numbers, dates and times as ISO text. Throws SETTING_INVALID. */
  async toRows(limit?: number): Promise<Row[]> {
    return this.#work(async () => {
      const all = sql`from ${this.#stored}`
      if (limit === undefined) return this.#host.engine.database.rows(all)
      if (Number.isSafeInteger(limit) && limit >= 0) return this.#host.engine.database.rows(sql`${all} limit ${limit}`)
      const right = 'How many rows: a whole number, not negative.'
      throw new PolkuError('SETTING_INVALID', {
        setting: 'limit',
        value: describeValue(limit),
        actual: describeValue(limit),
        right,
      })
    })
  }

  /**
   * A danfojs DataFrame of all its rows: NULL is null, dates and times are Dates (to the millisecond). Throws
   * NUMBER_ROUNDED where a number of it is none of JavaScript's, such as an identifier of 18 digits.
   */
  async toDanfo(): Promise<DataFrame> {
    const { toDanfo } = await import('./danfo.ts')
    return this.#work(() => toDanfo(this.#host.engine.database, this.#stored))
  }

  /** @internal Its first rows, types, missing shares and small histograms. Reads no more of it than DuckDB's aggregates do. */
  async [mimeSymbol](): Promise<MimeBundle> {
    const summary = await this.#work(() => summarise(this.#host.engine.database, this.#stored))
    return { 'text/html': tableHtml(summary), 'text/plain': tableText(summary) }
  }

  /** @internal */
  [inspectSymbol](): string {
    const { rows, columns } = this.#stored
    return `Table of ${rows} rows (${columns.map(({ name, type }) => `${JSON.stringify(name)} ${type}`).join(', ')})`
  }

  /** @internal Whether the table is of the workspace that `engine` works on. */
  isOf(engine: SharedEngine): boolean {
    return this.#host.engine === engine
  }

  /** @internal */
  get stored(): StoredTable {
    return this.#stored
  }

  #work<T>(task: () => Promise<T>): Promise<T> {
    return this.#host.engine.work(task, this.#host.signal())
  }

  #select(names: readonly string[]): Sql {
    if (names.length === 0) return sql`from ${this.#stored}`
    const all = this.columns().map(({ name }) => name)
    const unknown = names.filter((name) => !all.includes(name))
    if (unknown.length > 0)
      throw new PolkuErrors(
        unknown.map((column) => {
          const values = { table: 'here', column, actual: column, nearest: nearest(column, all, 'column') }
          return new PolkuError('COLUMN_UNKNOWN', values)
        }),
      )
    return sql`select ${ids(names)} from ${this.#stored}`
  }
}
