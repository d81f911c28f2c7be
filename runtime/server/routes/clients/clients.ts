import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import type { Service } from '../../../service/service.ts'
import { maySee, requireChief } from '../../access/person.ts'
import { unknownClient } from '../../access/sign-in.ts'
import { changeClient, type clientAnswer, createClient, getClient, listClients } from '../../api/clients.ts'
import { pageOf } from '../../http/pages.ts'
import { serve } from '../../http/register.ts'
import { flowStates } from '../flows/states.ts'
import { changeClientFile, makeClient } from './client-files.ts'

/** A client's workspace. Throws CLIENT_UNKNOWN without naming other clients. */
export function clientOf(service: Service, name: string): Workspace {
  try {
    return service.clients.get(name)
  } catch (error) {
    if (error instanceof PolkuError && error.code === 'CLIENT_UNKNOWN') throw unknownClient(name)
    throw error
  }
}

/** Clients: list, look, make, change. */
export function clients(app: FastifyInstance, service: Service): void {
  serve(app, listClients, async ({ query, person }) => {
    const seen = [...service.clients.there().values()].filter(({ client }) => maySee(person, client.client))
    const sorted = seen.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1))
    const { items, next } = pageOf(sorted, query, nameOf)
    return { items: await answersOf(service, items), next }
  })

  serve(app, getClient, async ({ params: { client } }) => answerOf(service, client))

  serve(app, createClient, async ({ body, person }) => {
    requireChief(person)
    makeClient(service.clients, body)
    return answerOf(service, body.name)
  })

  serve(app, changeClient, async ({ params: { client }, body }) => {
    changeClientFile(clientOf(service, client), body)
    return answerOf(service, client)
  })
}

const nameOf = ({ client }: Workspace): string => client.client

type ClientAnswer = Static<typeof clientAnswer>

async function answerOf(service: Service, client: string): Promise<ClientAnswer> {
  const [answer] = await answersOf(service, [clientOf(service, client)])
  if (!answer) throw unknownClient(client)
  return answer
}

async function answersOf(service: Service, workspaces: readonly Workspace[]): Promise<ClientAnswer[]> {
  const names = workspaces.map(nameOf)
  const { database } = service
  const flows = await flowStates(service, workspaces)
  const going = await database.query<{ client: string; runs: string | number }>(
    `select client, count(*) as runs from polku.run
    where client = any($1) and state in ('waiting', 'queued', 'running') group by client`,
    [names],
  )
  const pauses = await database.query<{ client: string }>(
    `select client from polku.pause where client = any($1) and flow = ''`,
    [names],
  )
  const goingOf = new Map(going.map(({ client, runs }) => [client, Number(runs)]))
  const paused = new Set(pauses.map(({ client }) => client))
  return workspaces.map(({ client: { client: name, title, timezone, currency, runs = {} } }) => ({
    ...{ name, title, timezone: timezone ?? null, currency: currency ?? null },
    runs: { atOnce: runs.atOnce, priority: runs.priority, memory: runs.memory },
    paused: paused.has(name),
    going: goingOf.get(name) ?? 0,
    flows: (flows.get(name) ?? []).filter(({ own, lastRun }) => own || lastRun !== null),
  }))
}
