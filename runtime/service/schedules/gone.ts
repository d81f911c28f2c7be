import type { Workspace } from '../../data/workspace.ts'
import type { Queries, ServiceDatabase } from '../database/database.ts'
import { emit } from '../events/events.ts'
import { nextTime } from './due.ts'
import { type FlowState, withState } from './flow-state.ts'

/** How long the state of a flow is retained whose file is gone, in ms: it may be copied, or its disk be away. */
export const goneFor = 7 * 86_400_000

interface FlowName {
  readonly workspace: Workspace
  readonly flow: string
}

/**
 * Lets a flow rest whose file is gone: it starts nothing, and this is emitted once. Once it has been away for long it is
 * forgotten, unless nobody knows whether it is away, since the folder of all flows is.
 */
export async function noteGone(
  database: ServiceDatabase,
  of: FlowName,
  { now, isFolderThere }: { readonly now: number; readonly isFolderThere: boolean },
): Promise<void> {
  await withState(database, of, async (queries, state) => {
    if (!state) return
    if (state.gone_since === null && state.version !== null) await rest(queries, state, now)
    else if (isFolderThere && (state.gone_since?.getTime() ?? 0) + goneFor <= now) await remove(queries, state)
  })
}

async function rest(queries: Queries, state: FlowState, now: number): Promise<void> {
  const { client, flow } = state
  if (state.broken) await clearBroken(queries, state)
  await queries.query('update polku.flow set gone_since = $3, next_at = null where client = $1 and flow = $2', [
    client,
    flow,
    new Date(now),
  ])
  await emit(queries, [{ client, event: 'flow gone', detail: { flow } }])
}

/** Lets a flow run again whose file is there again: what passed meanwhile it has missed, and what waited for it starts it. */
export async function restore(queries: Queries, { client, flow, schedule, through }: FlowState): Promise<void> {
  const next = schedule && through && nextTime(schedule, through.getTime())
  await queries.query('update polku.flow set gone_since = null, next_at = $3 where client = $1 and flow = $2', [
    client,
    flow,
    next ? new Date(next) : null,
  ])
  await emit(queries, [{ client, event: 'flow back', detail: { flow } }])
}

/** Forgets a flow that no longer runs by itself, since its file has neither schedule nor triggers. */
export async function forget(database: ServiceDatabase, of: FlowName): Promise<void> {
  await withState(database, of, async (queries, state) => {
    if (state) await remove(queries, state)
  })
}

async function remove(queries: Queries, state: FlowState): Promise<void> {
  const { client, flow } = state
  if (state.broken) await clearBroken(queries, state)
  await queries.query('delete from polku.flow where client = $1 and flow = $2', [client, flow])
  await queries.query('delete from polku.arrival where client = $1 and flow = $2', [client, flow])
  await emit(queries, [{ client, event: 'flow forgotten', detail: { flow } }])
}

/** Notes that nothing is wrong with a flow's file any more. */
export async function clearBroken(queries: Queries, { client, flow }: FlowState): Promise<void> {
  await queries.query('update polku.flow set broken = null, broken_version = null where client = $1 and flow = $2', [
    client,
    flow,
  ])
  await emit(queries, [{ client, event: 'flow mended', detail: { flow } }])
}
