// Slow: runs again on PostgreSQL.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RunRow } from '../../../../runtime/service/queue/run.ts'
import type { BackfillRequest } from '../../../../runtime/service/schedules/backfills.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { type Scheduling, scheduling } from './scheduling.ts'

describe.each(databases)('on $name', ({ open }) => {
  let database: TestDatabase
  let at: Scheduling
  beforeAll(async () => {
    database = await open()
    at = await scheduling(['first'], await database.options())
  })
  beforeEach(() => at.clear())
  afterAll(async () => {
    await at.end()
    await database.end()
  })

  const ask = (more: Partial<BackfillRequest> = {}) =>
    at.backfills.request({
      client: 'first',
      flow: 'two',
      from: '2026-02-01',
      to: '2026-02-05',
      atOnce: 1,
      keepGoing: false,
      by: 'Aino',
      ...more,
    })

  const going = async (): Promise<RunRow[]> => (await at.runs()).filter(({ state }) => state === 'queued')
  const dates = async () => (await at.runs()).map(({ as_of }) => as_of)
  const states = async () => (await at.backfills.list('first')).map(({ state }) => state)

  test('each date in order, so many at once, however many services do it', async () => {
    const other = at.another()
    await ask({ atOnce: 2 })
    const most: number[] = []
    for (let round = 0; round < 8; round += 1) {
      await Promise.all([at.tick(), other.tick()])
      const [first, ...rest] = await going()
      most.push(rest.length + (first ? 1 : 0))
      if (first) await at.finish(first)
    }
    expect(await dates()).toEqual(['2026-02-01', '2026-02-02', '2026-02-03', '2026-02-04', '2026-02-05'])
    expect(most).toEqual([2, 2, 2, 2, 1, 0, 0, 0])
    expect(await states()).toEqual(['done'])
    expect(await at.events()).toEqual(['backfill requested', 'backfill done'])
  })

  test('a date that fails lets no further one begin, unless it is to go on', async () => {
    await ask()
    await ask({ keepGoing: true, from: '2026-02-03' })
    for (let round = 0; round < 5; round += 1) {
      await at.tick()
      for (const run of await going()) await at.finish(run, 'failed')
    }
    await at.tick()
    expect((await dates()).sort()).toEqual(['2026-02-01', '2026-02-03', '2026-02-04', '2026-02-05'])
    expect(await states()).toEqual(['failed', 'failed'])
  })

  test('one that is cancelled begins no more, and ends what goes on', async () => {
    const { id } = await ask({ atOnce: 2 })
    await at.tick()
    await at.backfills.cancel('first', id)
    await at.tick()
    expect((await at.runs()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
    expect(await states()).toEqual(['cancelled'])
    await expect(at.backfills.cancel('first', id)).rejects.toMatchObject({ code: 'BACKFILL_UNKNOWN' })
    await expect(at.backfills.cancel('first', "x' or true --")).rejects.toMatchObject({ code: 'BACKFILL_UNKNOWN' })
  })

  test('the dates are those of the schedule, and what cannot be done is refused', async () => {
    at.writeFlow('weekly', 'schedule: { cron: "0 6,18 * * MON" }\n')
    expect((await ask({ flow: 'weekly', from: '2026-02-01', to: '2026-02-28' })).dates).toEqual([
      '2026-02-02',
      '2026-02-09',
      '2026-02-16',
      '2026-02-23',
    ])
    for (const [from, to, flow] of [
      ['2026-02-02', '2026-02-01', 'two'],
      ['2026-02-31', '2026-03-01', 'two'],
      ['2026-02-01', '2026-03-02', 'two'],
      ['1900-01-01', '2026-01-01', 'two'],
      ['2026-02-03', '2026-02-04', 'weekly'],
    ] as const)
      await expect(ask({ from, to, flow })).rejects.toMatchObject({ code: 'BACKFILL_RANGE' })
    await expect(ask({ params: { add: 'much' } })).rejects.toMatchObject({ errors: [{ code: 'PARAM_INVALID' }] })
    await expect(ask({ flow: 'nothing' })).rejects.toMatchObject({ code: 'FLOW_NOT_FOUND' })
    await expect(ask({ client: 'nobody' })).rejects.toMatchObject({ code: 'CLIENT_UNKNOWN' })
  })

  test('a flow that can be started no more ends it', async () => {
    await ask()
    at.writeText('two', 'flow: [')
    await at.tick()
    expect(await states()).toEqual(['failed'])
    expect(await at.runs()).toEqual([])
  })
})
