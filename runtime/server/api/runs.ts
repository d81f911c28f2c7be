import { Type } from 'typebox'
import { problemSchema } from '../../errors/problem.ts'
import { runSchema } from '../../run/record.ts'
import { endpoint, everyRole } from '../http/endpoint.ts'
import {
  cursor,
  date,
  limit,
  listOf,
  moment,
  name,
  object,
  ofClient,
  ofRun,
  orNull,
  paramValues,
  runId,
  stepName,
  text,
  time,
} from '../http/schemas.ts'

const states = ['waiting', 'queued', 'running', 'done', 'failed', 'stopped', 'cancelled'] as const

export const runState = Type.Enum([...states], {
  description: 'waiting: for a limit on how many go on at once; queued: for a worker',
})

/** A run as the API tells of it. */
export const runAnswer = object({
  id: runId,
  client: name,
  flow: name,
  state: runState,
  priority: Type.Integer(),
  trigger: object({
    kind: text,
    by: text,
    of: Type.Optional(Type.String({ description: 'The run that is done again' })),
  }),
  params: Type.Record(Type.String(), Type.Unknown()),
  asOf: text,
  parent: orNull(runId),
  version: orNull(Type.String({ description: 'Of the flow, where it was begun by a schedule or a trigger' })),
  againFrom: orNull(Type.String({ description: 'The step from which on everything is done anew' })),
  requestedAt: time,
  startedAt: orNull(time),
  finishedAt: orNull(time),
  attempts: Type.Integer(),
  worker: orNull(text),
  cancelling: Type.Boolean({ description: 'Whether its end was asked for' }),
  usage: orNull(object({ cpuMilliseconds: Type.Number(), peakBytes: Type.Number(), rows: Type.Number() })),
  steps: Type.Array(
    object({
      name: text,
      status: text,
      cached: Type.Optional(Type.Boolean()),
      milliseconds: Type.Optional(Type.Number()),
      rows: Type.Optional(Type.Integer({ description: 'Of its first output; none of a step that stored a model' })),
      others: Type.Optional(
        Type.Record(Type.String(), Type.Integer(), { description: 'The rows of its other outputs, by name' }),
      ),
    }),
  ),
  problem: orNull(problemSchema),
})

const key = Type.String({
  pattern: '^[!-~]{1,200}$',
  description: 'A second request with it starts nothing and gives the first one’s run',
})
/** Says the same as `idempotencyKey` of the body. */
const headers = Type.Object({ 'idempotency-key': Type.Optional(key) })

export const startRun = endpoint({
  name: 'startRun',
  method: 'POST',
  url: '/clients/:client/runs',
  tag: 'runs',
  summary: 'Starts a run of a flow',
  allow: ['analyst', 'operator', 'administrator'],
  audit: 'start run',
  auditFields: ['flow', 'asOf', 'priority'],
  params: ofClient,
  headers,
  body: object({
    flow: name,
    params: Type.Optional(paramValues),
    asOf: Type.Optional(
      Type.String({ ...date, description: 'What is known before this date; today in the client’s timezone' }),
    ),
    priority: Type.Optional(Type.Integer({ minimum: -10, maximum: 10 })),
    idempotencyKey: Type.Optional(key),
  }),
  answer: runAnswer,
  status: 202,
})

const filters = {
  flow: Type.Optional(name),
  state: Type.Optional(
    Type.Array(Type.Enum([...states]), { maxItems: 7, description: 'Any of these; it may be given several times' }),
  ),
  from: Type.Optional(moment),
  to: Type.Optional(moment),
  limit,
  cursor,
}

export const listRuns = endpoint({
  name: 'listRuns',
  method: 'GET',
  url: '/clients/:client/runs',
  tag: 'runs',
  summary: 'A client’s runs, the newest first',
  allow: everyRole,
  params: ofClient,
  query: object({
    ...filters,
    parent: Type.Optional(Type.String({ ...runId, description: 'The run that started them, one for each item' })),
  }),
  answer: listOf(runAnswer),
})

export const listAllRuns = endpoint({
  name: 'listAllRuns',
  method: 'GET',
  url: '/runs',
  tag: 'runs',
  summary: 'The runs of all clients that you may see, the newest first',
  allow: everyRole,
  query: object(filters),
  answer: listOf(runAnswer),
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

export const retryRun = endpoint({
  name: 'retryRun',
  method: 'POST',
  url: '/clients/:client/runs/:run/retry',
  tag: 'runs',
  summary: 'Does a run that has ended again, as a new run',
  description: 'From a step where one is named: it and what follows are done anew, what comes before is kept.',
  allow: ['analyst', 'operator', 'administrator'],
  audit: 'retry run',
  auditFields: ['from', 'asOf', 'priority'],
  params: ofRun,
  headers,
  body: object({
    from: Type.Optional(Type.String({ ...stepName, description: 'The step' })),
    params: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        maxProperties: 200,
        description: 'Values in place of the first run’s; those that are not named stay',
      }),
    ),
    asOf: Type.Optional(Type.String({ ...date, description: 'The first run’s by default' })),
    priority: Type.Optional(Type.Integer({ minimum: -10, maximum: 10 })),
    idempotencyKey: Type.Optional(key),
  }),
  answer: runAnswer,
  status: 202,
})

const step = runSchema.properties.steps.items
const { findings, ...told } = step.properties

export const listSteps = endpoint({
  name: 'listSteps',
  method: 'GET',
  url: '/clients/:client/runs/:run/steps',
  tag: 'runs',
  summary: 'The steps of a run that has begun: settings, outputs, why each was done or kept, and problems',
  allow: everyRole,
  audit: 'read findings',
  auditsWith: 'findings',
  params: ofRun,
  query: object({
    findings: Type.Optional(Type.Boolean({ description: 'Whether what each has found is told too' })),
  }),
  answer: listOf(object({ ...told, findings: Type.Optional(findings) })),
})

export const getStep = endpoint({
  name: 'getStep',
  method: 'GET',
  url: '/clients/:client/runs/:run/steps/:step',
  tag: 'runs',
  summary: 'One step of a run, with its findings',
  allow: everyRole,
  audit: 'read findings',
  params: object({ ...ofRun.properties, step: stepName }),
  answer: step,
})
