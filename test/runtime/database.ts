import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../../runtime/data/database.ts'
import { withWorkspace } from '../workspace.ts'

/** A database confined to a fresh workspace. */
export const withDatabase = <T>(work: (database: Database, root: string) => Promise<T>): Promise<T> =>
  withWorkspace(async (root) => {
    mkdirSync(join(root, '.polku'))
    const database = await Database.open({ folder: root, temporary: join(root, '.polku', 'duckdb') })
    try {
      return await work(database, root)
    } finally {
      database.close()
    }
  })
