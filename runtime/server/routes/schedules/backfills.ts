import { type Static, Type } from 'typebox'
import type { Backfill } from '../../../service/schedules/backfills.ts'
import { workspaceOf } from '../../access/clients.ts'
import { everyRole } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import {
  date,
  listOf,
  name,
  object,
  ofClient,
  ofFlow,
  orNull,
  paramValues,
  text,
  time,
  uuid,
} from '../../http/schemas.ts'
import { operators } from './schedules.ts'

const backfillAnswer = object({
  id: uuid,
  flow: name,
  dates: Type.Array(text),
  params: Type.Record(Type.String(), Type.Unknown()),
  atOnce: Type.Integer(),
  keepGoing: Type.Boolean(),
  state: Type.Enum(['running', 'done', 'failed', 'cancelled']),
  by: text,
  requestedAt: time,
  finishedAt: orNull(time),
})

const startBackfill = endpoint({
  name: 'startBackfill',
  method: 'POST',
  url: '/clients/:client/flows/:flow/backfills',
  tag: 'schedules',
  summary: 'Runs a flow for the past, each date as the run’s as-of date, in order',
  description: 'The dates are those of its schedule, or each day where it has none.',
  allow: operators,
  audit: 'start backfill',
  auditFields: ['from', 'to', 'atOnce', 'keepGoing'],
  params: ofFlow,
  body: object({
    from: date,
    to: date,
    params: Type.Optional(paramValues),
    atOnce: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'How many dates at once; 1' })),
    keepGoing: Type.Optional(Type.Boolean({ description: 'Whether those after a date that failed begin' })),
  }),
  answer: backfillAnswer,
  status: 202,
  handle: async ({ service, params: { client, flow }, body, person }) => {
    workspaceOf(service, client)
    const { atOnce = 1, keepGoing = false, ...dates } = body
    return toBackfill(await service.backfills.request({ ...dates, client, flow, atOnce, keepGoing, by: person.name }))
  },
})

const listBackfills = endpoint({
  name: 'listBackfills',
  method: 'GET',
  url: '/clients/:client/backfills',
  tag: 'schedules',
  summary: 'A client’s newest backfills, at most 200',
  allow: everyRole,
  params: ofClient,
  answer: listOf(backfillAnswer),
  handle: async ({ service, params: { client } }) => {
    workspaceOf(service, client)
    return { items: (await service.backfills.list(client)).map(toBackfill), next: null }
  },
})

const cancelBackfill = endpoint({
  name: 'cancelBackfill',
  method: 'POST',
  url: '/clients/:client/backfills/:backfill/cancel',
  tag: 'schedules',
  summary: 'Begins no more of a backfill’s dates and cancels those that run',
  allow: operators,
  audit: 'cancel backfill',
  params: object({ ...ofClient.properties, backfill: uuid }),
  answer: Type.Null(),
  status: 204,
  handle: async ({ service, params: { client, backfill } }) => {
    workspaceOf(service, client)
    await service.backfills.cancel(client, backfill)
    return null
  },
})

const toBackfill = (backfill: Backfill): Static<typeof backfillAnswer> => {
  const { id, flow, dates, params, state, by } = backfill
  return {
    ...{ id, flow, dates: [...dates], params: { ...params }, state, by },
    atOnce: backfill.at_once,
    keepGoing: backfill.keep_going,
    requestedAt: backfill.requested_at.toISOString(),
    finishedAt: backfill.finished_at?.toISOString() ?? null,
  }
}

export const backfills = { startBackfill, listBackfills, cancelBackfill }
