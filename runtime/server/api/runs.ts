import { Type } from 'typebox'
import { problemSchema } from '../../run/record.ts'
import { endpoint, everyRole } from '../endpoint.ts'

const closed = { additionalProperties: false }
const name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' })
const runId = Type.String({ pattern: '^[a-zA-Z0-9-]{1,120}$' })
const time = Type.String({ format: 'date-time' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

export const runState = Type.Enum(['waiting', 'queued', 'running', 'done', 'failed', 'stopped', 'cancelled'], {
  description: 'waiting: for a limit on how many go on at once; queued: for a worker',
})

/** A run as the API tells of it. */
export const runAnswer = Type.Object(
  {
    id: runId,
    client: name,
    flow: name,
    state: runState,
    priority: Type.Integer(),
    trigger: Type.Object({ kind: Type.String(), by: Type.String() }, closed),
    params: Type.Record(Type.String(), Type.Unknown()),
    asOf: Type.String(),
    parent: orNull(runId),
    requestedAt: time,
    startedAt: orNull(time),
    finishedAt: orNull(time),
    attempts: Type.Integer(),
    worker: orNull(Type.String()),
    steps: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          status: Type.String(),
          cached: Type.Optional(Type.Boolean()),
          milliseconds: Type.Optional(Type.Number()),
          rows: Type.Optional(Type.Integer()),
        },
        closed,
      ),
    ),
    problem: orNull(problemSchema),
  },
  closed,
)

const ofClient = Type.Object({ client: name }, closed)
const ofRun = Type.Object({ client: name, run: runId }, closed)

export const startRun = endpoint({
  name: 'startRun',
  method: 'POST',
  url: '/clients/:client/runs',
  tag: 'runs',
  summary: 'Starts a run of a flow',
  allow: ['analyst', 'operator', 'administrator'],
  audit: 'start run',
  params: ofClient,
  body: Type.Object(
    {
      flow: name,
      params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      asOf: Type.Optional(Type.String({ format: 'date', description: 'What is known before this date; today' })),
      priority: Type.Optional(Type.Integer({ minimum: -10, maximum: 10 })),
      idempotencyKey: Type.Optional(
        Type.String({ minLength: 1, maxLength: 200, description: 'A second request with it starts nothing' }),
      ),
    },
    closed,
  ),
  answer: runAnswer,
  status: 202,
})

export const getRun = endpoint({
  name: 'getRun',
  method: 'GET',
  url: '/clients/:client/runs/:run',
  tag: 'runs',
  summary: 'One run',
  allow: everyRole,
  params: ofRun,
  answer: runAnswer,
})

export const cancelRun = endpoint({
  name: 'cancelRun',
  method: 'POST',
  url: '/clients/:client/runs/:run/cancel',
  tag: 'runs',
  summary: 'Cancels a run that goes on',
  allow: ['operator', 'administrator'],
  audit: 'cancel run',
  params: ofRun,
  answer: runAnswer,
  status: 202,
})
