import type { Queries } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import { followIncidents } from './incidents.ts'

/** Told the number of the newest event. */
export const eventChannel = 'polku_event'

export interface NewEvent {
  readonly client: string
  readonly run?: string
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Writes what happened, in order, in the transaction that makes it so. */
export async function tell(queries: Queries, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  await queries.query(
    `with added as (
      insert into polku.event (client, run, event, detail)
      select client, run, event, detail from jsonb_to_recordset($1::jsonb)
        as told (client text, run text, event text, detail jsonb)
      returning number)
    select pg_notify('${eventChannel}', max(number)::text) from added`,
    [toJson(events)],
  )
  await followIncidents(queries, events)
}
