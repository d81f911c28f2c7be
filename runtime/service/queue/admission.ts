import type { Queries } from '../database/database.ts'
import type { RunRow } from './run.ts'

/** How many waiting runs of a flow are looked at, and go on at once; the rest are looked at when these have gone on. */
const looked = 200

/**
 * The waiting runs of a client that the limits on how many go on at once now let pass, by priority and age. Each flow's
 * limit holds first, so that one whose runs wait for their own places stands in no other's way. Of the client's limit
 * a run that waits for runs it has begun takes no part, since it does nothing and they could not go on otherwise. The
 * caller queues them in the same transaction; a lock on the client keeps two from passing the same place.
 */
export async function admit(queries: Queries, client: string): Promise<RunRow[]> {
  const [waits] = await queries.query(`select 1 from polku.run where client = $1 and state = 'waiting' limit 1`, [
    client,
  ])
  if (!waits) return []
  await queries.query(`select pg_advisory_xact_lock(hashtext('polku client ' || $1))`, [client])
  return queries.query<RunRow>(
    `with parents as (
      select distinct parent as id from polku.run
      where client = $1 and parent is not null and state in ('waiting', 'queued', 'running')
    ), busy as (
      select flow, count(*) as runs, count(*) filter (where parents.id is null) as going
      from polku.run left join parents using (id)
      where client = $1 and state in ('queued', 'running') group by flow
    ), flows as (
      select distinct flow from polku.run where client = $1 and state = 'waiting'
    ), in_flow as (
      select first.*, coalesce(busy.runs, 0)
        + row_number() over (partition by flow order by priority desc, requested_at, id) as nth
      from flows left join busy using (flow) cross join lateral (
        select id, priority, requested_at, flow_limit, client_limit from polku.run
        where client = $1 and state = 'waiting' and run.flow = flows.flow
        order by priority desc, requested_at, id limit ${looked}
      ) as first
    ), fitting as (
      select id, client_limit, (select coalesce(sum(going), 0) from busy)
        + row_number() over (order by priority desc, requested_at, id) as nth
      from in_flow where flow_limit is null or nth <= flow_limit
    )
    select run.* from polku.run as run join fitting using (id)
    where run.client = $1 and (fitting.client_limit is null or fitting.nth <= fitting.client_limit)
    order by run.priority desc, run.requested_at, run.id limit ${looked}`,
    [client],
  )
}
