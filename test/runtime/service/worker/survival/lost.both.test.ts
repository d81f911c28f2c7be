// Slow: runs again on PostgreSQL.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runsQueue } from '../../../../../runtime/service/queue/queue.ts'
import { databases, type TestDatabase } from '../../../../fixtures/databases.ts'
import { runRequest, type TestService, testService, whenRun } from '../../../../fixtures/service.ts'

describe.each(databases)('on $name', ({ open }) => {
  let tried: TestService
  let database: TestDatabase
  let left: PromiseWithResolvers<void>
  const logged: unknown[] = []
  beforeAll(async () => {
    left = Promise.withResolvers<void>()
    database = await open()
    const error = (detail: object, message: string) => {
      if (message === 'a run was left to be continued') left.resolve()
      if (message === 'a folder is not served') logged.push(detail)
    }
    const log = { info() {}, warn() {}, error }
    tried = await testService(['first', 'second'], { ...(await database.options()), log })
  })
  afterAll(async () => {
    await tried.end()
    await database.end()
  })

  test('a run whose client’s folder is away waits, and is done when it is back', async () => {
    const [folder, away] = [join(tried.folder, 'first'), join(tried.folder, '..', `away-${process.pid}`)]
    renameSync(folder, away)
    const { run } = await tried.service.queue.request(runRequest('two'))
    await left.promise
    expect(await tried.service.queue.get('first', run.id)).toMatchObject({ state: 'queued', attempts: 0 })
    renameSync(away, folder)
    expect(await whenRun(tried, run)).toMatchObject({ state: 'done', attempts: 1 })
  })

  test('a run whose job is given up or gone is queued anew', async () => {
    const { queue, boss, database: queries } = tried.service
    const request = await queue.request(runRequest('two', { client: 'first' }))
    await whenRun(tried, request.run)
    // As if it still ran: its job has ended.
    await queries.query(`update polku.run set state = 'running', finished_at = null where id = $1`, [request.run.id])
    await queue.queueMissed()
    expect(await whenRun(tried, request.run)).toMatchObject({ state: 'done', attempts: 2 })
    const [row] = await queries.query<{ job: string }>('select job from polku.run where id = $1', [request.run.id])
    await queries.query(`update polku.run set state = 'queued', finished_at = null where id = $1`, [request.run.id])
    await boss.deleteJob(runsQueue, row?.job ?? '')
    await queue.queueMissed()
    expect(await whenRun(tried, request.run)).toMatchObject({ state: 'done', attempts: 3 })
  })

  test('a service that was asleep itself for long takes no run from its own worker', async () => {
    const { queue, supervisor, database: queries } = tried.service
    const { run } = await queue.request(runRequest('endless'))
    await whenRun(tried, run, ({ state }) => state === 'running')
    const job = async () => {
      const [row] = await queries.query<{ state: string; retries: number; heard: boolean }>(
        `select job.state, retry_count as retries, heartbeat_on > now() - interval '30 minutes' as heard
        from pgboss.job join polku.run on run.job = job.id where run.id = $1`,
        [run.id],
      )
      return row
    }
    await queries.query(
      `update pgboss.job set heartbeat_on = now() - interval '1 hour'
      where id = (select job from polku.run where id = $1)`,
      [run.id],
    )
    // As long as the last look of all services must lie back.
    await queries.query(
      `update pgboss.queue set monitor_claim_on = null, monitor_on = null where name = '${runsQueue}'`,
    )
    await supervisor.supervise()
    expect(await job()).toEqual({ state: 'active', retries: 0, heard: true })
    await queue.cancel(run.client, run.id)
    expect(await whenRun(tried, run)).toMatchObject({ state: 'cancelled', attempts: 1 })
  })

  test('a problem that quotes half a character or a zero ends its run all the same', async () => {
    const node = `import { defineNode, input, Type } from 'polku/node'
import { sql } from 'polku/sql'
export default defineNode({
  title: 'Odd', summary: 'Fails oddly.', inputs: { rows: input('Rows') },
  params: Type.Object({}, { additionalProperties: false }), outputs: { rows: 'The same' },
  plan: ({ rows }) => sql\`select n from \${rows}\`,
  run: async () => { throw new Error('half \\ud83d and \\0 of \\\\u0000') },
})
`
    mkdirSync(join(tried.folder, 'second', 'nodes', 'enrich', 'odd'))
    writeFileSync(join(tried.folder, 'second', 'nodes', 'enrich', 'odd', 'odd.ts'), node)
    const flow = `flow: odd
steps:
  s0: { uses: import/csv, with: { path: data/n.csv } }
  s1: { uses: enrich/odd, from: s0 }
`
    writeFileSync(join(tried.folder, 'second', 'flows', 'odd.yaml'), flow)
    const { run } = await tried.service.queue.request(runRequest('odd', { client: 'second' }))
    const ended = await whenRun(tried, run)
    expect(ended).toMatchObject({ state: 'failed', attempts: 1 })
    expect(ended.problem?.message).toContain('half \ufffd and \ufffd of \\u0000')
  })

  test('a folder that says it is another client is not served, and this is logged', () => {
    writeFileSync(join(tried.folder, 'first', 'client.yaml'), 'client: second\ntitle: Second\n')
    const { workspaces, broken } = tried.service.clients.all()
    expect([...workspaces].map(([name, { root }]) => [name, root])).toEqual([['second', join(tried.folder, 'second')]])
    expect(broken.map(({ error }) => error.code)).toEqual(['CLIENT_FOLDER'])
    tried.service.clients.all()
    expect(logged).toMatchObject([{ folder: 'first', code: 'CLIENT_FOLDER' }])
  })
})
