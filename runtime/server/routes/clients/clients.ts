import { type Static, Type } from 'typebox'
import type { Workspace } from '../../../data/workspace.ts'
import type { Service } from '../../../service/service.ts'
import { maySee, unknownClient, workspaceOf } from '../../access/clients.ts'
import { everyRole, requireUnlimitedAdministrator } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { pageOf } from '../../http/pages.ts'
import { listOf, name, object, ofClient, orNull, page, text } from '../../http/schemas.ts'
import { flowState, flowStates } from '../flows/states.ts'
import { changeClientFile, makeClient } from './client-files.ts'

const title = Type.String({ minLength: 1, maxLength: 200, description: 'How reports call the client' })
const timezone = Type.String({ minLength: 1, maxLength: 60, description: 'Such as Europe/Helsinki' })
const currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'Such as EUR' })
const limits = object({
  atOnce: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'How many runs of the client may run at once' }),
  ),
  priority: Type.Optional(Type.Integer({ minimum: -10, maximum: 10, description: 'Of its flows which name none' })),
  memory: Type.Optional(Type.Number({ minimum: 0.25, maximum: 4096, description: 'Gigabytes that a run may take' })),
})

const clientAnswer = object({
  name,
  title: text,
  timezone: orNull(text),
  currency: orNull(text),
  runs: limits,
  paused: Type.Boolean({ description: 'Whether nothing of it starts by itself' }),
  activeRuns: Type.Integer({ description: 'How many runs are waiting or running' }),
  flows: Type.Array(flowState, { description: 'Its own flows, and those of Polku’s that it has run' }),
})

const listClients = endpoint({
  name: 'listClients',
  method: 'GET',
  url: '/clients',
  tag: 'clients',
  summary: 'The clients that you may see, with the state of their flows',
  allow: everyRole,
  query: page,
  answer: listOf(clientAnswer),
  handle: async ({ service, query, person }) => {
    const visible = [...service.clients.there().values()].filter(({ client }) => maySee(person, client.client))
    const sorted = visible.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1))
    const { items, next } = pageOf(sorted, query, nameOf)
    return { items: await answersOf(service, items), next }
  },
})

const getClient = endpoint({
  name: 'getClient',
  method: 'GET',
  url: '/clients/:client',
  tag: 'clients',
  summary: 'One client',
  allow: everyRole,
  params: ofClient,
  answer: clientAnswer,
  handle: async ({ service, params: { client } }) => answerOf(service, client),
})

const createClient = endpoint({
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
  handle: async ({ service, body, person }) => {
    requireUnlimitedAdministrator(person)
    makeClient(service.clients, body)
    return answerOf(service, body.name)
  },
})

const changeClient = endpoint({
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
  handle: async ({ service, params: { client }, body }) => {
    changeClientFile(workspaceOf(service, client), body)
    return answerOf(service, client)
  },
})

const nameOf = ({ client }: Workspace): string => client.client

type ClientAnswer = Static<typeof clientAnswer>

async function answerOf(service: Service, client: string): Promise<ClientAnswer> {
  const [answer] = await answersOf(service, [workspaceOf(service, client)])
  if (!answer) throw unknownClient(client)
  return answer
}

async function answersOf(service: Service, workspaces: readonly Workspace[]): Promise<ClientAnswer[]> {
  const names = workspaces.map(nameOf)
  const { database } = service
  const flows = await flowStates(service, workspaces)
  const active = await database.query<{ client: string; runs: string | number }>(
    `select client, count(*) as runs from polku.run
    where client = any($1) and state in ('waiting', 'queued', 'running') group by client`,
    [names],
  )
  const pauses = await database.query<{ client: string }>(
    `select client from polku.pause where client = any($1) and flow = ''`,
    [names],
  )
  const activeOf = new Map(active.map(({ client, runs }) => [client, Number(runs)]))
  const paused = new Set(pauses.map(({ client }) => client))
  return workspaces.map(({ client: { client: name, title, timezone, currency, runs = {} } }) => ({
    ...{ name, title, timezone: timezone ?? null, currency: currency ?? null },
    runs: { atOnce: runs.atOnce, priority: runs.priority, memory: runs.memory },
    paused: paused.has(name),
    activeRuns: activeOf.get(name) ?? 0,
    flows: (flows.get(name) ?? []).filter(({ own, lastRun }) => own || lastRun !== null),
  }))
}

export const clients = { listClients, getClient, createClient, changeClient }
