import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PolkuError } from '../../../errors/errors.ts'
import type { Service } from '../../../service/service.ts'
import type { Person } from '../../access/person.ts'
import { stillHolds } from '../../access/still-holds.ts'
import { watchAll, watchClient, watchRun } from '../../api/events.ts'
import { serve } from '../../http/register.ts'
import { clientOf } from '../clients/clients.ts'
import { findRun } from '../runs/runs.ts'
import { Bell } from './bell.ts'
import { beginning, type EventFilter, newestPosition, type Position, parsePosition } from './positions.ts'
import { eventStream, type Pace } from './stream.ts'

const pace: Pace = { heartbeat: 15_000, again: 250, longest: 5 * 60_000 }
/** How many streams one person, and all together, may have open. */
const mostOfPerson = 20
const mostOfAll = 500

/** What happens, told as it happens. */
export function events(app: FastifyInstance, service: Service, now: () => number): void {
  const { database } = service
  const bell = new Bell(database)
  const open = new Map<AbortController, string>()
  app.addHook('preClose', async () => {
    for (const stream of open.keys()) stream.abort()
    await bell.close()
  })

  serve(app, watchRun, async ({ params: { client, run }, query: { after }, ...asked }) => {
    clientOf(service, client)
    await findRun(service, client, run)
    return stream({ clients: [client], run }, positionOf(asked.request, after) ?? beginning, asked)
  })

  serve(app, watchClient, async ({ params: { client }, query: { after }, ...asked }) => {
    clientOf(service, client)
    return stream({ clients: [client] }, positionOf(asked.request, after), asked)
  })

  serve(app, watchAll, async ({ query: { after }, ...asked }) =>
    stream({ clients: asked.person.clients }, positionOf(asked.request, after), asked),
  )

  type Asked = { readonly person: Person; readonly request: FastifyRequest; readonly reply: FastifyReply }

  async function stream(filter: EventFilter, from: Position | undefined, { person, reply }: Asked) {
    const own = [...open.values()].filter((id) => id === person.id).length
    if (own >= mostOfPerson || open.size >= mostOfAll) throw new PolkuError('TOO_MANY_REQUESTS', { seconds: 15 })
    const ended = new AbortController()
    open.set(ended, person.id)
    const end = () => {
      open.delete(ended)
      ended.abort()
    }
    try {
      await bell.listen()
      const { signal } = ended
      const mayGoOn = () => stillHolds(database, person, new Date(now()))
      const start = from ?? (await newestPosition(database))
      const texts = eventStream({ queries: database, bell, filter, from: start, pace, signal, mayGoOn })
      const body = Readable.from(texts, { objectMode: false, highWaterMark: 16_384 })
      // What reads the database is closed only once it has ended by itself.
      reply.raw.once('close', end)
      body.once('close', end)
      return reply
        .header('cache-control', 'no-store, no-transform')
        .header('x-accel-buffering', 'no')
        .type('text/event-stream; charset=utf-8')
        .send(body)
    } catch (error) {
      end()
      throw error
    }
  }
}

/** Where a reader goes on; a browser that comes back says it in a header, which is newer than its address. */
const positionOf = ({ headers }: FastifyRequest, after: string | undefined): Position | undefined => {
  const last = headers['last-event-id']
  return parsePosition(typeof last === 'string' ? last : undefined) ?? parsePosition(after)
}
