import type { Db as BossDatabase } from 'pg-boss'

/** Whatever takes a statement: the database, or a transaction of it. */
export interface Queries {
  /** The rows that one statement gives; `$1` stands for the first of the values. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** The service's PostgreSQL, embedded or a server: the same statements, the same behaviour. */
export interface ServiceDatabase extends Queries {
  readonly kind: 'embedded' | 'postgres'
  /** pg-boss's way into the same database. */
  readonly boss: BossDatabase
  /** What `work` does happens whole or not at all. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>
  /**
   * Calls back with what is notified on `channel`, and with undefined after each time the connection was lost, since
   * then something may have been missed. Gives what ends it.
   */
  listen(channel: string, onNotification: (payload: string | undefined) => void): Promise<() => Promise<void>>
  /** Makes room of what was changed or deleted, where the database does not do so by itself. */
  tidy(): Promise<void>
  close(): Promise<void>
}

/** A transaction as pg-boss takes one: what is sent with it commits with it. */
export const bossIn = (queries: Queries): BossDatabase => ({
  executeSql: async (text, values) => ({ rows: await queries.query(text, values) }),
})

/** Whether a text that brings no values is surely one statement, and so can be prepared. */
export const isOneStatement = (text: string): boolean => !/;\s*\S/.test(text)

// A backslash that is itself escaped is passed over. JSON.stringify escapes only the half of a character that lacks its other.
const refused = /\\(\\|u0000|ud[89a-f][0-9a-f]{2})/g

/**
 * JSON as PostgreSQL takes it: it refuses texts and names with half a character or a zero in them, which JavaScript's
 * own messages and clients' files may have.
 */
export const toJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(refused, (sequence, escaped: string) => (escaped === '\\' ? sequence : '\\ufffd'))
