import type { Queries } from '../database/database.ts'
import { toJson } from '../database/database.ts'
import type { NewRun, RunRow } from './run.ts'

/** Writes runs as waiting; for one whose client has its idempotency key already, gives the run that has it. */
export async function insertRuns(
  queries: Queries,
  runs: readonly NewRun[],
): Promise<{ run: RunRow; created: boolean }[]> {
  const inserted = await queries.query<RunRow>(
    `insert into polku.run (client, id, flow, state, priority, trigger, params, as_of, idempotency_key, parent,
      again_from, flow_limit, client_limit, version)
    select client, id, flow, 'waiting', coalesce(priority, 0), trigger, params, "asOf", "idempotencyKey", parent,
      "againFrom", "flowLimit", "clientLimit", version
    from jsonb_to_recordset($1::jsonb) as requested (client text, id text, flow text, priority smallint, trigger jsonb,
      params jsonb, "asOf" text, "idempotencyKey" text, parent text, "againFrom" text, "flowLimit" integer,
      "clientLimit" integer, version text)
    on conflict (client, idempotency_key) where idempotency_key is not null do nothing returning *`,
    [toJson(runs)],
  )
  const created = new Map(inserted.map((run) => [`${run.client} ${run.id}`, run]))
  const others = runs.filter(({ client, id }) => !created.has(`${client} ${id}`))
  const earlier = others.length > 0 ? await withKeys(queries, others) : new Map<string, RunRow>()
  return runs.map(({ client, id, idempotencyKey }) => {
    const run = created.get(`${client} ${id}`)
    const row = run ?? earlier.get(`${client} ${idempotencyKey}`)
    if (!row) throw new Error('The run with this idempotency key is gone.')
    return { run: row, created: run !== undefined }
  })
}

/** The runs that have these keys, by client and key. */
async function withKeys(queries: Queries, runs: readonly NewRun[]): Promise<Map<string, RunRow>> {
  const rows = await queries.query<RunRow & { idempotency_key: string }>(
    `select run.* from polku.run as run
    join jsonb_to_recordset($1::jsonb) as requested (client text, "idempotencyKey" text)
      on run.client = requested.client and run.idempotency_key = requested."idempotencyKey"`,
    [toJson(runs.map(({ client, idempotencyKey }) => ({ client, idempotencyKey })))],
  )
  return new Map(rows.map((row) => [`${row.client} ${row.idempotency_key}`, row]))
}
