import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { PGlite } from '@electric-sql/pglite'
import { fromPglite } from 'pg-boss'
import { PolkuError } from '../../errors/errors.ts'
import { isOneStatement, type Queries, type ServiceDatabase } from './database.ts'
import { PreparedStatements } from './prepared.ts'

/** PostgreSQL in this process, its files in `folder`. Throws DATABASE_IN_USE where another process has it. */
export async function openEmbedded(folder: string): Promise<ServiceDatabase> {
  mkdirSync(folder, { recursive: true })
  const lock = await lockFolder(folder)
  const pglite = await PGlite.create(join(folder, 'postgres'))
  const prepared = new PreparedStatements(pglite)
  const inTransaction: Queries = { query: (text, values = []) => prepared.query(text, values) }
  // Waits until no transaction is open, as PGlite's own `query` does.
  const alone: Queries = {
    query: (text, values = []) => pglite._runExclusiveTransaction(() => prepared.query(text, values)),
  }
  return {
    ...alone,
    kind: 'embedded',
    boss: fromPglite({
      query: async (text, values = []) => ({ rows: await alone.query(text, values) }),
      exec: async (text) => (isOneStatement(text) ? [{ rows: await alone.query(text) }] : pglite.exec(text)),
    }),
    transaction: (work) => pglite._runExclusiveTransaction(() => whole(inTransaction, work)),
    listen: (channel, onNotification) => pglite.listen(channel, onNotification),
    tidy: () => tidy(alone),
    async close() {
      await pglite.close()
      lock.closeSync()
    },
  }
}

/** As autovacuum, which PGlite has not, decides: a fifth of the rows has changed, or a tenth since the last statistics. */
const untidy = `select schemaname as schema, relname as name from pg_stat_user_tables
  where n_dead_tup > 1000 + 0.2 * n_live_tup or n_mod_since_analyze > 1000 + 0.1 * n_live_tup`

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** One table at a time, so that others get their turn between them. */
async function tidy(queries: Queries): Promise<void> {
  for (const { schema, name } of await queries.query<{ schema: string; name: string }>(untidy))
    await queries.query(`vacuum (analyze) ${quoted(schema)}.${quoted(name)}`)
}

async function whole<T>(queries: Queries, work: (queries: Queries) => Promise<T>): Promise<T> {
  await queries.query('begin')
  try {
    const result = await work(queries)
    await queries.query('commit')
    return result
  } catch (error) {
    await queries.query('rollback')
    throw error
  }
}

/** PGlite locks nothing, and two would destroy the files. A DuckDB file is locked by the system until its process ends. */
async function lockFolder(folder: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(join(folder, 'lock.duckdb'))
  } catch (error) {
    if (error instanceof Error && /lock/i.test(error.message)) throw new PolkuError('DATABASE_IN_USE', { folder })
    throw error
  }
}
