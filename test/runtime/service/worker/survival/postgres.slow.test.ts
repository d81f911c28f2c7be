// Slow: needs PostgreSQL.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker } from '../../../../fixtures/polku-process.ts'
import { startPostgres, type TestPostgres, withoutPostgres } from '../../../../fixtures/postgres.ts'
import { runRequest, type TestService, testService, whenRun } from '../../../../fixtures/service.ts'
import { open, reached, writeGated } from './gated.ts'

const why = withoutPostgres ?? 'installed'

describe.skipIf(withoutPostgres !== undefined)(`on PostgreSQL (${why})`, () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.end())

  describe('a service whose database', () => {
    let tried: TestService
    let left: PromiseWithResolvers<void>
    const root = () => join(tried.folder, 'first')
    beforeAll(async () => {
      const error = (_: object, message: string) => message === 'a run was left to be continued' && left.resolve()
      const log = { info() {}, warn() {}, error }
      tried = await testService(['first'], { database: await postgres.database(), log })
      writeGated(root())
    })
    afterAll(() => tried.end())

    const begin = async (gate: string) => {
      left = Promise.withResolvers<void>()
      const { run } = await tried.service.queue.request(runRequest('gated', { params: { gate } }))
      await reached(root(), gate)
      return run
    }

    test('is started again in the middle of a run ends the run, and hears of the next', async () => {
      const run = await begin('north')
      await postgres.restart()
      open(root(), 'north')
      const ended = await whenRun(tried, run)
      expect(ended).toMatchObject({ state: 'done', attempts: 1 })
      expect(ended.progress?.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done'])
      const next = await tried.service.queue.request(runRequest('two'))
      expect(await whenRun(tried, next.run)).toMatchObject({ state: 'done', attempts: 1 })
    })

    test('stays away lets go of its runs, and goes on with them when it is back', async () => {
      const run = await begin('south')
      await postgres.kill()
      await expect(tried.service.queue.request(runRequest('two'))).rejects.toMatchObject({
        code: 'DATABASE_UNREACHABLE',
      })
      await left.promise
      await postgres.start()
      open(root(), 'south')
      const ended = await whenRun(tried, run)
      expect(ended).toMatchObject({ state: 'done', attempts: 2 })
      // What comes after the gate is the same as in the run before.
      expect(ended.progress?.map(({ cached }) => cached)).toEqual([true, true, false, true])
    })
  })

  test('a worker that stands still loses its run to another, and does no harm when it goes on', async () => {
    const database = await postgres.database()
    const asking = await testService(['first'], { database, slots: 0 })
    const root = join(asking.folder, 'first')
    writeGated(root)
    const workers = [startWorker(asking.folder, database), startWorker(asking.folder, database)]
    try {
      await Promise.all(workers.map(({ ready }) => ready))
      const { run } = await asking.service.queue.request(runRequest('gated', { params: { gate: 'west' } }))
      await reached(root, 'west')
      const first = await whenRun(asking, run, ({ worker }) => worker !== null)
      const still = workers.find(({ pid }) => first.worker?.includes(`-${pid}-`))
      if (!still) throw new Error(`${first.worker} is none of the workers.`)
      process.kill(still.pid, 'SIGSTOP')
      const second = await whenRun(asking, run, ({ attempts, state }) => attempts === 2 && state === 'running')
      expect(second.worker).not.toBe(first.worker)
      open(root, 'west')
      const ended = await whenRun(asking, run)
      expect(ended).toMatchObject({ state: 'done', attempts: 2, worker: second.worker })
      process.kill(still.pid, 'SIGCONT')
      expect(await still.end('SIGTERM')).toBe(0)
      const after = await asking.service.queue.get('first', run.id)
      expect(after).toEqual(ended)
      const events = await asking.service.database.query(
        `select from polku.event where run = $1 and event = 'run done'`,
        [run.id],
      )
      expect(events).toHaveLength(1)
    } finally {
      await Promise.all(workers.map((worker) => worker.end('SIGKILL')))
      await asking.end()
    }
  })
})
