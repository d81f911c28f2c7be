import { PolkuError } from '../../errors/errors.ts'
import type { ServiceDatabase } from './database.ts'
import { auditTables } from './tables/audit.ts'
import { incidentTables } from './tables/incidents.ts'
import { peopleTables, secretTables } from './tables/people.ts'
import { runTables } from './tables/runs.ts'
import { scheduleTables } from './tables/schedules.ts'

/** The field's own words for columns, and for what the events and incidents of a broken flow say. */
const words: readonly string[] = [
  'alter table polku.flow rename column marks to cursors',
  'alter table polku.flow rename column adopted_at to activated_at',
  'alter table polku.incident rename column told to notified',
  'alter table polku.incident rename column told_recovered to recovery_notified',
  'alter index polku.incident_untold rename to incident_unnotified',
  ...['event', 'incident'].map(
    (
      table,
    ) => `update polku.${table} set detail = (detail - 'goesOn') || jsonb_build_object('running', detail->'goesOn')
      where detail ? 'goesOn'`,
  ),
  `update polku.run set problem = (problem - 'found') || jsonb_build_object('actual', problem->'found')
    where problem ? 'found'`,
]

/** The statements that make each version of the service's tables from the one before; never changed once released. */
export const versions: readonly (readonly string[])[] = [
  [...runTables, ...scheduleTables, ...peopleTables, ...auditTables, ...secretTables, ...incidentTables],
  words,
]

/** Brings the database to the version that this Polku knows. Throws DATABASE_NEWER where it is beyond. */
export async function migrate(database: ServiceDatabase): Promise<void> {
  await database.transaction(async (queries) => {
    // Several workers may start at once.
    await queries.query('select pg_advisory_xact_lock(7205759403)')
    await queries.query('create schema if not exists polku')
    await queries.query('create table if not exists polku.version (number integer not null)')
    const [newest] = await queries.query<{ number: number }>('select max(number) as number from polku.version')
    const version = newest?.number ?? 0
    if (version > versions.length) throw new PolkuError('DATABASE_NEWER', { actual: version, newest: versions.length })
    for (const [index, statements] of versions.slice(version).entries()) {
      for (const statement of statements) await queries.query(statement)
      await queries.query('insert into polku.version values ($1)', [version + index + 1])
    }
  })
}
