import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EventNotifications } from '../../../../../runtime/server/routes/events/notifications.ts'
import { beginning, type EventRow } from '../../../../../runtime/server/routes/events/positions.ts'
import { eventStream } from '../../../../../runtime/server/routes/events/stream.ts'
import type { Queries, ServiceDatabase } from '../../../../../runtime/service/database/database.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const pace = { heartbeat: 15_000, again: 250, longest: 300_000 }

/** A database of `count` events, and how many were read of it. */
function database(count: number) {
  const counts = { reads: 0, events: count }
  const queries: Queries = {
    query: async <Row>(_text: string, [, number, limit]: readonly unknown[] = []) => {
      counts.reads += 1
      const left = Math.max(0, Math.min(Number(limit), counts.events - Number(number)))
      const rows = Array.from({ length: left }, (_, index): EventRow => {
        const position = { transaction: '1', number: String(Number(number) + index + 1) }
        return { ...position, at: new Date(0), client: 'first', run: 'run', event: 'step\nended', detail: {} }
      })
      return rows as Row[]
    },
  }
  return { counts, queries }
}

function notifications() {
  let notify = () => {}
  const listener = new EventNotifications({
    listen: async (_channel: string, onNotification: () => void) => {
      notify = onNotification
      return async () => {}
    },
  } as unknown as ServiceDatabase) // nothing else of it is used
  return { listener, listening: listener.listen(), notify: () => notify() }
}

const begin = (queries: Queries, isAllowed = async () => true) => {
  const { listener, notify } = notifications()
  const ended = new AbortController()
  const { signal } = ended
  const stream = eventStream({
    ...{ queries, pace, signal, isAllowed },
    notifications: listener,
    filter: { clients: undefined },
    from: beginning,
  })
  return { stream, notify, ended }
}

test('reads no more than a batch before it was taken', async () => {
  const { counts, queries } = database(100_000)
  const { stream } = begin(queries)
  await stream.next()
  expect(counts.reads).toBe(0)
  const { value } = await stream.next()
  expect(String(value).match(/^id: /gm)).toHaveLength(100)
  expect(counts.reads).toBe(1)
  await stream.return(undefined)
  expect(counts.reads).toBe(1)
})

test('writes an event on lines of its own whatever its name holds', async () => {
  const { queries } = database(1)
  const { stream } = begin(queries)
  await stream.next()
  const { value } = await stream.next()
  expect(value).toBe(
    'id: 1-1\nevent: step ended\ndata: {"id":"1-1","at":"1970-01-01T00:00:00.000Z","client":"first","run":"run","event":"step\\nended","detail":{}}\n\n',
  )
  await stream.return(undefined)
})

test('sends comments while nothing happens, and wakes when something is told', async () => {
  const { counts, queries } = database(0)
  const { stream, notify } = begin(queries)
  await stream.next()
  const comment = stream.next()
  await vi.advanceTimersByTimeAsync(15_000)
  expect((await comment).value).toBe(': still here\n\n')
  const event = stream.next()
  await vi.advanceTimersByTimeAsync(10)
  counts.events = 1
  notify()
  expect((await event).value).toContain('id: 1-1')
  await stream.return(undefined)
})

test('looks again for what was emitted before it could be read', async () => {
  const { counts, queries } = database(0)
  const { stream, notify } = begin(queries)
  await stream.next()
  const event = stream.next()
  await vi.advanceTimersByTimeAsync(10)
  notify()
  await vi.advanceTimersByTimeAsync(10)
  counts.events = 1
  await vi.advanceTimersByTimeAsync(250)
  expect((await event).value).toContain('id: 1-1')
  await stream.return(undefined)
})

/** What comes until the end, with time passing. */
async function rest(stream: AsyncGenerator<string>): Promise<string[]> {
  const texts: string[] = []
  for (;;) {
    const next = stream.next()
    await vi.advanceTimersByTimeAsync(15_000)
    const { done, value } = await next
    if (done) return texts
    texts.push(value)
  }
}

test('ends when the person may see it no more', async () => {
  const { stream } = begin(database(0).queries, async () => false)
  expect(await rest(stream)).toEqual(['retry: 2000\n\n', ': still here\n\n'].slice(0, 1))
})

test('ends after its longest time, and with the signal', async () => {
  const { stream } = begin(database(0).queries)
  expect((await rest(stream)).length).toBe(20)
  const stopped = begin(database(0).queries)
  await stopped.stream.next()
  const last = stopped.stream.next()
  stopped.ended.abort()
  expect((await last).done).toBe(true)
})
