import type { FlowTrigger } from '../../flow/schema.ts'
import type { Queries } from '../database/database.ts'
import type { RunState } from '../queue/run.ts'
import type { FlowState } from '../schedules/flow-state.ts'
import type { Start } from '../schedules/start.ts'

/** How long an end may take to be visible to others after it was dated, in ms. */
const visibleWithin = 300_000
/** How far a cursor moves before it is worth a write, in ms. */
const movedBy = 60_000
/** How many ends are looked at together; the next look takes the next ones. */
const atOnce = 100

const states: Readonly<Record<NonNullable<FlowTrigger['on']>, readonly RunState[]>> = {
  done: ['done'],
  failed: ['failed', 'stopped'],
  ended: ['done', 'failed', 'stopped'],
}

/** A run whose end has started nothing yet. */
export interface Ended {
  readonly id: string
  readonly as_of: string
  readonly finished_at: Date
  /** Whether the flow to start is among those that led to this run. */
  readonly circle: boolean
}

/** The clock by which the ends of runs are dated. */
interface Clock {
  readonly clock: Date
}

interface Followed {
  /** How far the trigger has been followed, as a time of the database. */
  readonly cursor: string
  /** Runs whose ends are known to start nothing. */
  readonly skipped: readonly string[]
  /** Whether the ends are only looked at, and started later. */
  readonly isHeld: boolean
}

/** Up to when the ends have been seen that a new trigger passes over. */
export async function newEndCursor(queries: Queries): Promise<string> {
  const [row] = await queries.query<Clock>('select clock_timestamp() as clock')
  return (row?.clock ?? new Date(0)).toISOString()
}

/** The ends of the flow that a trigger names which may start its own flow now, and how far it has been followed then. */
export async function endsSince(
  queries: Queries,
  { client, flow }: FlowState,
  trigger: FlowTrigger,
  followed: Followed,
): Promise<{ readonly ended: readonly Ended[]; readonly cursor: string }> {
  // There is always a row, with the clock; it has no run where none has ended.
  const rows = await queries.query<Clock & (Ended | { readonly id: null })>(
    `select moment.clock, run.* from (select clock_timestamp() as clock) as moment left join lateral (
      select id, as_of, finished_at, exists (
          with recursive led as (
            select ended.flow, ended.trigger, 1 as steps
            union all
            select before.flow, before.trigger, led.steps + 1 from led join polku.run as before
              on before.client = $1 and before.id = led.trigger ->> 'by'
            where led.trigger ->> 'kind' in ('flow', 'for_each') and led.steps < 100)
          select 1 from led where led.flow = $2) as circle
      from polku.run as ended
      where client = $1 and flow = $3 and state = any($4::text[]) and not id = any($6::text[])
        and finished_at > case when $5::timestamptz > moment.clock
          then moment.clock - ${visibleWithin} * interval '1 millisecond' else $5::timestamptz end
        and not exists (select 1 from polku.run as follower
          where follower.client = $1 and follower.idempotency_key = 'flow:' || $2 || ':' || ended.id)
      order by finished_at, id limit ${atOnce}) as run on true
    order by run.finished_at, run.id`,
    [client, flow, trigger.flow, [...states[trigger.on ?? 'done']], new Date(followed.cursor), [...followed.skipped]],
  )
  const ended = rows.flatMap((row) => (row.id === null ? [] : [row]))
  return { ended, cursor: cursorAfter(followed, ended, rows[0]?.clock.getTime() ?? 0) }
}

/**
 * How far the ends have been dealt with once these are. It follows the clock also where nothing ends: what was started
 * long ago is not looked for again, since the run that shows it may not be retained as long. A cursor that lies ahead is
 * of a clock that has been set back since.
 */
function cursorAfter({ cursor, isHeld }: Followed, ended: readonly Ended[], now: number): string {
  const before = Date.parse(cursor)
  const since = before > now ? now - visibleWithin : before
  const waiting = isHeld ? ended[0] : ended[atOnce - 1]
  const after = Math.max(since, (waiting?.finished_at.getTime() ?? now) - visibleWithin)
  return Math.abs(after - before) > movedBy || before > now ? new Date(after).toISOString() : cursor
}

/** What an end starts: a run with the as-of date of the one that ended. */
export const startBy = (flow: string, { id, as_of: asOf }: Ended): Start => ({
  key: `flow:${flow}:${id}`,
  asOf,
  trigger: { kind: 'flow', by: id },
})

/** Ends that have started nothing and will not: each is emitted once, and they hide none that comes after them. */
export class SkippedEnds {
  /** By what follows them. */
  readonly #cached = new Map<string, { readonly version: string | null; readonly ends: Map<string, number> }>()

  /** The runs whose ends this version of a flow has skipped. */
  of(state: FlowState, cursor: string): readonly string[] {
    return [...this.#ends(state, cursor).keys()]
  }

  add(state: FlowState, cursor: string, ended: readonly Ended[]): void {
    const ends = this.#ends(state, cursor)
    for (const { id, finished_at: at } of ended) ends.set(id, at.getTime())
    // What lies before the cursor is not looked for again.
    const since = Date.parse(state.cursors[cursor] ?? '')
    for (const [id, at] of ends) if (at < since) ends.delete(id)
  }

  #ends({ client, flow, version }: FlowState, cursor: string): Map<string, number> {
    const key = `${client}/${flow}/${cursor}`
    const cached = this.#cached.get(key)
    if (cached && cached.version === version) return cached.ends
    const ends = new Map<string, number>()
    this.#cached.set(key, { version, ends })
    return ends
  }
}
