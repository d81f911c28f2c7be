import { Type } from 'typebox'
import { endpoint, everyRole } from '../http/endpoint.ts'
import { listOf, name, object, ofClient, orNull, page, runId, text, time } from '../http/schemas.ts'
import { runState } from './runs.ts'

const title = Type.String({ minLength: 1, maxLength: 200, description: 'How reports call the client' })
const timezone = Type.String({ minLength: 1, maxLength: 60, description: 'Such as Europe/Helsinki' })
const currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'Such as EUR' })
const limits = object({
  atOnce: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'How many runs of the client may go on at once' }),
  ),
  priority: Type.Optional(Type.Integer({ minimum: -10, maximum: 10, description: 'Of its flows which name none' })),
  memory: Type.Optional(Type.Number({ minimum: 0.25, maximum: 4096, description: 'Gigabytes that a run may take' })),
})

/** A flow as lists tell of it. */
export const flowState = object({
  flow: name,
  title: text,
  own: Type.Boolean({ description: 'Whether it is the client’s; Polku’s own are every client’s' }),
  sound: Type.Boolean({ description: 'Whether its file, as it is now, can be run as far as is known' }),
  paused: Type.Boolean(),
  nextAt: orNull(time),
  lastRun: orNull(object({ id: runId, state: runState, requestedAt: time, finishedAt: orNull(time) })),
})

export const clientAnswer = object({
  name,
  title: text,
  timezone: orNull(text),
  currency: orNull(text),
  runs: limits,
  paused: Type.Boolean({ description: 'Whether nothing of it starts by itself' }),
  going: Type.Integer({ description: 'How many runs wait or go on' }),
  flows: Type.Array(flowState, { description: 'Its own flows, and those of Polku’s that it has run' }),
})

export const listClients = endpoint({
  name: 'listClients',
  method: 'GET',
  url: '/clients',
  tag: 'clients',
  summary: 'The clients that you may see, with the state of their flows',
  allow: everyRole,
  query: page,
  answer: listOf(clientAnswer),
})

export const getClient = endpoint({
  name: 'getClient',
  method: 'GET',
  url: '/clients/:client',
  tag: 'clients',
  summary: 'One client',
  allow: everyRole,
  params: ofClient,
  answer: clientAnswer,
})

export const createClient = endpoint({
  name: 'createClient',
  method: 'POST',
  url: '/clients',
  tag: 'clients',
  summary: 'Makes a client’s workspace, with sample data and a flow that runs',
  description: 'As `polku new client` does. For administrators of all clients.',
  allow: ['administrator'],
  audit: 'create client',
  auditFields: ['name', 'title'],
  body: object({
    name,
    title: Type.Optional(title),
    timezone: Type.Optional(timezone),
    currency: Type.Optional(currency),
  }),
  answer: clientAnswer,
  status: 201,
})

export const changeClient = endpoint({
  name: 'changeClient',
  method: 'PATCH',
  url: '/clients/:client',
  tag: 'clients',
  summary: 'Changes a client’s title, time zone, currency or limits',
  description: 'Written to its client.yaml, whose comments stay. A limit of null is taken away.',
  allow: ['operator', 'administrator'],
  audit: 'change client',
  auditFields: ['title', 'timezone', 'currency', 'runs'],
  params: ofClient,
  body: object(
    {
      title: Type.Optional(title),
      timezone: Type.Optional(timezone),
      currency: Type.Optional(currency),
      runs: Type.Optional(
        object(
          {
            atOnce: Type.Optional(orNull(limits.properties.atOnce)),
            priority: Type.Optional(orNull(limits.properties.priority)),
            memory: Type.Optional(orNull(limits.properties.memory)),
          },
          { minProperties: 1 },
        ),
      ),
    },
    { minProperties: 1 },
  ),
  answer: clientAnswer,
})
