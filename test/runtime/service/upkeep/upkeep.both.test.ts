// Slow: runs again on PostgreSQL.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NewRun, RunState } from '../../../../runtime/service/queue/run.ts'
import { usageOf } from '../../../../runtime/service/upkeep/usage.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { runRequest, type TestService, testService } from '../../../fixtures/service.ts'
import { appendClient, writeRun } from '../../retention/old-runs.ts'

const day = 86_400_000
const hour = 3_600_000

describe.each(databases)('upkeep on $name', ({ open }) => {
  const start = Date.now()
  let clock = start
  let passed = 0
  let database: TestDatabase
  let tried: TestService
  beforeAll(async () => {
    database = await open()
    const options = await database.options()
    tried = await testService(['first', 'second'], { slots: 0, now: () => clock, passed: () => passed, ...options })
    // Nobody looks but these tests.
    await tried.service.upkeep.stop()
    appendClient(tried.folder, 'first', 'retention: { days: 30 }\n')
  })
  afterAll(async () => {
    await tried.end()
    await database.end()
  })

  /** A run that ended so many days ago, with its folder. */
  async function ended(days: number, state: RunState, more: Partial<NewRun> = {}) {
    const { queue } = tried.service
    const { run } = await queue.request(runRequest('two', more))
    const begun = await queue.begin(run.client, run.id, 'nobody')
    if (!begun) throw new Error('It was not begun.')
    await queue.finish(begun, { state, usage: { cpuMilliseconds: 1500, peakBytes: 1, rows: 10 } })
    await tried.service.database.query('update polku.run set finished_at = $3 where client = $1 and id = $2', [
      run.client,
      run.id,
      new Date(start - days * day),
    ])
    writeRun(tried.folder, run.client, run.id, state, new Date(start - days * day))
    return run.id
  }

  const ids = async (client: string) =>
    (await tried.service.database.query<{ id: string }>('select id from polku.run where client = $1', [client]))
      .map(({ id }) => id)
      .sort()
  const used = async () => {
    const month = (at: number) => new Date(at).toISOString().slice(0, 7)
    const months = { clients: ['first'], from: month(start - 400 * day), to: month(start) }
    return (await usageOf(tried.service.database, months)).reduce(
      (sum, { runs, failed, cpuSeconds, rows }) => [
        ...[(sum[0] ?? 0) + runs, (sum[1] ?? 0) + failed, (sum[2] ?? 0) + cpuSeconds, (sum[3] ?? 0) + rows],
      ],
      [0, 0, 0, 0],
    )
  }

  test('removes what is old of clients that say so, counts it still, and is done once in six hours', async () => {
    const { upkeep, database: queries } = tried.service
    const newest = await ended(90, 'done')
    const gone = [await ended(80, 'failed'), await ended(70, 'failed')]
    const parent = await ended(60, 'failed')
    const young = [await ended(3, 'failed')]
    const other = await ended(300, 'failed', { client: 'second' })
    const { run: open } = await tried.service.queue.request(runRequest('two'))
    writeRun(tried.folder, 'first', open.id, 'running', new Date(start - 50 * day))
    await queries.query(`update polku.event set at = at - interval '100 days' where run = $1`, [parent])
    expect(await used()).toEqual([5, 4, 7.5, 50])
    await upkeep.tend()
    expect(await ids('first')).toEqual([newest, ...young, open.id].sort())
    expect(readdirSync(join(tried.folder, 'first', '.polku', 'runs')).sort()).toEqual(
      [newest, ...young, open.id].sort(),
    )
    expect(await ids('second')).toEqual([other])
    expect(existsSync(join(tried.folder, 'second', '.polku', 'runs', other))).toBe(true)
    expect(await used()).toEqual([5, 4, 7.5, 50])
    expect(gone).toHaveLength(2)
    const events = await queries.query('select 1 from polku.event where run = $1', [parent])
    expect(events).toEqual([])
    const [storage] = await queries.query<{ bytes: string }>(
      `select storage_bytes as bytes from polku.usage where client = 'first' order by month desc limit 1`,
    )
    expect(Number(storage?.bytes)).toBeGreaterThan(1000)
    const late = await ended(80, 'failed')
    clock += 5 * hour
    passed += 5 * hour
    upkeep.lookAtClock()
    await upkeep.tend()
    expect(await ids('first')).toContain(late)
  })

  test('removes nothing while the clock is not to be trusted', async () => {
    const { upkeep } = tried.service
    const before = await ids('first')
    // Ten years in no time: everything would be old.
    clock += 3650 * day
    upkeep.lookAtClock()
    await upkeep.tend()
    expect(await ids('first')).toEqual(before)
    // Steady for long, but not the database's.
    passed += 7 * hour
    clock += 7 * hour
    upkeep.lookAtClock()
    await upkeep.tend()
    expect(await ids('first')).toEqual(before)
  })
})
