import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { PGlite } from '@electric-sql/pglite'
import { fromPglite } from 'pg-boss'
import { PolkuError } from '../../errors.ts'
import { isOneStatement, type Queries, type ServiceDatabase } from './database.ts'
import { PreparedStatements } from './prepared.ts'

/** PostgreSQL in this process, its files in `folder`. Throws DATABASE_IN_USE where another process has it. */
export async function openEmbedded(folder: string): Promise<ServiceDatabase> {
  mkdirSync(folder, { recursive: true })
  const lock = await lockFolder(folder)
  const pglite = await PGlite.create(join(folder, 'postgres'))
  const prepared = new PreparedStatements(pglite)
  const inTransaction: Queries = { query: (text, values = []) => prepared.query(text, values) }
  // Waits until no transaction goes on, as PGlite's own `query` does.
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
    async close() {
      await pglite.close()
      lock.closeSync()
    },
  }
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
