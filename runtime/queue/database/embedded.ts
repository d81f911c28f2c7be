import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { PGlite } from '@electric-sql/pglite'
import { fromPglite } from 'pg-boss'
import { PolkuError } from '../../errors.ts'
import type { ServiceDatabase } from './database.ts'

/** PostgreSQL in this process, its files in `folder`. Throws DATABASE_IN_USE where another process has it. */
export async function openEmbedded(folder: string): Promise<ServiceDatabase> {
  mkdirSync(folder, { recursive: true })
  const lock = await lockFolder(folder)
  const pglite = await PGlite.create(join(folder, 'postgres'))
  return {
    kind: 'embedded',
    boss: fromPglite(pglite),
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await pglite.query<Row>(text, [...values])).rows,
    transaction: (work) =>
      pglite.transaction((transaction) =>
        work({
          query: async <Row>(text: string, values: readonly unknown[] = []) =>
            (await transaction.query<Row>(text, [...values])).rows,
        }),
      ),
    listen: (channel, onNotification) => pglite.listen(channel, onNotification),
    async close() {
      await pglite.close()
      lock.closeSync()
    },
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
