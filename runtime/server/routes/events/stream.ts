import { type Static, Type } from 'typebox'
import type { Queries } from '../../../service/database/database.ts'
import { object, orNull, runId, text, time } from '../../http/schemas.ts'
import type { EventNotifications } from './notifications.ts'
import { type EventFilter, type EventRow, eventsAfter, type Position, positionText } from './positions.ts'

export const eventId = Type.String({ pattern: '^[0-9]{1,18}-[0-9]{1,18}$' })

/** What the data of each event is, as JSON. */
const eventData = object({
  id: eventId,
  at: time,
  client: text,
  run: orNull(runId),
  event: Type.String({ description: 'Such as run done' }),
  detail: Type.Record(Type.String(), Type.Unknown()),
})

export type PolkuEvent = Static<typeof eventData>

/** Events read at once: so much, and no more, is held in memory for a slow reader. */
const batch = 100
/** A browser waits so long before it asks again, in ms. */
const retryAfter = 2000

/** How long it waits, in ms. */
export interface Pace {
  /** Between comments that keep the connection and find those that are gone. */
  readonly heartbeat: number
  /** Before it looks again for what another transaction held back. */
  readonly again: number
  /** Before a stream ends, to be begun again by whoever still may. */
  readonly longest: number
}

interface Stream {
  readonly queries: Queries
  readonly notifications: EventNotifications
  readonly filter: EventFilter
  readonly from: Position
  readonly pace: Pace
  readonly signal: AbortSignal
  /** Whether the person may still see it. */
  readonly isAllowed: () => Promise<boolean>
}

/**
 * Events as text/event-stream, from a position on. The next are read only when the last were sent, so a slow reader
 * costs no memory. It ends with the signal, after its longest time, and when the person may see it no more.
 */
export async function* eventStream({ queries, notifications, filter, from, pace, signal, isAllowed }: Stream) {
  const waiter = new Waiter(notifications, signal)
  const begun = performance.now()
  let checked = begun
  let at = from
  let isBehind = false
  try {
    yield `retry: ${retryAfter}\n\n`
    while (!signal.aborted && performance.now() - begun < pace.longest) {
      if (performance.now() - checked >= pace.heartbeat) {
        if (!(await isAllowed())) return
        checked = performance.now()
      }
      const rows = await eventsAfter(queries, filter, at, batch)
      const last = rows.at(-1)
      if (last) {
        at = last
        yield rows.map(toText).join('')
        if (rows.length === batch) continue
        isBehind = true
      }
      // What was notified may not be visible yet: then it is read a second time, soon.
      const isNotified = await waiter.wait(isBehind ? pace.again : pace.heartbeat)
      if (!isNotified && !isBehind && !signal.aborted) yield ': still here\n\n'
      isBehind = isNotified
    }
  } finally {
    waiter.end()
  }
}

const toText = ({ at, client, run, event, detail, ...position }: EventRow): string => {
  const id = positionText(position)
  const data: PolkuEvent = { id, at: at.toISOString(), client, run, event, detail: { ...detail } }
  return `id: ${id}\nevent: ${event.replaceAll(/[\r\n]/g, ' ')}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Waits for notifications; one that comes while nobody waits is not forgotten. */
class Waiter {
  #isNotified = false
  #wake: (() => void) | undefined
  readonly #unsubscribe: () => void
  readonly #signal: AbortSignal

  constructor(notifications: EventNotifications, signal: AbortSignal) {
    this.#signal = signal
    this.#unsubscribe = notifications.subscribe(() => this.#notify())
    signal.addEventListener('abort', this.#onAbort)
  }

  #notify(): void {
    this.#isNotified = true
    this.#wake?.()
  }

  readonly #onAbort = (): void => this.#wake?.()

  /** Whether one came within `milliseconds`. */
  async wait(milliseconds: number): Promise<boolean> {
    if (!this.#isNotified && !this.#signal.aborted)
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, milliseconds)
        this.#wake = () => {
          clearTimeout(late)
          resolve()
        }
      })
    this.#wake = undefined
    const isNotified = this.#isNotified
    this.#isNotified = false
    return isNotified
  }

  end(): void {
    this.#unsubscribe()
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}
