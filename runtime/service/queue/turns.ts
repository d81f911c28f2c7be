import type { Queries } from '../database/database.ts'
import { toJson } from '../database/database.ts'
import type { RunRow } from './run.ts'

const levels = 100_000_000
/** How many queued runs give way at most: those behind them are not done soon, and share a round with the last. */
const mostMoved = 1000

interface Turn {
  readonly turn: number
  /** As pg-boss orders: the highest first, so the earliest turn. */
  readonly level: number
}

type Queueing = Pick<RunRow, 'client' | 'id' | 'priority'>

/**
 * The turns of runs that are queued now, in their order, so that each client with queued runs has one of them done in
 * every round, however many others it has and however urgent: start-time fair queueing with equal weights (Goyal, Vin
 * and Cheng 1996, equation 1). A client's turn comes one round after its last queued run, and never before the round
 * that is served. Which of a client's runs has which of its turns goes by priority: those that were queued before with
 * a lower one give way.
 */
export async function takeTurns(queries: Queries, runs: readonly RunRow[]): Promise<Turn[]> {
  const turns = new Map<string, number>()
  const clients = [...Map.groupBy(runs, ({ client }) => client)]
  // In one order, so that two who queue at once never wait for each other.
  clients.sort(([left], [right]) => (left < right ? -1 : 1))
  for (const [client, own] of clients)
    for (const [id, turn] of await turnsOf(queries, client, own)) turns.set(`${client} ${id}`, turn)
  return runs.map(({ client, id }) => {
    const turn = turns.get(`${client} ${id}`) ?? 0
    return { turn, level: levelOf(turn) }
  })
}

const levelOf = (turn: number): number => -(turn % levels)

async function turnsOf(
  queries: Queries,
  client: string,
  runs: readonly Queueing[],
): Promise<ReadonlyMap<string, number>> {
  const { end, least } = await lineOf(queries, client)
  const isAhead = ({ priority }: Queueing) => least !== undefined && priority > least
  const ahead = runs.filter(isAhead)
  const behind = byPriority(runs.filter((run) => !isAhead(run)))
  const queued = ahead.length > 0 ? await givingWay(queries, client, ahead) : []
  // Where not all of the line was looked at, the turns that are added follow those that were.
  const last = queued.length === mostMoved ? queued.at(-1) : undefined
  const added = ahead.map((_, index) => (last ? last.turn + 1 : end) + index)
  const shared = [...queued.map(({ turn }) => turn), ...added]
  const placed = byPriority([...queued, ...ahead]).map((run, index) => ({ run, turn: shared[index] ?? end }))
  const turns = new Map(placed.map(({ run, turn }) => [run.id, turn]))
  const again = queued.map((run) => ({ ...run, turn: turns.get(run.id) ?? run.turn }))
  await move(
    queries,
    client,
    again.filter(({ turn }, index) => turn !== queued[index]?.turn),
  )
  return new Map([...turns, ...behind.map(({ id }, index) => [id, end + ahead.length + index] as const)])
}

const byPriority = <Run extends Queueing>(runs: readonly Run[]): Run[] =>
  runs.toSorted((left, right) => right.priority - left.priority)

interface Line {
  /** The turn of the next run behind all that the client has queued. */
  readonly end: number
  /** The lowest priority of those; undefined where there are none. */
  readonly least: number | undefined
}

async function lineOf(queries: Queries, client: string): Promise<Line> {
  const [row] = await queries.query<{ end: string | number; least: number | null }>(
    `select greatest(coalesce(max(turn) + 1, 0),
        coalesce((select min(turn) from polku.run where state = 'queued'), 0)) as end, min(priority) as least
    from polku.run where state = 'queued' and client = $1`,
    [client],
  )
  return { end: Number(row?.end ?? 0), least: row?.least ?? undefined }
}

interface QueuedRun extends Queueing {
  readonly turn: number
  readonly job: string | null
}

/** The client's queued runs before which some of `ahead` go, in their turns; none that somebody else is changing. */
async function givingWay(queries: Queries, client: string, ahead: readonly Queueing[]): Promise<QueuedRun[]> {
  await queries.query(`select pg_advisory_xact_lock(hashtext('polku client ' || $1))`, [client])
  const highest = Math.max(...ahead.map(({ priority }) => priority))
  const rows = await queries.query<Omit<QueuedRun, 'turn'> & { turn: string | number }>(
    `select client, id, priority, turn, job from polku.run
    where client = $1 and state = 'queued' and priority < $2 and id <> all($3::text[])
    order by turn, id limit ${mostMoved} for update skip locked`,
    [client, highest, ahead.map(({ id }) => id)],
  )
  return rows.map((row) => ({ ...row, turn: Number(row.turn) }))
}

/**
 * Gives queued runs other turns, and their jobs the levels of these. It waits for no job: one that a worker takes now is
 * served. Two statements, since of one the database would not foresee how many runs it is.
 */
async function move(queries: Queries, client: string, runs: readonly QueuedRun[]): Promise<void> {
  if (runs.length === 0) return
  const moved = toJson(runs.map(({ id, job, turn }) => ({ id, job, turn, level: levelOf(turn) })))
  await queries.query(
    `update polku.run as run set turn = moved.turn
    from jsonb_to_recordset($2::jsonb) as moved (id text, turn bigint) where run.client = $1 and run.id = moved.id`,
    [client, moved],
  )
  await queries.query(
    `with unserved as (
      select job.id, moved.level from jsonb_to_recordset($1::jsonb) as moved (job uuid, level integer)
      join pgboss.job as job on job.name = 'runs' and job.id = moved.job
      where job.state in ('created', 'retry') for update of job skip locked
    )
    update pgboss.job as job set priority = unserved.level from unserved
    where job.name = 'runs' and job.id = unserved.id`,
    [moved],
  )
}

/** How many waiting runs of a flow are looked at, and let pass at once; the rest are looked at when these have passed. */
const looked = 200

/**
 * The waiting runs of a client that the limits on how many run at once now let pass, by priority and age. Each flow's
 * limit holds first, so that one whose runs wait for their own places stands in no other's way. Of the client's limit
 * a run that waits for runs it has begun takes no part, since it does nothing and they could not run otherwise. The
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
