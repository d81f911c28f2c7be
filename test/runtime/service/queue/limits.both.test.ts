// Slow: runs again on PostgreSQL.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NewRun } from '../../../../runtime/service/queue/run.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { runRequest, type TestService, testService } from '../../../fixtures/service.ts'

// Nobody works here: what is tried is who may go on, and in which order.
describe.each(databases)('on $name', ({ open }) => {
  let tried: TestService
  let database: TestDatabase
  beforeAll(async () => {
    database = await open()
    tried = await testService([], { slots: 0, ...(await database.options()) })
  })
  afterAll(async () => {
    await tried.end()
    await database.end()
  })

  const request = async (client: string, flow: string, more: Partial<NewRun> = {}) =>
    (await tried.service.queue.request(runRequest(flow, { client, ...more }))).run

  /** Queued runs in the order in which workers fetch them, at most `most`. */
  async function served(most: number): Promise<string[]> {
    const { boss, queue } = tried.service
    const order: string[] = []
    while (order.length < most) {
      const [job] = await boss.fetch<{ run: string; client: string }>('runs', { batchSize: 1 })
      if (!job) break
      order.push(job.data.run)
      fetched.push(job)
    }
    for (const job of fetched.splice(0)) {
      const run = await queue.begin(job.data.client, job.data.run, 'nobody')
      if (run) await queue.finish(run, { state: 'done' })
      await boss.complete('runs', job.id)
    }
    return order
  }
  const fetched: { id: string; data: { run: string; client: string } }[] = []

  const states = async (ids: readonly string[], client: string) =>
    Promise.all(ids.map(async (id) => (await tried.service.queue.get(client, id))?.state))

  describe('limits', () => {
    test('of a flow let so many go on, and the next when one has ended', async () => {
      const runs = []
      for (let n = 0; n < 3; n += 1) runs.push(await request('limited', 'a', { flowLimit: 1 }))
      const other = await request('limited', 'b', { flowLimit: 1 })
      expect([...runs, other].map(({ state }) => state)).toEqual(['queued', 'waiting', 'waiting', 'queued'])
      const ids = [...runs, other].map(({ id }) => id)
      expect(await states(ids, 'limited')).toEqual(['queued', 'waiting', 'waiting', 'queued'])
      await served(10)
      expect(await states(ids, 'limited')).toEqual(['done', 'queued', 'waiting', 'done'])
      await served(10)
      await served(10)
      expect(await states(ids, 'limited')).toEqual(['done', 'done', 'done', 'done'])
    })

    test('of a client hold over all its flows, and the higher priority goes first', async () => {
      const first = await request('narrow', 'a', { clientLimit: 1 })
      const low = await request('narrow', 'b', { clientLimit: 1 })
      const high = await request('narrow', 'c', { clientLimit: 1, priority: 5 })
      const ids = [first.id, low.id, high.id]
      expect(await states(ids, 'narrow')).toEqual(['queued', 'waiting', 'waiting'])
      await served(10)
      expect(await states(ids, 'narrow')).toEqual(['done', 'waiting', 'queued'])
      await served(10)
      await served(10)
      expect(await states(ids, 'narrow')).toEqual(['done', 'done', 'done'])
    })

    test('of a flow hold back its own runs only, however many of them wait', async () => {
      const many = Array.from({ length: 300 }, () => runRequest('a', { client: 'crowded', flowLimit: 1 }))
      const requested = await tried.service.queue.requestAll(many)
      const other = await request('crowded', 'b', { flowLimit: 1 })
      expect(other.state).toBe('queued')
      expect(requested.filter(({ run }) => run.state === 'queued')).toHaveLength(1)
      await tried.service.database.query(`update polku.run set state = 'cancelled' where state = 'waiting'`)
      await served(10)
    })

    test('of a client hold for the runs that a run has begun, and leave it out while it waits for them', async () => {
      const { boss, queue } = tried.service
      const parent = await request('parents', 'a', { clientLimit: 1 })
      const waiting = await request('parents', 'other', { clientLimit: 1 })
      const [job] = await boss.fetch('runs', { batchSize: 1 })
      await queue.begin('parents', parent.id, 'nobody')
      const child = () => runRequest('b', { client: 'parents', parent: parent.id, clientLimit: 1, priority: 1 })
      const requested = await queue.requestAll([child(), child(), child()])
      const ids = [parent.id, waiting.id, ...requested.map(({ run }) => run.id)]
      expect(await states(ids, 'parents')).toEqual(['running', 'waiting', 'queued', 'waiting', 'waiting'])
      for (const _ of requested) await served(1)
      // The last has ended, so the parent goes on and has the place.
      expect(await states(ids, 'parents')).toEqual(['running', 'waiting', 'done', 'done', 'done'])
      const row = await queue.get('parents', parent.id)
      if (row && job) await queue.finish(row, { state: 'done' }, { job: { id: job.id, retryCount: 0 } })
      expect(await states(ids.slice(0, 2), 'parents')).toEqual(['done', 'queued'])
      await served(10)
    })

    test('cancelling a run that waits lets nobody wait for it', async () => {
      const first = await request('left', 'a', { flowLimit: 1 })
      const second = await request('left', 'a', { flowLimit: 1 })
      await tried.service.queue.cancel('left', first.id)
      expect(await states([first.id, second.id], 'left')).toEqual(['cancelled', 'queued'])
      await served(10)
    })
  })

  describe('fairness', () => {
    test('a client with many runs does not make another wait for them', async () => {
      const many = []
      for (let n = 0; n < 20; n += 1) many.push((await request('many', 'a')).id)
      const one = await request('one', 'a')
      const [first, second] = await served(2)
      expect(first).toBe(many[0])
      expect(second).toBe(one.id)
      const late = [await request('one', 'a'), await request('one', 'a')].map(({ id }) => id)
      expect(await served(5)).toEqual([many[1], late[0], many[2], late[1], many[3]])
      expect(await served(50)).toEqual(many.slice(4))
    })

    test('a higher priority goes first among the runs of its client, in the turns of these', async () => {
      const low = []
      for (let n = 0; n < 4; n += 1) low.push((await request('many', 'a')).id)
      const other = [await request('one', 'a'), await request('one', 'a'), await request('one', 'a')]
      const middle = (await request('many', 'a', { priority: 1 })).id
      const high = (await request('many', 'a', { priority: 10 })).id
      const lowest = (await request('many', 'a', { priority: -10 })).id
      const order = await served(50)
      const own = new Set(other.map(({ id }) => id))
      expect(order.filter((id) => !own.has(id))).toEqual([high, middle, ...low, lowest])
      // Each client has every second place for as long as both have runs.
      expect(order.slice(0, 6).filter((_, index) => own.has(order[index] ?? ''))).toHaveLength(3)
      for (let round = 0; round < 3; round += 1)
        expect(order.slice(2 * round, 2 * round + 2).filter((id) => own.has(id))).toHaveLength(1)
    })

    test('many runs of the highest priority do not make another client wait for them', async () => {
      const many = []
      for (let n = 0; n < 20; n += 1) many.push((await request('many', 'a', { priority: 10 })).id)
      const one = await request('one', 'a', { priority: -10 })
      expect(await served(2)).toEqual([many[0], one.id])
      expect(await served(50)).toEqual(many.slice(1))
    })

    test('several that are asked for at once go by priority, before what the client had queued', async () => {
      const before = (await request('many', 'a')).id
      const requests = [0, 5, -5, 5].map((priority) => runRequest('a', { client: 'many', priority }))
      const requested = await tried.service.queue.requestAll(requests)
      const [same, first, last, second] = requested.map(({ run }) => run.id)
      expect(await served(50)).toEqual([first, second, before, same, last])
    })
  })
})
