import { join } from 'node:path'
import { openEmbedded } from '../../../runtime/service/database/embedded.ts'
import { openPostgres } from '../../../runtime/service/database/postgres.ts'

/** Writes `count` runs that have ended into the database of a service that does not run now. */
export async function writePastRuns(workspaces: string, address: string | undefined, count: number): Promise<void> {
  const database = await (address ? openPostgres(address) : openEmbedded(join(workspaces, '.polku')))
  await database.query(
    `insert into polku.run (client, id, flow, state, trigger, params, as_of, requested_at, started_at, finished_at, attempts, progress)
    select 'light', to_char(at, 'YYYYMMDD-HH24MISSMS') || '-' || flow || '-' || lpad(to_hex(n % 65536), 4, '0'), flow,
      case when n % 50 = 0 then 'failed' else 'done' end, '{"kind": "schedule", "by": "nightly"}', '{"add": 1}',
      '2026-01-01', at, at, at + interval '1 second', 1,
      '[{"name": "s0", "status": "done", "rows": 3}, {"name": "s1", "status": "done", "rows": 3}]'
    from (select n, now() - n * interval '1 minute' as at, (array['two', 'forty', 'each'])[1 + n % 3] as flow
      from generate_series(1, $1::int) as n) as past`,
    [count],
  )
  // As autovacuum, or the service's own upkeep, has long done with runs of the past.
  await database.query('vacuum (analyze)')
  await database.close()
}
