import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NewRun } from '../../../runtime/queue/run-row.ts'
import { databases, type TestDatabase } from '../../fixtures/databases.ts'
import { asked, type TestService, testService } from '../../fixtures/service.ts'

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
    (await tried.service.queue.request(asked(flow, { client, ...more }))).run

  /** Queued runs in the order in which workers fetch them, at most `most`. */
  async function served(most: number): Promise<string[]> {
    const { boss, queue } = tried.service
    const order: string[] = []
    while (order.length < most) {
      const [job] = await boss.fetch<{ run: string; client: string }>('runs', { batchSize: 1 })
      if (!job) break
      order.push(job.data.run)
      taken.push(job)
    }
    for (const job of taken.splice(0)) {
      const run = await queue.begin(job.data.client, job.data.run, 'nobody')
      if (run) await queue.finish(run, { state: 'done' })
      await boss.complete('runs', job.id)
    }
    return order
  }
  const taken: { id: string; data: { run: string; client: string } }[] = []

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

    test('a higher priority comes before every turn', async () => {
      const low = await request('many', 'a')
      const high = await request('many', 'a', { priority: 1 })
      expect(await served(2)).toEqual([high.id, low.id])
    })
  })
})
