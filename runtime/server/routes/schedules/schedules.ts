import { type Static, Type } from 'typebox'
import { problemSchema } from '../../../errors/problem.ts'
import type { FlowTrigger } from '../../../flow/schema.ts'
import type { FlowState } from '../../../service/schedules/flow-state.ts'
import type { Pause } from '../../../service/schedules/pauses.ts'
import { cursorName } from '../../../service/triggers/cursors.ts'
import { workspaceOf } from '../../access/clients.ts'
import { everyRole } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { pageOf } from '../../http/pages.ts'
import { listOf, name, object, ofClient, ofFlow, orNull, page, text, time } from '../../http/schemas.ts'

export const operators = ['operator', 'administrator'] as const

const scheduleAnswer = object({
  flow: name,
  schedule: orNull(object({ cron: text, timezone: text, missed: text })),
  triggers: Type.Integer({ description: 'How many triggers start it besides' }),
  nextAt: orNull(time),
  paused: Type.Boolean({ description: 'The flow itself, or its whole client' }),
  pausedBy: orNull(text),
  version: orNull(Type.String({ description: 'Of the text that runs: the last that checked' })),
  problems: Type.Array(problemSchema, { description: 'Why the file as it is now is not what runs' }),
})

const listSchedules = endpoint({
  name: 'listSchedules',
  method: 'GET',
  url: '/clients/:client/schedules',
  tag: 'schedules',
  summary: 'A client’s flows that run by themselves',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(scheduleAnswer),
  handle: async ({ service, params: { client }, query }) => {
    workspaceOf(service, client)
    const [states, pauses] = [await service.schedules.list(client), await service.schedules.pauses(client)]
    const { items, next } = pageOf(states, query, ({ flow }) => flow)
    return { items: items.map((state) => toSchedule(state, pauses)), next }
  },
})

const nextRuns = endpoint({
  name: 'nextRuns',
  method: 'GET',
  url: '/clients/:client/schedules/:flow/next',
  tag: 'schedules',
  summary: 'The next times a flow runs by itself',
  allow: everyRole,
  params: ofFlow,
  query: object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })) }),
  answer: listOf(object({ at: time, asOf: text })),
  handle: async ({ service, params: { client, flow }, query: { limit = 10 } }) => {
    workspaceOf(service, client)
    const next = await service.schedules.nextRuns(client, flow, limit)
    return { items: next.map(({ at, asOf }) => ({ at: at.toISOString(), asOf })), next: null }
  },
})

const pauseAnswer = object({ paused: Type.Boolean(), changed: Type.Boolean({ description: 'False where it was so' }) })

const pausing = <Name extends string>(name: Name, url: string, summary: string) => ({
  name,
  method: 'POST' as const,
  url,
  tag: 'schedules',
  summary,
  allow: operators,
  answer: pauseAnswer,
})

const pauseFlow = endpoint({
  ...pausing('pauseFlow', '/clients/:client/schedules/:flow/pause', 'Lets a flow start no more by itself'),
  audit: 'pause flow',
  params: ofFlow,
  handle: async ({ service, params: { client, flow }, person }) => {
    workspaceOf(service, client)
    return { paused: true, changed: await service.schedules.pause(client, flow, person.name) }
  },
})

const resumeFlow = endpoint({
  ...pausing('resumeFlow', '/clients/:client/schedules/:flow/resume', 'Lets a flow start by itself again'),
  description: 'Times that passed meanwhile are not made up for.',
  audit: 'resume flow',
  params: ofFlow,
  handle: async ({ service, params: { client, flow }, person }) => {
    workspaceOf(service, client)
    const changed = await service.schedules.resume(client, flow, person.name)
    return { paused: await service.schedules.isPaused(client, flow), changed }
  },
})

const pauseClient = endpoint({
  ...pausing('pauseClient', '/clients/:client/pause', 'Lets nothing of a client start by itself'),
  audit: 'pause client',
  params: ofClient,
  handle: async ({ service, params: { client }, person }) => {
    workspaceOf(service, client)
    return { paused: true, changed: await service.schedules.pause(client, undefined, person.name) }
  },
})

const resumeClient = endpoint({
  ...pausing('resumeClient', '/clients/:client/resume', 'Lets a client’s flows start by themselves again'),
  description: 'Flows that are paused themselves stay so.',
  audit: 'resume client',
  params: ofClient,
  handle: async ({ service, params: { client }, person }) => {
    workspaceOf(service, client)
    return { paused: false, changed: await service.schedules.resume(client, undefined, person.name) }
  },
})

const triggerAnswer = object({
  flow: name,
  kind: Type.Enum(['dataset', 'file', 'flow']),
  of: Type.String({ description: 'The dataset, the pattern of files or the flow' }),
  on: orNull(Type.String({ description: 'How the other flow has to end' })),
  param: orNull(Type.String({ description: 'The parameter that is given the file' })),
  cursor: orNull(Type.String({ description: 'How far it has been followed' })),
  paused: Type.Boolean(),
})

const listTriggers = endpoint({
  name: 'listTriggers',
  method: 'GET',
  url: '/clients/:client/triggers',
  tag: 'schedules',
  summary: 'What else starts a client’s flows: datasets, files and other flows',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(triggerAnswer),
  handle: async ({ service, params: { client }, query }) => {
    workspaceOf(service, client)
    const [states, pauses] = [await service.schedules.list(client), await service.schedules.pauses(client)]
    const { items, next } = pageOf(states, query, ({ flow }) => flow)
    const triggers = items.flatMap((state) => state.triggers.map((trigger) => toTrigger(state, trigger, pauses)))
    return { items: triggers, next }
  },
})

/** What pauses a flow: its own pause, or its client's. */
const pauseOf = (flow: string, pauses: readonly Pause[]): Pause | undefined =>
  pauses.find((pause) => pause.flow === flow) ?? pauses.find((pause) => pause.flow === undefined)

const toSchedule = (state: FlowState, pauses: readonly Pause[]): Static<typeof scheduleAnswer> => {
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
): Static<typeof triggerAnswer> => ({
  flow,
  kind: trigger.dataset !== undefined ? 'dataset' : trigger.file !== undefined ? 'file' : 'flow',
  of: trigger.dataset ?? trigger.file ?? trigger.flow ?? '',
  on: trigger.flow === undefined ? null : (trigger.on ?? 'done'),
  param: trigger.param ?? null,
  cursor: trigger.file === undefined ? (cursors[cursorName(trigger)] ?? null) : null,
  paused: pauseOf(flow, pauses) !== undefined,
})

export const schedules = {
  listSchedules,
  nextRuns,
  pauseFlow,
  resumeFlow,
  pauseClient,
  resumeClient,
  listTriggers,
}
