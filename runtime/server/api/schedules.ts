import { Type } from 'typebox'
import { problemSchema } from '../../errors/problem.ts'
import { endpoint, everyRole } from '../http/endpoint.ts'
import {
  date,
  listOf,
  name,
  object,
  ofClient,
  ofFlow,
  orNull,
  page,
  paramValues,
  text,
  time,
  uuid,
} from '../http/schemas.ts'

const operators = ['operator', 'administrator'] as const

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

export const listSchedules = endpoint({
  name: 'listSchedules',
  method: 'GET',
  url: '/clients/:client/schedules',
  tag: 'schedules',
  summary: 'A client’s flows that run by themselves',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(scheduleAnswer),
})

export const nextRuns = endpoint({
  name: 'nextRuns',
  method: 'GET',
  url: '/clients/:client/schedules/:flow/next',
  tag: 'schedules',
  summary: 'The next times a flow runs by itself',
  allow: everyRole,
  params: ofFlow,
  query: object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })) }),
  answer: listOf(object({ at: time, asOf: text })),
})

const pauseAnswer = object({ paused: Type.Boolean(), changed: Type.Boolean({ description: 'False where it was so' }) })

const pausing = <Name extends string>(which: Name, url: string, what: string) => ({
  name: which,
  method: 'POST' as const,
  url,
  tag: 'schedules',
  summary: what,
  allow: operators,
  answer: pauseAnswer,
})

export const pauseFlow = endpoint({
  ...pausing('pauseFlow', '/clients/:client/schedules/:flow/pause', 'Lets a flow start no more by itself'),
  audit: 'pause flow',
  params: ofFlow,
})

export const resumeFlow = endpoint({
  ...pausing('resumeFlow', '/clients/:client/schedules/:flow/resume', 'Lets a flow start by itself again'),
  description: 'Times that passed meanwhile are not made up for.',
  audit: 'resume flow',
  params: ofFlow,
})

export const pauseClient = endpoint({
  ...pausing('pauseClient', '/clients/:client/pause', 'Lets nothing of a client start by itself'),
  audit: 'pause client',
  params: ofClient,
})

export const resumeClient = endpoint({
  ...pausing('resumeClient', '/clients/:client/resume', 'Lets a client’s flows start by themselves again'),
  description: 'Flows that are paused themselves stay so.',
  audit: 'resume client',
  params: ofClient,
})

export const listTriggers = endpoint({
  name: 'listTriggers',
  method: 'GET',
  url: '/clients/:client/triggers',
  tag: 'schedules',
  summary: 'What else starts a client’s flows: datasets, files and other flows',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(
    object({
      flow: name,
      kind: Type.Enum(['dataset', 'file', 'flow']),
      of: Type.String({ description: 'The dataset, the pattern of files or the flow' }),
      on: orNull(Type.String({ description: 'How the other flow has to end' })),
      param: orNull(Type.String({ description: 'The parameter that is given the file' })),
      cursor: orNull(Type.String({ description: 'How far it has been followed' })),
      paused: Type.Boolean(),
    }),
  ),
})

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

export const startBackfill = endpoint({
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
})

export const listBackfills = endpoint({
  name: 'listBackfills',
  method: 'GET',
  url: '/clients/:client/backfills',
  tag: 'schedules',
  summary: 'A client’s newest backfills, at most 200',
  allow: everyRole,
  params: ofClient,
  answer: listOf(backfillAnswer),
})

export const cancelBackfill = endpoint({
  name: 'cancelBackfill',
  method: 'POST',
  url: '/clients/:client/backfills/:backfill/cancel',
  tag: 'schedules',
  summary: 'Begins no more of a backfill’s dates and cancels those that go on',
  allow: operators,
  audit: 'cancel backfill',
  params: object({ ...ofClient.properties, backfill: uuid }),
  answer: Type.Null(),
  status: 204,
})
