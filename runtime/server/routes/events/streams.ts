import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { PolkuError } from '../../../errors/errors.ts'
import type { ServiceDatabase } from '../../../service/database/database.ts'
import type { Person } from '../../access/person.ts'
import { mayContinue } from '../../access/sessions.ts'
import { EventNotifications } from './notifications.ts'
import { type EventFilter, newestPosition, type Position } from './positions.ts'
import { eventStream, type Pace } from './stream.ts'

const pace: Pace = { heartbeat: 15_000, again: 250, longest: 5 * 60_000 }
/** How many streams one person, and all together, may have open. */
const mostOfPerson = 20
const mostOfAll = 500

/** The streams of events that are open. */
export class EventStreams {
  readonly #database: ServiceDatabase
  readonly #now: () => number
  readonly #notifications: EventNotifications
  /** Each with the id of the person who reads it. */
  readonly #open = new Map<AbortController, string>()

  constructor(database: ServiceDatabase, now: () => number) {
    this.#database = database
    this.#now = now
    this.#notifications = new EventNotifications(database)
  }

  /** Answers with events from a position on, or from the newest. Throws TOO_MANY_REQUESTS. */
  async send(
    reply: FastifyReply,
    person: Person,
    filter: EventFilter,
    position: Position | undefined,
  ): Promise<FastifyReply> {
    const own = [...this.#open.values()].filter((id) => id === person.id).length
    if (own >= mostOfPerson || this.#open.size >= mostOfAll) throw new PolkuError('TOO_MANY_REQUESTS', { seconds: 15 })
    const ended = new AbortController()
    this.#open.set(ended, person.id)
    const end = () => {
      this.#open.delete(ended)
      ended.abort()
    }
    try {
      const [queries, notifications] = [this.#database, this.#notifications]
      await notifications.listen()
      const { signal } = ended
      const isAllowed = () => mayContinue(queries, person, new Date(this.#now()))
      const from = position ?? (await newestPosition(queries))
      const texts = eventStream({ queries, notifications, filter, from, pace, signal, isAllowed })
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

  async close(): Promise<void> {
    for (const stream of this.#open.keys()) stream.abort()
    await this.#notifications.close()
  }
}
