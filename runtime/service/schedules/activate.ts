import { storeVersion, versionOf } from '../../catalogue/flow-files.ts'
import type { Workspace } from '../../data/workspace.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import { scheduleOf } from '../../flow/automation.ts'
import type { Flow } from '../../flow/schema.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { toJson } from '../database/database.ts'
import { emit } from '../events/events.ts'
import { cursorsAfter } from '../triggers/cursors.ts'
import { nextTime } from './due.ts'
import { type FlowSchedule, withState } from './flow-state.ts'
import { clearBroken, restore } from './gone.ts'

interface FlowText {
  readonly workspace: Workspace
  readonly flow: string
  readonly text: string
}

function scheduleIn(flow: Flow, workspace: Workspace): FlowSchedule | undefined {
  const schedule = scheduleOf(flow, workspace)
  return schedule && { ...schedule, missed: flow.schedule?.missed ?? 'latest' }
}

const isSame = (left: FlowSchedule, right: FlowSchedule | null | undefined): boolean =>
  left.cron === right?.cron && left.timezone === right.timezone

/** Makes a text that checked the active one. A schedule that it changes begins at `now`. */
export async function activate(database: ServiceDatabase, file: FlowText, flow: Flow, now: number): Promise<void> {
  const { workspace, text } = file
  const version = versionOf(text)
  storeVersion(workspace, file.flow, text)
  const schedule = scheduleIn(flow, workspace)
  await withState(database, file, async (queries, state) => {
    const { client } = workspace.client
    if (state?.gone_since) await restore(queries, state)
    const isUnchanged = state?.version === version && (!schedule || isSame(schedule, state.schedule))
    if (!isUnchanged) {
      const isBegun = schedule && isSame(schedule, state?.schedule) && state?.through
      const through = isBegun ? state.through : new Date(now)
      const next = schedule && nextTime(schedule, through?.getTime() ?? now)
      await queries.query(
        `insert into polku.flow (client, flow, version, text, schedule, triggers, through, next_at, activated_at, cursors)
        values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7, $8, $9, $10::jsonb)
        on conflict (client, flow) do update set version = excluded.version, text = excluded.text,
          schedule = excluded.schedule, triggers = excluded.triggers, through = excluded.through,
          next_at = excluded.next_at, activated_at = excluded.activated_at, cursors = excluded.cursors`,
        [
          client,
          file.flow,
          version,
          text,
          schedule ? toJson(schedule) : null,
          toJson(flow.triggers ?? []),
          through,
          next === undefined ? null : new Date(next),
          new Date(now),
          toJson(await cursorsAfter(queries, workspace, flow.triggers ?? [], state?.cursors ?? {})),
        ],
      )
      await emit(queries, [{ client, event: 'flow changed', detail: { flow: file.flow, version } }])
    }
    if (state?.broken) await clearBroken(queries, state)
  })
}

/** Notes that a flow's text does not check, so that its last good version keeps running; emitted once until it is mended. */
export async function markBroken(
  database: ServiceDatabase,
  file: FlowText,
  problems: readonly ProblemRecord[],
): Promise<void> {
  await withState(database, file, async (queries, state) => {
    const { client } = file.workspace.client
    if (state?.gone_since) await restore(queries, state)
    await queries.query(
      `insert into polku.flow (client, flow, broken, broken_version) values ($1, $2, $3::jsonb, $4)
      on conflict (client, flow) do update set broken = excluded.broken, broken_version = excluded.broken_version`,
      [client, file.flow, toJson(problems.slice(0, 20)), versionOf(file.text)],
    )
    const detail = {
      flow: file.flow,
      problem: problems[0],
      running: state?.version !== undefined && state.version !== null,
    }
    if (!state?.broken) await emit(queries, [{ client, event: 'flow broken', detail }])
  })
}
