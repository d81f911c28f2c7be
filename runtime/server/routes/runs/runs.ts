import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { isDate } from '../../../data/dates.ts'
import { canonical } from '../../../data/hash.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import { readFlowFile } from '../../../flow/read-flow.ts'
import { newRunId } from '../../../run/folder.ts'
import { requestOfFlow } from '../../../service/queue/request.ts'
import { isEnded, type NewRun, type RunRow } from '../../../service/queue/run.ts'
import type { Service } from '../../../service/service.ts'
import { workspaceOf } from '../../access/clients.ts'
import { everyRole } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { date, name, object, ofClient, ofRun, paramValues, stepName } from '../../http/schemas.ts'
import { findRun, runAnswer, toAnswer } from './answer.ts'

const key = Type.String({
  pattern: '^[!-~]{1,200}$',
  description: 'A second request with it starts nothing and gives the first one’s run',
})
/** Says the same as `idempotencyKey` of the body. */
const headers = Type.Object({ 'idempotency-key': Type.Optional(key) })

const startRun = endpoint({
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
  handle: async ({ service, now, params: { client }, body, person, request }) => {
    const workspace = workspaceOf(service, client)
    const { flow, params = {}, priority } = body
    const asOf = body.asOf ?? workspace.today(now())
    const trigger = { kind: 'request', by: person.name, person: person.id } as const
    const idempotencyKey = keyOf(request, body.idempotencyKey)
    return start(service, now(), workspace, { flow, params, asOf, priority, trigger, idempotencyKey })
  },
})

const getRun = endpoint({
  name: 'getRun',
  method: 'GET',
  url: '/clients/:client/runs/:run',
  tag: 'runs',
  summary: 'One run',
  allow: everyRole,
  params: ofRun,
  answer: runAnswer,
  handle: async ({ service, params: { client, run } }) => toAnswer(await findRun(service, client, run)),
})

const cancelRun = endpoint({
  name: 'cancelRun',
  method: 'POST',
  url: '/clients/:client/runs/:run/cancel',
  tag: 'runs',
  summary: 'Cancels a run that has not ended',
  allow: ['operator', 'administrator'],
  audit: 'cancel run',
  params: ofRun,
  answer: runAnswer,
  status: 202,
  handle: async ({ service, params: { client, run } }) => {
    const { state } = await findRun(service, client, run)
    const cancelled = await service.queue.cancel(client, run)
    if (!cancelled) throw new PolkuError('RUN_FINISHED', { run, state })
    return toAnswer(cancelled)
  },
})

const retryRun = endpoint({
  name: 'retryRun',
  method: 'POST',
  url: '/clients/:client/runs/:run/retry',
  tag: 'runs',
  summary: 'Does a run that has ended again, as a new run',
  description: 'From a step where one is named: it and what follows are done anew, what comes before is cached.',
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
  handle: async ({ service, now, params: { client, run: id }, body, person, request }) => {
    const workspace = workspaceOf(service, client)
    const run = await findRun(service, client, id)
    if (!isEnded(run.state)) throw new PolkuError('RUN_UNFINISHED', { run: id, state: run.state })
    requireStep(workspace, run.flow, body.from)
    const { asOf = run.as_of, priority = run.priority } = body
    const trigger = { kind: 'retry', by: person.name, person: person.id, of: id } as const
    return start(service, now(), workspace, {
      ...{ flow: run.flow, asOf, priority, trigger, againFrom: body.from },
      params: { ...run.params, ...body.params },
      idempotencyKey: keyOf(request, body.idempotencyKey),
    })
  },
})

type RequestedRun = Pick<NewRun, 'flow' | 'params' | 'asOf' | 'priority' | 'trigger' | 'againFrom' | 'idempotencyKey'>

/** Throws AS_OF_INVALID, IDEMPOTENCY_KEY_TAKEN, and what the flow's own parameters throw. */
async function start(
  service: Service,
  now: number,
  workspace: Workspace,
  requested: RequestedRun,
): Promise<Static<typeof runAnswer>> {
  const { flow, asOf } = requested
  const { client } = workspace.client
  if (!isDate(asOf)) throw new PolkuError('AS_OF_INVALID', { value: asOf, actual: asOf })
  const ofFlow = requestOfFlow(workspace, flow, requested.params)
  const { run, created } = await service.queue.request({
    ...ofFlow,
    ...requested,
    params: ofFlow.params,
    ...{ client, id: newRunId(flow, now), priority: requested.priority ?? ofFlow.priority },
  })
  if (!created && !isSame(run, requested))
    throw new PolkuError('IDEMPOTENCY_KEY_TAKEN', { run: run.id, flow: run.flow })
  return toAnswer(run)
}

/** The key of a request, from its header or its body; keys of schedules and triggers are never its. Throws REQUEST_INVALID. */
function keyOf({ headers }: FastifyRequest, ofBody: string | undefined): string | undefined {
  const ofHeader = headers['idempotency-key'] as string | undefined // checked by the endpoint's schema
  if (ofHeader !== undefined && ofBody !== undefined && ofHeader !== ofBody)
    throw new PolkuError('REQUEST_INVALID', {
      reason: 'header and body name two idempotency keys',
      right: 'One of them, or the same.',
    })
  const key = ofHeader ?? ofBody
  return key === undefined ? undefined : `request:${key}`
}

/** Whether a run is what a request with its key asks for; the day may have changed since. */
const isSame = (
  run: RunRow,
  { flow, params, againFrom, trigger }: Pick<NewRun, 'flow' | 'params' | 'againFrom' | 'trigger'>,
) =>
  run.flow === flow &&
  run.trigger.of === trigger.of &&
  (run.again_from ?? undefined) === againFrom &&
  canonical(run.params) === canonical(params)

function requireStep(workspace: Workspace, flow: string, step: string | undefined): void {
  if (step === undefined) return
  const names = Object.keys(readFlowFile(workspace, flow).flow.steps)
  if (!names.includes(step))
    throw new PolkuError('STEP_UNKNOWN', { step, actual: step, nearest: nearest(step, names, 'step') })
}

export const runs = { startRun, getRun, cancelRun, retryRun }
