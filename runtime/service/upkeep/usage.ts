import type { Queries } from '../database/database.ts'

/** What a client used in a month of UTC. */
interface ClientUsage {
  readonly client: string
  /** Such as 2026-10. */
  readonly month: string
  readonly runs: number
  readonly failed: number
  /** Of the processes that did the runs. */
  readonly cpuSeconds: number
  /** Of the steps that were done, not cached. */
  readonly rows: number
  /** The most that the client's files took when they were measured; 0 before they were. */
  readonly storageBytes: number
}

interface UsageRow {
  readonly client: string
  readonly month: string
  readonly runs: string | number
  readonly failed: string | number
  readonly cpu: string | number
  readonly rows: string | number
  readonly storage: string | number
}

// Ended runs as usage counts them; the same of rows that stay and of rows that are removed.
const counted = `client, to_char(date_trunc('month', finished_at at time zone 'UTC'), 'YYYY-MM-01')::date as month,
  count(*) as runs, count(*) filter (where state = 'failed') as failed,
  coalesce(sum((usage->>'cpuMilliseconds')::bigint), 0)::bigint as cpu_milliseconds,
  coalesce(sum((usage->>'rows')::bigint), 0)::bigint as rows`

/** What clients used from month `from` to month `to`, both included (2026-10), the newest month first; `clients` undefined for all. */
export async function usageOf(
  queries: Queries,
  {
    clients,
    from,
    to,
  }: { readonly clients: readonly string[] | undefined; readonly from: string; readonly to: string },
): Promise<ClientUsage[]> {
  const rows = await queries.query<UsageRow>(
    `with live as (
      select ${counted}, 0::bigint as storage_bytes from polku.run
      where finished_at >= ($2::date)::timestamp at time zone 'UTC'
        and finished_at < ($3::date + interval '1 month') at time zone 'UTC'
        and ($1::text[] is null or client = any($1))
      group by 1, 2
    ), removed as (
      select client, month, runs, failed, cpu_milliseconds, rows, storage_bytes from polku.usage
      where month between $2::date and $3::date and ($1::text[] is null or client = any($1))
    )
    select client, to_char(month, 'YYYY-MM') as month, sum(runs) as runs, sum(failed) as failed,
      sum(cpu_milliseconds) as cpu, sum(rows) as rows, max(storage_bytes) as storage
    from (select * from live union all select * from removed) as both_sources
    group by client, month order by month desc, client`,
    [clients ? [...clients] : null, `${from}-01`, `${to}-01`],
  )
  return rows.map(({ client, month, runs, failed, cpu, rows: produced, storage }) => ({
    ...{ client, month, runs: Number(runs), failed: Number(failed) },
    ...{ cpuSeconds: Number(cpu) / 1000, rows: Number(produced), storageBytes: Number(storage) },
  }))
}

/** Removes ended runs from the index; what they used is added to the totals. For a transaction. */
export async function removeRuns(queries: Queries, client: string, ids: readonly string[]): Promise<void> {
  await queries.query(
    `with gone as (
      delete from polku.run where client = $1 and id = any($2) and finished_at is not null returning *
    )
    insert into polku.usage (client, month, runs, failed, cpu_milliseconds, rows)
    select ${counted} from gone group by 1, 2
    on conflict (client, month) do update set runs = usage.runs + excluded.runs,
      failed = usage.failed + excluded.failed, rows = usage.rows + excluded.rows,
      cpu_milliseconds = usage.cpu_milliseconds + excluded.cpu_milliseconds`,
    [client, ids],
  )
}

/** Notes what a client's files take; the most of a month is retained. */
export async function noteStorage(queries: Queries, client: string, bytes: number, now: number): Promise<void> {
  await queries.query(
    `insert into polku.usage (client, month, storage_bytes) values ($1, $2::date, $3)
    on conflict (client, month) do update set storage_bytes = greatest(usage.storage_bytes, excluded.storage_bytes)`,
    [client, `${new Date(now).toISOString().slice(0, 7)}-01`, bytes],
  )
}
