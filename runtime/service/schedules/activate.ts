import type { Workspace } from '../../data/workspace.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import { scheduleOf } from '../../flow/automation.ts'
import type { Flow } from '../../flow/schema.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import { tell } from '../events/events.ts'
import { marksOf } from '../triggers/cursors.ts'
import { nextTime } from './due.ts'
import { type KeptSchedule, withState } from './flow-state.ts'
import { comeBack, mend } from './gone.ts'
import { keepVersion, versionOf } from './versions.ts'

interface Found {
  readonly workspace: Workspace
  readonly flow: string
  readonly text: string
}

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
    if (state?.gone_since) await comeBack(queries, state)
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
          schedule ? toJson(schedule) : null,
          toJson(flow.triggers ?? []),
          through,
          next === undefined ? null : new Date(next),
          new Date(now),
          toJson(await marksOf(queries, workspace, flow.triggers ?? [], state?.marks ?? {})),
        ],
      )
      await tell(queries, [{ client, event: 'flow changed', detail: { flow: found.flow, version } }])
    }
    if (state?.broken) await mend(queries, state)
  })
}

/** Notes that a flow's text does not check, so that its last good version goes on; told once until it is mended. */
export async function markBroken(
  database: ServiceDatabase,
  found: Found,
  problems: readonly ProblemRecord[],
): Promise<void> {
  await withState(database, found, async (queries, state) => {
    const { client } = found.workspace.client
    if (state?.gone_since) await comeBack(queries, state)
    await queries.query(
      `insert into polku.flow (client, flow, broken, broken_version) values ($1, $2, $3::jsonb, $4)
      on conflict (client, flow) do update set broken = excluded.broken, broken_version = excluded.broken_version`,
      [client, found.flow, toJson(problems.slice(0, 20)), versionOf(found.text)],
    )
    const detail = {
      flow: found.flow,
      problem: problems[0],
      goesOn: state?.version !== undefined && state.version !== null,
    }
    if (!state?.broken) await tell(queries, [{ client, event: 'flow broken', detail }])
  })
}
