import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { workspaceOf } from '../../access/clients.ts'
import { everyRole } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { object, ofClient, ofRun, text } from '../../http/schemas.ts'
import { findRun } from '../runs/answer.ts'
import { beginning, type Position, parsePosition } from './positions.ts'
import { eventId } from './stream.ts'

const query = object({
  after: Type.Optional(
    Type.String({ ...eventId, description: 'The id of the last event that was read, as Last-Event-ID says it' }),
  ),
})
const media = 'text/event-stream'
const description =
  'Server-sent events that resume by Last-Event-ID. A comment comes every quarter of a minute; a stream ends after some minutes and is begun again where it was.'

const watchRun = endpoint({
  name: 'watchRun',
  method: 'GET',
  url: '/clients/:client/runs/:run/events',
  tag: 'events',
  summary: 'What happens to a run, from its beginning',
  description,
  allow: everyRole,
  params: ofRun,
  query,
  answer: text,
  media,
  handle: async ({ service, streams, params: { client, run }, query: { after }, person, request, reply }) => {
    workspaceOf(service, client)
    await findRun(service, client, run)
    return streams.send(reply, person, { clients: [client], run }, positionOf(request, after) ?? beginning)
  },
})

const watchClient = endpoint({
  name: 'watchClient',
  method: 'GET',
  url: '/clients/:client/events',
  tag: 'events',
  summary: 'What happens at a client, from now on',
  description,
  allow: everyRole,
  params: ofClient,
  query,
  answer: text,
  media,
  handle: async ({ service, streams, params: { client }, query: { after }, person, request, reply }) => {
    workspaceOf(service, client)
    return streams.send(reply, person, { clients: [client] }, positionOf(request, after))
  },
})

const watchAll = endpoint({
  name: 'watchAll',
  method: 'GET',
  url: '/events',
  tag: 'events',
  summary: 'What happens at the clients that you may see, from now on',
  description,
  allow: everyRole,
  query,
  answer: text,
  media,
  handle: async ({ streams, query: { after }, person, request, reply }) =>
    streams.send(reply, person, { clients: person.clients }, positionOf(request, after)),
})

/** Where a reader continues; a browser that comes back says it in a header, which is newer than its address. */
const positionOf = ({ headers }: FastifyRequest, after: string | undefined): Position | undefined => {
  const last = headers['last-event-id']
  return parsePosition(typeof last === 'string' ? last : undefined) ?? parsePosition(after)
}

export const events = { watchRun, watchClient, watchAll }
