import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import type { FlowTrigger } from '../../../flow/schema.ts'
import type { Backfill } from '../../../service/schedules/backfills.ts'
import type { FlowState } from '../../../service/schedules/flow-state.ts'
import type { Pause } from '../../../service/schedules/pauses.ts'
import type { Service } from '../../../service/service.ts'
import { cursorName } from '../../../service/triggers/cursors.ts'
import {
  cancelBackfill,
  listBackfills,
  listSchedules,
  listTriggers,
  nextRuns,
  pauseClient,
  pauseFlow,
  resumeClient,
  resumeFlow,
  startBackfill,
} from '../../api/schedules.ts'
import { pageOf } from '../../http/pages.ts'
import { serve } from '../../http/register.ts'
import { clientOf } from '../clients/clients.ts'

/** What runs by itself: schedules, triggers, pauses, backfills. */
export function schedules(app: FastifyInstance, service: Service): void {
  const { schedules: automatic, backfills } = service

  serve(app, listSchedules, async ({ params: { client }, query }) => {
    clientOf(service, client)
    const [states, pauses] = [await automatic.list(client), await automatic.pauses(client)]
    const { items, next } = pageOf(states, query, ({ flow }) => flow)
    return { items: items.map((state) => toSchedule(state, pauses)), next }
  })

  serve(app, nextRuns, async ({ params: { client, flow }, query: { limit = 10 } }) => {
    clientOf(service, client)
    const next = await automatic.nextRuns(client, flow, limit)
    return { items: next.map(({ at, asOf }) => ({ at: at.toISOString(), asOf })), next: null }
  })

  serve(app, pauseFlow, async ({ params: { client, flow }, person }) => {
    clientOf(service, client)
    return { paused: true, changed: await automatic.pause(client, flow, person.name) }
  })

  serve(app, resumeFlow, async ({ params: { client, flow }, person }) => {
    clientOf(service, client)
    const changed = await automatic.resume(client, flow, person.name)
    return { paused: await automatic.isPaused(client, flow), changed }
  })

  serve(app, pauseClient, async ({ params: { client }, person }) => {
    clientOf(service, client)
    return { paused: true, changed: await automatic.pause(client, undefined, person.name) }
  })

  serve(app, resumeClient, async ({ params: { client }, person }) => {
    clientOf(service, client)
    return { paused: false, changed: await automatic.resume(client, undefined, person.name) }
  })

  serve(app, listTriggers, async ({ params: { client }, query }) => {
    clientOf(service, client)
    const [states, pauses] = [await automatic.list(client), await automatic.pauses(client)]
    const { items, next } = pageOf(states, query, ({ flow }) => flow)
    const triggers = items.flatMap((state) => state.triggers.map((trigger) => toTrigger(state, trigger, pauses)))
    return { items: triggers, next }
  })

  serve(app, startBackfill, async ({ params: { client, flow }, body, person }) => {
    clientOf(service, client)
    const { atOnce = 1, keepGoing = false, ...asked } = body
    return toBackfill(await backfills.request({ ...asked, client, flow, atOnce, keepGoing, by: person.name }))
  })

  serve(app, listBackfills, async ({ params: { client } }) => {
    clientOf(service, client)
    return { items: (await backfills.list(client)).map(toBackfill), next: null }
  })

  serve(app, cancelBackfill, async ({ params: { client, backfill } }) => {
    clientOf(service, client)
    await backfills.cancel(client, backfill)
    return null
  })
}

/** What pauses a flow: its own pause, or its client's. */
const pauseOf = (flow: string, pauses: readonly Pause[]): Pause | undefined =>
  pauses.find((pause) => pause.flow === flow) ?? pauses.find((pause) => pause.flow === undefined)

const toSchedule = (
  state: FlowState,
  pauses: readonly Pause[],
): Static<typeof listSchedules.answer>['items'][number] => {
  const pause = pauseOf(state.flow, pauses)
  return {
    ...{ flow: state.flow, schedule: state.schedule, triggers: state.triggers.length, version: state.version },
    nextAt: state.next_at?.toISOString() ?? null,
    paused: pause !== undefined,
    pausedBy: pause?.by ?? null,
    problems: [...(state.broken ?? [])],
  }
}

const toTrigger = (
  { flow, cursors }: FlowState,
  trigger: FlowTrigger,
  pauses: readonly Pause[],
): Static<typeof listTriggers.answer>['items'][number] => ({
  flow,
  kind: trigger.dataset !== undefined ? 'dataset' : trigger.file !== undefined ? 'file' : 'flow',
  of: trigger.dataset ?? trigger.file ?? trigger.flow ?? '',
  on: trigger.flow === undefined ? null : (trigger.on ?? 'done'),
  param: trigger.param ?? null,
  cursor: trigger.file === undefined ? (cursors[cursorName(trigger)] ?? null) : null,
  paused: pauseOf(flow, pauses) !== undefined,
})

const toBackfill = (backfill: Backfill): Static<typeof startBackfill.answer> => {
  const { id, flow, dates, params, state, by } = backfill
  return {
    ...{ id, flow, dates: [...dates], params: { ...params }, state, by },
    atOnce: backfill.at_once,
    keepGoing: backfill.keep_going,
    requestedAt: backfill.requested_at.toISOString(),
    finishedAt: backfill.finished_at?.toISOString() ?? null,
  }
}
