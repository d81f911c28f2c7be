import { LRUCache } from 'lru-cache'
import { render } from '../../nodes/lib/sql.ts'
import type { Column, Sql, SqlValue } from '../../nodes/node.ts'

/** How many queries' columns are cached, and of queries how long, in characters. */
const mostCached = 1000
const longestCached = 20_000

/** Words of queries whose columns depend on more than their tables' columns: on rows, files or the session. */
const dependsOnContent =
  /\b(read_\w+|\w*scan\w*|sniff_\w+|glob|pivot\w*|query|query_table|getvariable|current_setting)\b/i
/** A file as a table: from 'orders.csv'. */
const namesFile = /'[^']*\.[^']*'/
/** A table whose name is used again with other columns: of a flow's step, empty while it is checked and with rows while it runs. */
const reusedName = /"((?:plan|step) (?:[^"]|"")+)"/g

/** A name with a serial number or a hash, which no other table ever has. */
const namedOnce = / (\d+|[0-9a-f]{32,})$/

/**
 * The columns of queries that were described before. A flow that runs every minute asks for the same ones every
 * minute, and so do the steps of one flow that use the same node.
 */
export class QueryTypes {
  readonly #cached = new LRUCache<string, readonly Column[]>({ max: mostCached })
  readonly #tables = new Map<string, string>()

  /** Says which columns a table has whose name may mean another one later. */
  name(table: string, columns: readonly Column[]): void {
    this.#tables.set(table, JSON.stringify(columns.map(({ name, type }) => [name, type])))
  }

  /** Says that a table is made or dropped whose columns nobody has named. */
  forget(table: string): void {
    this.#tables.delete(table)
    if (!namedOnce.test(table)) this.clear()
  }

  clear(): void {
    this.#cached.clear()
  }

  /** What stands for every query of the same columns; undefined where only DuckDB can tell. */
  key(query: Sql): string | undefined {
    const { text, values } = render(query)
    // A table with a serial number is asked about once.
    if (text.length > longestCached || / \d+"/.test(text)) return undefined
    if (dependsOnContent.test(text) || namesFile.test(text)) return undefined
    let isTyped = true
    const shape = text.replaceAll(reusedName, (_, quoted: string) => {
      const name = quoted.replaceAll('""', '"')
      const columns = this.#tables.get(name)
      if (columns === undefined) isTyped = false
      return `"${name.slice(0, 4)} ${columns}"`
    })
    return isTyped ? `${shape}\0${values.map(kindOf).join('\0')}` : undefined
  }

  find(key: string): Column[] | undefined {
    return this.#cached.get(key)?.map((column) => ({ ...column }))
  }

  keep(key: string, columns: readonly Column[]): void {
    this.#cached.set(key, columns)
  }
}

/** A bound value as far as it can decide a type: whole numbers and texts do (round(x, 2), the name of a field), fractions do not. */
const kindOf = (value: SqlValue): string =>
  typeof value === 'number' && !Number.isInteger(value) ? 'fraction' : `${typeof value} ${value}`

/** Types whose names DuckDB and its results write alike: none that is made of others or named by its author. */
export const plainType = /^[A-Z_]+( WITH TIME ZONE)?(\(\d+,\d+\))?$/

/** Whether two columns may share a name, great and small letters being the same: the second has a number behind it here. */
export function mayRepeat(names: readonly string[]): boolean {
  const small = names.map((name) => name.toLowerCase())
  return small.some((name) => /_\d+$/.test(name) && small.includes(name.replace(/_\d+$/, '')))
}
