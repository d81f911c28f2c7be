import type { Workspace } from '../../data/workspace.ts'
import { scheduleOf } from '../../flow/automation.ts'
import type { Flow } from '../../flow/schema.ts'
import type { ProblemRecord } from '../../run/record.ts'
import type { Queries, ServiceDatabase } from '../database/database.ts'
import { tell } from '../events.ts'
import { marksOf } from '../triggers/marks.ts'
import { nextTime } from './due.ts'
import { type FlowState, type KeptSchedule, stateOf } from './flow-state.ts'
import { keepVersion, versionOf } from './versions.ts'

interface Found {
  readonly workspace: Workspace
  readonly flow: string
  readonly text: string
}

/** One at a time for a flow, whichever service it is. */
const withState = <T>(
  database: ServiceDatabase,
  { workspace, flow }: Omit<Found, 'text'>,
  work: (queries: Queries, state: FlowState | undefined) => Promise<T>,
): Promise<T> =>
  database.transaction(async (queries) => {
    const { client } = workspace.client
    await queries.query(`select pg_advisory_xact_lock(hashtext('polku flow ' || $1 || ' ' || $2))`, [client, flow])
    return work(queries, await stateOf(queries, client, flow))
  })

function keptSchedule(flow: Flow, workspace: Workspace): KeptSchedule | undefined {
  const schedule = scheduleOf(flow, workspace)
  return schedule && { ...schedule, missed: flow.schedule?.missed ?? 'latest' }
}

const isSame = (left: KeptSchedule, right: KeptSchedule | null | undefined): boolean =>
  left.cron === right?.cron && left.timezone === right.timezone

/** Makes a text that checked the one that runs. A schedule that it changes begins at `now`. */
export async function adopt(database: ServiceDatabase, found: Found, flow: Flow, now: number): Promise<void> {
  const { workspace, text } = found
  const version = versionOf(text)
  keepVersion(workspace, found.flow, text)
  const schedule = keptSchedule(flow, workspace)
  await withState(database, found, async (queries, state) => {
    const { client } = workspace.client
    const isKept = state?.version === version && (!schedule || isSame(schedule, state.schedule))
    if (!isKept) {
      const isBegun = schedule && isSame(schedule, state?.schedule) && state?.through
      const through = isBegun ? state.through : new Date(now)
      const next = schedule && nextTime(schedule, through?.getTime() ?? now)
      await queries.query(
        `insert into polku.flow (client, flow, version, text, schedule, triggers, through, next_at, adopted_at, marks)
        values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7, $8, $9, $10::jsonb)
        on conflict (client, flow) do update set version = excluded.version, text = excluded.text,
          schedule = excluded.schedule, triggers = excluded.triggers, through = excluded.through,
          next_at = excluded.next_at, adopted_at = excluded.adopted_at, marks = excluded.marks`,
        [
          client,
          found.flow,
          version,
          text,
          schedule ? JSON.stringify(schedule) : null,
          JSON.stringify(flow.triggers ?? []),
          through,
          next === undefined ? null : new Date(next),
          new Date(now),
          JSON.stringify(await marksOf(queries, workspace, flow.triggers ?? [], state?.marks ?? {})),
        ],
      )
      await tell(queries, [{ client, event: 'flow changed', detail: { flow: found.flow, version } }])
    }
    if (state?.broken) await mend(queries, state)
  })
}

async function mend(queries: Queries, { client, flow }: FlowState): Promise<void> {
  await queries.query('update polku.flow set broken = null, broken_version = null where client = $1 and flow = $2', [
    client,
    flow,
  ])
  await tell(queries, [{ client, event: 'flow mended', detail: { flow } }])
}

/** Notes that a flow's text does not check, so that its last good version goes on; told once until it is mended. */
export async function markBroken(
  database: ServiceDatabase,
  found: Found,
  problems: readonly ProblemRecord[],
): Promise<void> {
  await withState(database, found, async (queries, state) => {
    const { client } = found.workspace.client
    await queries.query(
      `insert into polku.flow (client, flow, broken, broken_version) values ($1, $2, $3::jsonb, $4)
      on conflict (client, flow) do update set broken = excluded.broken, broken_version = excluded.broken_version`,
      [client, found.flow, JSON.stringify(problems.slice(0, 20)), versionOf(found.text)],
    )
    const detail = {
      flow: found.flow,
      problem: problems[0],
      goesOn: state?.version !== undefined && state.version !== null,
    }
    if (!state?.broken) await tell(queries, [{ client, event: 'flow broken', detail }])
  })
}

/** Forgets a flow that no longer runs by itself: its file is gone, or has neither schedule nor triggers. */
export async function forget(database: ServiceDatabase, found: Omit<Found, 'text'>): Promise<void> {
  await withState(database, found, async (queries, state) => {
    if (!state) return
    if (state.broken) await mend(queries, state)
    await queries.query('delete from polku.flow where client = $1 and flow = $2', [state.client, state.flow])
    await queries.query('delete from polku.arrival where client = $1 and flow = $2', [state.client, state.flow])
  })
}
