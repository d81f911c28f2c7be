import type { Queries } from './database/database.ts'
import type { RunRow } from './run-row.ts'

/** How many waiting runs are looked at; the rest are looked at when these have gone on. */
const looked = 200

/**
 * The waiting runs of a client that the limits on how many go on at once now let pass, by priority and age. Of the
 * client's limit the runs that another waits for take no part, for it does. The caller
 * queues them in the same transaction; a lock on the client keeps two from passing the same place.
 */
export async function admit(queries: Queries, client: string): Promise<RunRow[]> {
  const [waits] = await queries.query(`select 1 from polku.run where client = $1 and state = 'waiting' limit 1`, [
    client,
  ])
  if (!waits) return []
  await queries.query(`select pg_advisory_xact_lock(hashtext('polku client ' || $1))`, [client])
  return queries.query<RunRow>(
    `with busy as (
      select flow, count(*) as runs, count(*) filter (where parent is null) as own from polku.run
      where client = $1 and state in ('queued', 'running') group by flow
    ), looked as (
      select * from polku.run where client = $1 and state = 'waiting'
      order by priority desc, requested_at, id limit ${looked}
    ), in_flow as (
      select looked.*, coalesce(busy.runs, 0)
        + row_number() over (partition by looked.flow order by priority desc, requested_at, id) as nth
      from looked left join busy using (flow)
    ), fitting as (
      select in_flow.*, (select coalesce(sum(own), 0) from busy)
        + count(*) filter (where parent is null) over (order by priority desc, requested_at, id) as nth_of_client
      from in_flow where flow_limit is null or nth <= flow_limit
    )
    select run.* from polku.run as run join fitting using (client, id)
    where run.client_limit is null or fitting.nth_of_client <= run.client_limit
    order by run.priority desc, run.requested_at, run.id`,
    [client],
  )
}
