// Slow: runs again on PostgreSQL.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { NewRun } from '../../../../runtime/service/queue/run.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { runRequest, type TestService, testService } from '../../../fixtures/service.ts'
import { appendClient, writeRun } from '../../retention/old-runs.ts'

const day = 86_400_000

describe.each(databases)('runs that others are known by stay, on $name', ({ open }) => {
  let database: TestDatabase
  let tried: TestService
  beforeAll(async () => {
    database = await open()
    tried = await testService(['first'], { slots: 0, ...(await database.options()) })
    // Nobody looks but these tests.
    await tried.service.upkeep.stop()
    await tried.service.scheduler.stop()
    appendClient(tried.folder, 'first', 'retention: { days: 30, gigabytes: 0.000000001 }\n')
  })
  beforeEach(async () => {
    for (const table of ['run', 'backfill']) await tried.service.database.query(`delete from polku.${table}`)
  })
  afterAll(async () => {
    await tried.end()
    await database.end()
  })

  /** A run that failed so many days ago, with its folder. */
  async function failed(days: number, more: Partial<NewRun> = {}): Promise<string> {
    const { queue, database: queries } = tried.service
    const { run } = await queue.request(runRequest('two', more))
    const begun = await queue.begin(run.client, run.id, 'nobody')
    if (!begun) throw new Error('It was not begun.')
    await queue.finish(begun, { state: 'failed' })
    const at = new Date(Date.now() - days * day)
    await queries.query('update polku.run set finished_at = $2 where id = $1', [run.id, at])
    writeRun(tried.folder, run.client, run.id, 'failed', at)
    return run.id
  }

  async function backfill(state: 'running' | 'done'): Promise<string> {
    const [created] = await tried.service.database.query<{ id: string }>(
      `insert into polku.backfill (client, flow, dates, params, at_once, keep_going, state, by, requested_at)
      values ('first', 'two', '[]', '{}', 1, false, $1, 'Aino', clock_timestamp()) returning id`,
      [state],
    )
    return created?.id ?? ''
  }

  async function afterCleaning(): Promise<string[]> {
    await tried.service.database.query('delete from polku.upkeep')
    await tried.service.upkeep.tend()
    return (await tried.service.database.query<{ id: string }>('select id from polku.run')).map(({ id }) => id).sort()
  }

  test('those of a backfill while it goes on', async () => {
    const going = await backfill('running')
    const over = await backfill('done')
    const retained = await failed(80, { idempotencyKey: `backfill:${going}:2026-01-01` })
    // One whose folder has gone without the service.
    const bare = await failed(80, { idempotencyKey: `backfill:${going}:2026-01-02` })
    rmSync(join(tried.folder, 'first', '.polku', 'runs', bare), { recursive: true })
    await failed(80, { idempotencyKey: `backfill:${over}:2026-01-01` })
    expect(await afterCleaning()).toEqual([retained, bare].sort())
    await tried.service.database.query(`update polku.backfill set state = 'cancelled'`)
    expect(await afterCleaning()).toEqual([])
  })

  test('those that have just ended, whatever room they take', async () => {
    const [retained] = [await failed(0), await failed(2)]
    expect(await afterCleaning()).toEqual([retained])
  })
})
