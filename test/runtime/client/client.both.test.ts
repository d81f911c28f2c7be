// Slow: runs again on PostgreSQL.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiClient, createApiClient, type PolkuEvent, PolkuProblem } from '../../../runtime/client/client.ts'
import { newRunId } from '../../../runtime/run/folder.ts'
import { emit } from '../../../runtime/service/events/events.ts'
import { type TestApp, testApp } from '../../fixtures/app.ts'
import { databases, type TestDatabase } from '../../fixtures/databases.ts'
import { hangs } from '../../fixtures/hangs.ts'
import { runRequest } from '../../fixtures/service.ts'

describe.each(databases)('on $name', ({ name, open }) => {
  let database: TestDatabase
  let server: TestApp
  let url = ''
  let polku: ApiClient
  beforeAll(async () => {
    database = await open()
    server = await testApp(['first', 'second'], await database.options())
    url = await server.app.listen({ port: 0, host: '127.0.0.1' })
    polku = createApiClient({ url, token: server.token })
  })
  afterAll(async () => {
    await server.end()
    await database.end()
  })

  const of = { params: { client: 'first' } }

  describe('the typed client', () => {
    test('has a method for each endpoint, with its parts and its answer', async () => {
      const { items, next } = await polku.listClients({ query: { limit: 1 } })
      const first: string | undefined = items[0]?.flows.find(({ sound }) => sound)?.flow
      expect([first, next]).toEqual(['crash-always', 'first'])
      const run = await polku.startRun({ ...of, body: { flow: 'two', params: { add: 3 } } })
      expect(run).toMatchObject({ flow: 'two', params: { add: 3 } })
      const { items: runs } = await polku.listRuns({ ...of, query: { state: ['queued', 'running'] } })
      expect(runs.map(({ id }) => id)).toEqual([run.id])
      const cancelled = await polku.cancelRun({ params: { client: 'first', run: run.id } })
      expect(cancelled.state).toBe('cancelled')
      expect((await polku.whoAmI()).role).toBe('administrator')
    })

    test('does not compile with a wrong part', () => {
      const never = async () => {
        // @ts-expect-error a client has to be named
        await polku.getClient()
        // @ts-expect-error it is called client
        await polku.getClient({ params: { cleint: 'first' } })
        // @ts-expect-error a flow is a text
        await polku.startRun({ ...of, body: { flow: 2 } })
        // @ts-expect-error there is no such state
        await polku.listRuns({ ...of, query: { state: ['lost'] } })
        // @ts-expect-error an answer has no such part
        await polku.whoAmI().then(({ password }) => password)
      }
      expect(never).toBeTypeOf('function')
    })

    test('throws what the service refuses, with its code', async () => {
      const refused = await polku.startRun({ ...of, body: { flow: 'nowhere' } }).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(PolkuProblem)
      expect(refused).toMatchObject({
        status: 422,
        code: 'FLOW_NOT_FOUND',
        detail: expect.stringContaining('two'),
      })
      const nobody = createApiClient({ url, token: 'polku_wrong' })
      await expect(nobody.whoAmI()).rejects.toMatchObject({ status: 401, code: 'NOT_SIGNED_IN' })
      const proxy = createApiClient({
        url,
        transport: async () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
      })
      await expect(proxy.whoAmI()).rejects.toMatchObject({ status: 502, code: 'UNKNOWN' })
    })

    test('writes names into addresses as one part each', async () => {
      const addresses: string[] = []
      const send = async (input: string | URL | Request) => {
        addresses.push(String(input))
        return new Response('{}', { headers: { 'content-type': 'application/json' } })
      }
      const client = createApiClient({ url: 'https://polku.example/', transport: send })
      await client.getReport({ params: { client: 'first', path: '../a b/c.html' } })
      await client.listRuns({ ...of, query: { flow: 'a&b', state: ['done', 'failed'], limit: undefined } })
      expect(addresses).toEqual([
        'https://polku.example/api/clients/first/reports/..%2Fa%20b%2Fc.html',
        'https://polku.example/api/clients/first/runs?flow=a%26b&state=done&state=failed',
      ])
    })
  })

  /** Reads events until there are `count`. */
  async function take(events: AsyncIterable<PolkuEvent>, count: number): Promise<PolkuEvent[]> {
    const first: PolkuEvent[] = []
    for await (const event of events) if (first.push(event) >= count) break
    return first
  }

  const request = (client = 'first', id = newRunId('two', Date.now())) =>
    server.service.queue.request(runRequest('two', { client, id })).then(({ run }) => run)

  describe('events', () => {
    test('of a run come from its beginning, and go on after the last that was seen', async () => {
      const run = await request()
      const params = { client: 'first', run: run.id }
      const events = polku.watchRun({ params })
      const [requested] = await take(events, 1)
      expect(requested).toMatchObject({ event: 'run requested', run: run.id, client: 'first' })
      await server.service.queue.cancel('first', run.id)
      const [cancelled] = await take(polku.watchRun({ params, query: { after: requested?.id } }), 1)
      expect(cancelled?.event).toBe('run cancelled')
      const [both] = [await take(polku.watchRun({ params }), 2)]
      expect(both.map(({ id }) => id)).toEqual([requested?.id, cancelled?.id])
    })

    test('come as they happen, of clients that one may see only', async () => {
      const { token } = await server.person('analyst', ['second'])
      const limited = createApiClient({ url, token })
      const connected = Promise.withResolvers<void>()
      const watching = createApiClient({
        ...{ url, token },
        transport: async (input, init) => {
          const response = await fetch(input, init)
          connected.resolve()
          return response
        },
      })
      const events = take(watching.watchAll(), 1)
      await connected.promise
      await request('first')
      const run = await request('second')
      expect(await events).toMatchObject([{ client: 'second', run: run.id }])
      const other = limited.watchClient({ params: { client: 'first' } })
      await expect(other.next()).rejects.toMatchObject({ status: 404, code: 'CLIENT_UNKNOWN' })
    })

    test('come in the order in which they were made, past nine and ninety-nine', async () => {
      const runs: string[] = []
      const from = (
        await take(polku.watchRun({ params: { client: 'second', run: (await request('second')).id } }), 1)
      )[0]
      for (let index = 0; index < 12; index++) runs.push((await request('second')).id)
      const events = await take(polku.watchClient({ params: { client: 'second' }, query: { after: from?.id } }), 12)
      expect(events.map(({ run }) => run)).toEqual(runs)
    })

    // An embedded database has one transaction at a time.
    test.runIf(name === 'PostgreSQL')('are not passed over where an earlier one is committed later', async () => {
      const { database: queries, queue } = server.service
      const go = Promise.withResolvers<void>()
      const emitted = Promise.withResolvers<void>()
      const [from] = await take(polku.watchRun({ params: { client: 'first', run: (await request()).id } }), 1)
      const late = queries.transaction(async (transaction) => {
        await emit(transaction, [{ client: 'first', event: 'early', detail: {} }])
        emitted.resolve()
        await go.promise
      })
      await emitted.promise
      await queue.cancel('first', from?.run ?? '')
      const events = polku.watchClient({ ...of, query: { after: from?.id } })
      const both = take(events, 2)
      go.resolve()
      await late
      expect((await both).map(({ event }) => event)).toEqual(['early', 'run cancelled'])
    })

    test('are resumed by the header that browsers send', async () => {
      const first = await request()
      await request()
      const [event] = await take(polku.watchRun({ params: { client: 'first', run: first.id } }), 1)
      const rest = polku.watchClient({ ...of, headers: { 'last-event-id': event?.id ?? '' } })
      const [next] = await take(rest, 1)
      expect(next?.run).not.toBe(first.id)
      expect(next?.event).toBe('run requested')
    })

    test('of one person stream twenty times at most, and end with the reader', async () => {
      const { token } = await server.person('analyst')
      const reader = new AbortController()
      const ask = () =>
        fetch(`${url}/api/events`, { headers: { authorization: `Bearer ${token}` }, signal: reader.signal })
      const streams = await Promise.all(Array.from({ length: 20 }, ask))
      expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]))
      const refused = await ask()
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      reader.abort()
      await expect.poll(async () => (await fetchOnce(token)).status, { interval: 20, timeout: hangs }).toBe(200)
    })

    test('end with the server', async () => {
      const stream = await fetch(`${url}/api/events`, { headers: { authorization: `Bearer ${server.token}` } })
      const reading = stream.text().catch(() => 'broken off')
      await server.app.close()
      expect(await reading).toMatch(/retry|broken off/)
    })
  })

  async function fetchOnce(token: string): Promise<Response> {
    const open = new AbortController()
    const response = await fetch(`${url}/api/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal: open.signal,
    })
    open.abort()
    return response
  }
})
