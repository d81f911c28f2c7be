// Slow: runs again on PostgreSQL.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { runRequest, type TestService, testService, whenRun } from '../../../fixtures/service.ts'

describe.each(databases)('on $name, a run', ({ open }) => {
  let tried: TestService
  let database: TestDatabase
  beforeAll(async () => {
    database = await open()
    tried = await testService(['first', 'second'], await database.options())
  })
  afterAll(async () => {
    await tried.end()
    await database.end()
  })

  test('is done in a process of its own and leaves its folder and its steps', async () => {
    const { run, created } = await tried.service.queue.request(runRequest('two', { params: { add: 2 } }))
    expect(created).toBe(true)
    const ended = await whenRun(tried, run)
    expect(ended).toMatchObject({ state: 'done', attempts: 1, problem: null })
    expect(ended.progress?.map(({ name, status }) => [name, status])).toEqual([
      ['s0', 'done'],
      ['s1', 'done'],
    ])
    expect(ended.usage?.cpuMilliseconds).toBeGreaterThan(0)
    const folder = join(tried.folder, 'first', '.polku', 'runs', run.id)
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({ run: run.id, status: 'done' })
  })

  test('is asked for once with one idempotency key, and again by another client', async () => {
    const key = { idempotencyKey: 'monday' }
    const first = await tried.service.queue.request(runRequest('two', key))
    const again = await tried.service.queue.request(runRequest('two', key))
    const other = await tried.service.queue.request(runRequest('two', { ...key, client: 'second' }))
    expect([again.created, again.run.id]).toEqual([false, first.run.id])
    expect(other.created).toBe(true)
    await Promise.all([whenRun(tried, first.run), whenRun(tried, other.run)])
  })

  test('whose process dies is continued from its last finished step', async () => {
    const { run } = await tried.service.queue.request(runRequest('crash-once'))
    const ended = await whenRun(tried, run)
    expect(ended).toMatchObject({ state: 'done', attempts: 2 })
    expect(ended.progress?.map(({ cached }) => cached)).toEqual([true, true, false])
  })

  test('whose process dies again and again fails, and says so', async () => {
    const { run } = await tried.service.queue.request(runRequest('crash-always'))
    const ended = await whenRun(tried, run)
    expect(ended).toMatchObject({ state: 'failed', problem: { code: 'RUN_CRASHED' } })
    expect(ended.problem?.message).toContain('5 times')
    expect(ended.problem?.message).toContain('SIGKILL')
  })

  test('that takes too much memory is continued once in another process, and then ended', async () => {
    const { run } = await tried.service.queue.request(runRequest('hungry'))
    const ended = await whenRun(tried, run)
    expect(ended).toMatchObject({ state: 'failed', attempts: 2, problem: { code: 'RUN_MEMORY' } })
    expect(ended.progress?.map(({ cached }) => cached)).toEqual([true, undefined])
  })

  test('whose step holds its process beyond its time is ended', async () => {
    const { run } = await tried.service.queue.request(runRequest('deaf'))
    const ended = await whenRun(tried, run)
    expect(ended).toMatchObject({ state: 'failed', attempts: 1, problem: { code: 'RUN_TIMEOUT', step: 's1' } })
  })

  test('is cancelled while it goes on', async () => {
    const { run } = await tried.service.queue.request(runRequest('endless'))
    await whenRun(
      tried,
      run,
      ({ progress }) => progress?.some(({ name, status }) => name === 's1' && status === 'running') ?? false,
    )
    await tried.service.queue.cancel('first', run.id)
    expect(await whenRun(tried, run)).toMatchObject({ state: 'cancelled' })
    expect(await tried.service.queue.cancel('first', run.id)).toBeUndefined()
  })

  test('of a flow that is not there fails with the name that was probably meant', async () => {
    const { run } = await tried.service.queue.request(runRequest('tow'))
    const ended = await whenRun(tried, run)
    expect(ended).toMatchObject({ state: 'failed', problem: { code: 'FLOW_NOT_FOUND', expected: 'Did you mean two?' } })
  })

  test('of one client leaves nothing with another', () => {
    expect(existsSync(join(tried.folder, 'second', '.polku', 'runs'))).toBe(true)
    const runs = (client: string) => join(tried.folder, client, '.polku', 'runs')
    expect(runs('first')).not.toBe(runs('second'))
  })
})
