import type { FlowTrigger } from '../../flow/schema.ts'
import type { Queries } from '../database/database.ts'
import type { RunState } from '../run-row.ts'
import type { FlowState } from '../schedules/flow-state.ts'
import type { Followed } from './datasets.ts'

/** How long an end may take to be seen by others after it was dated, in ms. */
const seenWithin = 300_000

const states: Readonly<Record<NonNullable<FlowTrigger['on']>, readonly RunState[]>> = {
  done: ['done'],
  failed: ['failed', 'stopped'],
  ended: ['done', 'failed', 'stopped'],
}

interface Ended {
  readonly id: string
  readonly as_of: string
  readonly finished_at: Date
  /** Whether the flow to start is among those that led to this run. */
  readonly circle: boolean
}

/**
 * The starts of a flow by ends of another since `mark`, each with the as-of date of the run that ended. Runs that the
 * flow itself has led to start nothing, and are given apart. Without a mark the trigger is new.
 */
export async function endStarts(
  queries: Queries,
  { client, flow }: FlowState,
  trigger: FlowTrigger,
  mark: string | undefined,
): Promise<Followed & { readonly circles: readonly string[] }> {
  if (mark === undefined) {
    const [clock] = await queries.query<{ now: Date }>('select clock_timestamp() as now')
    return { starts: [], circles: [], mark: (clock?.now ?? new Date(0)).toISOString() }
  }
  const ended = await queries.query<Ended>(
    `select run.id, run.as_of, run.finished_at, exists (
        with recursive led as (
          select run.flow, run.trigger, 1 as steps
          union all
          select before.flow, before.trigger, led.steps + 1 from led join polku.run as before
            on before.client = $1 and before.id = led.trigger ->> 'by'
          where led.trigger ->> 'kind' in ('flow', 'for_each') and led.steps < 100)
        select 1 from led where led.flow = $2) as circle
    from polku.run as run
    where run.client = $1 and run.flow = $3 and run.state = any($4::text[]) and run.finished_at > $5
      and not exists (select 1 from polku.run as follower
        where follower.client = $1 and follower.idempotency_key = 'flow:' || $2 || ':' || run.id)
    order by run.finished_at limit 100`,
    [client, flow, trigger.flow, [...states[trigger.on ?? 'done']], new Date(mark)],
  )
  const last = ended.at(-1)?.finished_at.getTime() ?? 0
  return {
    starts: ended
      .filter(({ circle }) => !circle)
      .map(({ id, as_of }) => ({ key: `flow:${flow}:${id}`, asOf: as_of, trigger: { kind: 'flow', by: id } })),
    circles: ended.flatMap(({ id, circle }) => (circle ? [id] : [])),
    mark: new Date(Math.max(Date.parse(mark), last - seenWithin)).toISOString(),
  }
}
