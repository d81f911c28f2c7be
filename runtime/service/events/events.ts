import type { ProblemRecord } from '../../errors/problem.ts'
import { type Queries, toJson } from '../database/database.ts'

/** Notified with the number of the newest event. */
export const eventChannel = 'polku_event'

export interface NewEvent {
  readonly client: string
  readonly run?: string
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Writes what happened, in order, in the transaction that makes it so. */
export async function emit(queries: Queries, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  await queries.query(
    `with added as (
      insert into polku.event (client, run, event, detail)
      select client, run, event, detail from jsonb_to_recordset($1::jsonb)
        as new_event (client text, run text, event text, detail jsonb)
      returning number)
    select pg_notify('${eventChannel}', max(number)::text) from added`,
    [toJson(events)],
  )
  await followIncidents(queries, events)
}

export type IncidentKind =
  | 'run failed'
  | 'run stopped'
  | 'run late'
  | 'flow broken'
  /** A flow does not take what its trigger gives it. */
  | 'trigger failed'
  /** A flow was not started by the end of a run that it has led to. */
  | 'trigger circle'
  /** A backfill ended because its flow cannot be started; where a run of it failed, that is its own incident. */
  | 'backfill failed'
  | 'workspace gone'

/** Something that went wrong, until it is right again. */
export interface Incident {
  readonly number: string | number
  readonly client: string
  readonly kind: IncidentKind
  /** The flow; empty where it is of the whole client. */
  readonly subject: string
  readonly run: string | null
  readonly detail: { readonly problem?: ProblemRecord | null; readonly due?: string; readonly running?: boolean }
  /** How often it happened since. */
  readonly times: number
  readonly since: Date
  readonly recovered_at: Date | null
}

const beginning: Readonly<Record<string, IncidentKind>> = {
  'run failed': 'run failed',
  'run stopped': 'run stopped',
  'flow broken': 'flow broken',
  'trigger failed': 'trigger failed',
  'trigger circle': 'trigger circle',
  'backfill failed': 'backfill failed',
  'workspace gone': 'workspace gone',
}

const byTrigger: readonly IncidentKind[] = ['trigger failed', 'trigger circle']

const ending: Readonly<Record<string, readonly IncidentKind[]>> = {
  'run done': ['run failed', 'run stopped', 'backfill failed', ...byTrigger],
  'backfill requested': ['backfill failed'],
  'flow mended': ['flow broken'],
  'flow changed': byTrigger,
  'flow gone': byTrigger,
  'flow forgotten': byTrigger,
  'workspace back': ['workspace gone'],
}

// A run that another one began is that one's matter.
const isOwnRun = `not exists (select 1 from polku.run where client = $1 and id = $2 and parent is not null)`

// A flow that was not started is right again with a run that was asked for since; what its triggers give, with one by them.
const isProof = `(kind in ('run failed', 'run stopped') or exists (
  select 1 from polku.run where run.client = $1 and run.id = $2 and run.requested_at > incident.since
    and (incident.kind = 'backfill failed' or run.trigger ->> 'kind' in ('dataset', 'file', 'flow'))))`

/**
 * Opens an incident where one of these events begins it, and closes those that it ends, in the transaction in which it
 * happened: nothing that goes wrong is missed, whoever dies next.
 */
async function followIncidents(queries: Queries, events: readonly NewEvent[]): Promise<void> {
  for (const event of events) {
    const kind = beginning[event.event]
    const kinds = ending[event.event]
    if (kind && (kind !== 'backfill failed' || event.detail.problem)) await begin(queries, event, kind)
    if (kinds) await end(queries, event, kinds)
  }
}

const subjectOf = ({ detail }: NewEvent): string => String(detail.flow ?? '')

async function begin(queries: Queries, happened: NewEvent, kind: IncidentKind): Promise<void> {
  const { client, run = null, event, detail } = happened
  const isOfRun = event.startsWith('run ')
  await queries.query(
    `insert into polku.incident (client, run, kind, subject, detail, since)
    select $1, $2, $3, $4, coalesce(
        (select jsonb_build_object('problem', problem) from polku.run where client = $1 and id = $2 and $6), $5::jsonb),
      clock_timestamp()
    where not $6::boolean or ${isOwnRun}
    on conflict (client, kind, subject) where recovered_at is null do update set times = incident.times + 1,
      run = excluded.run, detail = excluded.detail`,
    [client, run, kind, subjectOf(happened), toJson(detail), isOfRun],
  )
}

async function end(queries: Queries, happened: NewEvent, kinds: readonly IncidentKind[]): Promise<void> {
  const { client, run = null, event } = happened
  await queries.query(
    `update polku.incident set recovered_at = clock_timestamp()
    where client = $1 and recovered_at is null and kind = any($3::text[]) and subject = $4 and ${isOwnRun}
      and (not $5::boolean or ${isProof})`,
    [client, run, [...kinds], subjectOf(happened), event.startsWith('run ')],
  )
}

/** Incidents, the newest first; `$1` is a list of clients or null for all, `$2` whether open ones only. */
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
