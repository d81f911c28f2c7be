// Slow: runs again on PostgreSQL.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { type TestService, testService } from '../../../fixtures/service.ts'
import { appendClient, writeRun } from '../../retention/old-runs.ts'

const hour = 3_600_000
const day = 24 * hour
const old = '20260101-000000000-two-0001'

describe.each(databases)('a clock that is far ahead when the service starts, on $name', ({ open }) => {
  let database: TestDatabase
  let tried: TestService
  beforeAll(async () => {
    database = await open()
    tried = await testService(['first'], { slots: 0, ...(await database.options()) })
    // Nobody looks but these tests.
    await tried.service.upkeep.stop()
    appendClient(tried.folder, 'first', 'retention: { days: 30 }\n')
  })
  beforeEach(async () => {
    await tried.service.database.query('delete from polku.clock')
    writeRun(tried.folder, 'first', old, 'failed', new Date(Date.now() - 80 * day))
  })
  afterAll(async () => {
    await tried.end()
    await database.end()
  })

  /** When a clock was last believed, and since when it has been far ahead, so many ms ago. */
  const believed = (ago: number, leapt?: number) =>
    tried.service.database.query('insert into polku.clock (seen_at, leapt_at) values ($1, $2)', [
      new Date(Date.now() - ago),
      leapt === undefined ? null : new Date(Date.now() - leapt),
    ])

  async function isCleaned(): Promise<boolean> {
    await tried.service.database.query('delete from polku.upkeep')
    await tried.service.upkeep.tend()
    return !existsSync(join(tried.folder, 'first/.polku/runs', old))
  }

  test('is believed where nothing says otherwise, and noted', async () => {
    expect(await isCleaned()).toBe(true)
    const [row] = await tried.service.database.query<{ seen_at: Date }>('select seen_at from polku.clock')
    expect(row?.seen_at.getTime()).toBeGreaterThan(Date.now() - hour)
  })

  test.each([
    ['a month at most after the last time seen', 29 * day, undefined, true],
    ['longer after it', 31 * day, undefined, false],
    ['that it has been for some hours', 31 * day, 23 * hour, false],
    ['that it has been for a day', 31 * day, 25 * hour, true],
    ['and was further ahead before', 31 * day, -400 * day, false],
    ['before the last time seen', -400 * day, undefined, true],
  ])('%s', async (_, ago, leapt, expected) => {
    await believed(ago, leapt)
    expect(await isCleaned()).toBe(expected)
    expect(await isCleaned()).toBe(expected)
  })
})
