import type { Workspace } from '../../data/workspace.ts'
import { dateAt } from '../../data/zone.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { emit } from '../events/events.ts'
import type { RunQueue } from '../queue/queue.ts'
import { dueTimes, nextTime, onTime } from './due.ts'
import type { FlowSchedule, FlowState } from './flow-state.ts'
import { isPaused } from './pauses.ts'
import { runsOf, type Start } from './start.ts'

interface Dependencies {
  readonly database: ServiceDatabase
  readonly queue: RunQueue
}

/**
 * Requests the runs of one schedule that are due at `now`, each once however many services do so, and notes that they
 * are dealt with. Throws PolkuErrors where the flow cannot be started.
 */
export async function fireSchedule(
  state: FlowState,
  schedule: FlowSchedule,
  workspace: Workspace,
  { database, queue }: Dependencies,
  now: number,
): Promise<void> {
  const { client, flow } = state
  const through = state.through?.getTime() ?? now
  // A clock that was set back: what runs already is known by its key.
  const from = through > now + onTime ? now - onTime : through
  const due = dueTimes(schedule, from, now)
  const isHeld = await isPaused(database, client, flow)
  const starts = isHeld ? [] : due.times.map((time) => startAt(flow, schedule, time))
  if (starts.length > 0) await queue.requestAll(runsOf(state, workspace, starts, now))
  const next = nextTime(schedule, due.through)
  await database.transaction(async (queries) => {
    const [moved] = await queries.query(
      `update polku.flow set through = $3, next_at = $4
      where client = $1 and flow = $2 and version = $5 and gone_since is null
        and (through is null or through < $3 or through > $6) returning 1`,
      [
        client,
        flow,
        new Date(due.through),
        next === undefined ? null : new Date(next),
        state.version,
        new Date(now + onTime),
      ],
    )
    if (!moved || isHeld || due.passedOver === undefined) return
    const detail = { flow, since: new Date(due.passedOver).toISOString(), missed: schedule.missed }
    await emit(queries, [{ client, event: 'schedule missed', detail }])
  })
}

function startAt(flow: string, { cron, timezone }: FlowSchedule, time: number): Start {
  const at = new Date(time).toISOString()
  return {
    key: `schedule:${flow}:${at}`,
    asOf: dateAt(timezone, time),
    trigger: { kind: 'schedule', by: `${cron} ${timezone}` },
  }
}
