import { Type } from 'typebox'
import { endpoint, everyRole } from '../http/endpoint.ts'
import { object, ofClient, ofRun, orNull, runId, text, time } from '../http/schemas.ts'

const position = Type.String({ pattern: '^[0-9]{1,18}-[0-9]{1,18}$' })

/** What the data of each event is, as JSON. */
export const eventData = object({
  id: position,
  at: time,
  client: text,
  run: orNull(runId),
  event: Type.String({ description: 'Such as run done' }),
  detail: Type.Record(Type.String(), Type.Unknown()),
})

const query = object({
  after: Type.Optional(
    Type.String({ ...position, description: 'The id of the last event that was seen, as Last-Event-ID says it' }),
  ),
})
const media = 'text/event-stream'
const description =
  'Server-sent events that resume by Last-Event-ID. A comment comes every quarter of a minute; a stream ends after some minutes and is begun again where it was.'

export const watchRun = endpoint({
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
})

export const watchClient = endpoint({
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
})

export const watchAll = endpoint({
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
})
