import type { ProblemRecord } from '../../run/record.ts'
import type { Queries } from '../database/database.ts'

export type IncidentKind = 'run failed' | 'run stopped' | 'run late' | 'flow broken' | 'workspace gone'

/** Something that went wrong, until it is right again. */
export interface Incident {
  readonly number: string | number
  readonly client: string
  readonly kind: IncidentKind
  /** The flow; empty where it is of the whole client. */
  readonly subject: string
  readonly run: string | null
  readonly detail: { readonly problem?: ProblemRecord | null; readonly due?: string; readonly goesOn?: boolean }
  /** How often it happened since. */
  readonly times: number
  readonly since: Date
  readonly recovered_at: Date | null
}

interface Told {
  readonly client: string
  readonly run?: string
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}

const beginning: Readonly<Record<string, IncidentKind>> = {
  'run failed': 'run failed',
  'run stopped': 'run stopped',
  'flow broken': 'flow broken',
  'workspace gone': 'workspace gone',
}

const ending: Readonly<Record<string, readonly IncidentKind[]>> = {
  'run done': ['run failed', 'run stopped'],
  'flow mended': ['flow broken'],
  'workspace back': ['workspace gone'],
}

// A run that another one began is that one's matter.
const isOwnRun = `not exists (select 1 from polku.run where client = $1 and id = $2 and parent is not null)`

/**
 * Opens an incident where one of these events begins it, and closes those that it ends, in the transaction in which it
 * happened: nothing that goes wrong is missed, whoever dies next.
 */
export async function followIncidents(queries: Queries, events: readonly Told[]): Promise<void> {
  for (const { client, run = null, event, detail } of events) {
    const subject = String(detail.flow ?? '')
    const kind = beginning[event]
    const kinds = ending[event]
    if (kind)
      await queries.query(
        `insert into polku.incident (client, run, kind, subject, detail, since)
        select $1, $2, $3, $4, coalesce(
            (select jsonb_build_object('problem', problem) from polku.run where client = $1 and id = $2), $5::jsonb),
          clock_timestamp()
        where ${isOwnRun}
        on conflict (client, kind, subject) where recovered_at is null do update set times = incident.times + 1,
          run = excluded.run, detail = excluded.detail`,
        [client, run, kind, subject, JSON.stringify(detail)],
      )
    if (kinds)
      await queries.query(
        `update polku.incident set recovered_at = clock_timestamp()
        where client = $1 and recovered_at is null and kind = any($3::text[]) and subject = $4 and ${isOwnRun}`,
        [client, run, [...kinds], subject],
      )
  }
}

/** What every incident is told of; `$1` is a list of clients or null for all, `$2` whether open ones only. */
export const listIncidents = (queries: Queries, { clients, open, before, limit }: IncidentQuery): Promise<Incident[]> =>
  queries.query<Incident>(
    `select number, client, kind, subject, run, detail, times, since, recovered_at from polku.incident
    where ($1::text[] is null or client = any($1)) and (not $2::boolean or recovered_at is null)
      and ($3::bigint is null or number < $3)
    order by number desc limit $4`,
    [clients ? [...clients] : null, open, before ?? null, limit],
  )

interface IncidentQuery {
  readonly clients: readonly string[] | undefined
  readonly open: boolean
  readonly before: string | undefined
  readonly limit: number
}
