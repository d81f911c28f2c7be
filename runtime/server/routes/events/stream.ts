import type { Static } from 'typebox'
import type { Queries } from '../../../service/database/database.ts'
import type { eventData } from '../../api/events.ts'
import type { Bell } from './bell.ts'
import { type EventFilter, type EventRow, eventsAfter, type Position, positionText } from './positions.ts'

/** Events read at once: so much, and no more, is kept in memory for a slow reader. */
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
  readonly bell: Bell
  readonly filter: EventFilter
  readonly from: Position
  readonly pace: Pace
  readonly signal: AbortSignal
  /** Whether the person may still see it. */
  readonly mayGoOn: () => Promise<boolean>
}

/**
 * Events as text/event-stream, from a position on. The next are read only when the last were taken, so a slow reader
 * costs no memory. It ends with the signal, after its longest time, and when the person may see it no more.
 */
export async function* eventStream({ queries, bell, filter, from, pace, signal, mayGoOn }: Stream) {
  const waiter = new Waiter(bell, signal)
  const begun = performance.now()
  let checked = begun
  let at = from
  let isBehind = false
  try {
    yield `retry: ${retryAfter}\n\n`
    while (!signal.aborted && performance.now() - begun < pace.longest) {
      if (performance.now() - checked >= pace.heartbeat) {
        if (!(await mayGoOn())) return
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
      // What rang may not be there to be seen yet: then it is looked for a second time, soon.
      const rang = await waiter.wait(isBehind ? pace.again : pace.heartbeat)
      if (!rang && !isBehind && !signal.aborted) yield ': still here\n\n'
      isBehind = rang
    }
  } finally {
    waiter.end()
  }
}

const toText = ({ at, client, run, event, detail, ...position }: EventRow): string => {
  const id = positionText(position)
  const data: Static<typeof eventData> = { id, at: at.toISOString(), client, run, event, detail: { ...detail } }
  return `id: ${id}\nevent: ${event.replaceAll(/[\r\n]/g, ' ')}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Waits for the bell; one that rings while nobody waits is not forgotten. */
class Waiter {
  #rang = false
  #wake: (() => void) | undefined
  readonly #unsubscribe: () => void
  readonly #signal: AbortSignal

  constructor(bell: Bell, signal: AbortSignal) {
    this.#signal = signal
    this.#unsubscribe = bell.subscribe(() => this.#ring())
    signal.addEventListener('abort', this.#onAbort)
  }

  #ring(): void {
    this.#rang = true
    this.#wake?.()
  }

  readonly #onAbort = (): void => this.#wake?.()

  /** Whether it rang within `milliseconds`. */
  async wait(milliseconds: number): Promise<boolean> {
    if (!this.#rang && !this.#signal.aborted)
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, milliseconds)
        this.#wake = () => {
          clearTimeout(late)
          resolve()
        }
      })
    this.#wake = undefined
    const rang = this.#rang
    this.#rang = false
    return rang
  }

  end(): void {
    this.#unsubscribe()
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}
