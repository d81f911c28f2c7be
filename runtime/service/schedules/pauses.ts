import type { Queries, ServiceDatabase } from '../database/database.ts'
import { emit } from '../events/events.ts'

export interface Pause {
  /** Undefined where the whole client is paused. */
  readonly flow: string | undefined
  readonly by: string
  readonly at: Date
}

/** What is paused of a client: nothing of it starts by itself until it is resumed. */
export async function pausesOf(queries: Queries, client: string): Promise<Pause[]> {
  const rows = await queries.query<{ flow: string; by: string; at: Date }>(
    'select flow, by, at from polku.pause where client = $1 order by flow',
    [client],
  )
  return rows.map(({ flow, by, at }) => ({ flow: flow || undefined, by, at }))
}

/** Whether a flow starts nothing by itself now, because it or its client is paused. */
export async function isPaused(queries: Queries, client: string, flow: string): Promise<boolean> {
  const [pause] = await queries.query(`select 1 from polku.pause where client = $1 and flow in ('', $2) limit 1`, [
    client,
    flow,
  ])
  return pause !== undefined
}

interface Pausing {
  readonly client: string
  /** Undefined for the whole client. */
  readonly flow: string | undefined
  readonly by: string
}

const eventOf = ({ client, flow, by }: Pausing, what: 'paused' | 'resumed') => ({
  client,
  event: `${flow === undefined ? 'client' : 'flow'} ${what}`,
  detail: { flow, by },
})

/** Pauses a flow or a client. False where it was paused already. */
export const pause = (database: ServiceDatabase, pausing: Pausing, now: number): Promise<boolean> =>
  database.transaction(async (queries) => {
    const [created] = await queries.query(
      'insert into polku.pause (client, flow, by, at) values ($1, $2, $3, $4) on conflict do nothing returning 1',
      [pausing.client, pausing.flow ?? '', pausing.by, new Date(now)],
    )
    if (created) await emit(queries, [eventOf(pausing, 'paused')])
    return created !== undefined
  })

/** Ends a pause: times that passed meanwhile are not created up for. False where nothing was paused. */
export const resume = (database: ServiceDatabase, resuming: Pausing): Promise<boolean> =>
  database.transaction(async (queries) => {
    const [ended] = await queries.query('delete from polku.pause where client = $1 and flow = $2 returning 1', [
      resuming.client,
      resuming.flow ?? '',
    ])
    if (ended) await emit(queries, [eventOf(resuming, 'resumed')])
    return ended !== undefined
  })
