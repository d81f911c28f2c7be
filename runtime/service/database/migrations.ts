import { PolkuError } from '../../errors/errors.ts'
import type { ServiceDatabase } from './database.ts'
import { tables } from './tables.ts'

/** Brings the database to the version that this Polku knows. Throws DATABASE_NEWER where it is beyond. */
export async function migrate(database: ServiceDatabase): Promise<void> {
  await database.transaction(async (queries) => {
    // Several workers may start at once.
    await queries.query('select pg_advisory_xact_lock(7205759403)')
    await queries.query('create schema if not exists polku')
    await queries.query('create table if not exists polku.version (number integer not null)')
    const [at] = await queries.query<{ number: number }>('select max(number) as number from polku.version')
    const found = at?.number ?? 0
    if (found > tables.length) throw new PolkuError('DATABASE_NEWER', { found, known: tables.length })
    for (const [index, statements] of tables.slice(found).entries()) {
      for (const statement of statements) await queries.query(statement)
      await queries.query('insert into polku.version values ($1)', [found + index + 1])
    }
  })
}
