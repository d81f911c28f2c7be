// Slow: runs again on PostgreSQL.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RunState } from '../../../../runtime/service/queue/run.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { type Scheduling, scheduling } from '../schedules/scheduling.ts'

const minute = 60_000
const hour = 60 * minute

describe.each(databases)('how far triggers have been followed, on $name', ({ open }) => {
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

  const ends = async (flow: string, asOf = '2026-01-05', state: RunState = 'done') => {
    const request = { client: 'first', id: `20260301-000000000-${flow}-${asOf}`, flow, params: {}, asOf }
    const { run } = await at.queue.request({ ...request, trigger: { kind: 'request', by: 'Aino' } })
    await at.finish(run, state)
    return run
  }

  const snapshot = (number: number) => {
    const file = join(at.folder, 'first/.polku/datasets/contacts', `${String(number).padStart(6, '0')}.json`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify({ snapshot: number, key: `k${number}`, asOf: '2026-02-01', rows: 1 }))
  }

  const cursorOf = async (flow: string): Promise<number> => {
    const [row] = await at.database.query<{ cursor: string }>(
      `select cursors ->> 'flow two done' as cursor from polku.flow where flow = $1`,
      [flow],
    )
    return Date.parse(row?.cursor ?? '')
  }
  const setCursor = (flow: string, time: number) =>
    at.database.query(
      `update polku.flow set cursors = jsonb_build_object('flow two done', $2::text) where flow = $1 returning 1`,
      [flow, new Date(time).toISOString()],
    )

  /** Makes all that happened an hour older, since the database's clock is everybody's. */
  async function anHourPasses(): Promise<void> {
    await setCursor('follows', (await cursorOf('follows')) - hour)
    await at.database.query(`update polku.run set finished_at = finished_at - interval '1 hour'`)
  }

  test('an end does not start a flow again whose run is no longer kept', async () => {
    at.writeFlow('follows', 'triggers: [{ flow: two }]\n')
    await at.tick()
    await ends('two')
    await at.tick()
    await at.tick()
    expect(await at.runs('follows')).toHaveLength(1)
    await anHourPasses()
    await at.tick()
    await at.database.query(`delete from polku.run where flow = 'follows'`)
    await at.tick()
    await at.tick()
    expect(await at.runs('follows')).toEqual([])
  })

  test('a cursor that lies ahead, since the clock was set back, loses no end', async () => {
    at.writeFlow('follows', 'triggers: [{ flow: two }]\n')
    await at.tick()
    await setCursor('follows', Date.now() + 24 * hour)
    await ends('two')
    await at.tick()
    await at.tick()
    expect(await at.runs('follows')).toHaveLength(1)
    expect(await cursorOf('follows')).toBeLessThan(Date.now())
  })

  test('many ends that start nothing hide none that comes later', async () => {
    at.writeFlow('follows', 'triggers: [{ flow: two }]\n')
    await at.tick()
    const [led] = await at.database.query<{ id: string }>(
      `insert into polku.run (client, id, flow, state, trigger, params, as_of)
      values ('first', 'led', 'follows', 'done', '{"kind": "request", "by": "Aino"}', '{}', '2026-01-01') returning id`,
    )
    await at.database.query(
      `insert into polku.run (client, id, flow, state, trigger, params, as_of, finished_at)
      select 'first', 'circle-' || number, 'two', 'done', jsonb_build_object('kind', 'flow', 'by', $1::text), '{}',
        '2026-01-01', clock_timestamp()
      from generate_series(1, 120) as number`,
      [led?.id],
    )
    await ends('two', '2026-01-06')
    for (let look = 0; look < 3; look += 1) await at.tick()
    expect((await at.runs('follows')).map(({ as_of }) => as_of).sort()).toEqual(['2026-01-01', '2026-01-06'])
    expect((await at.events()).filter((event) => event === 'trigger circle')).toHaveLength(120)
  })

  test('what happens while a new flow is paused waits', async () => {
    snapshot(1)
    await at.schedules.pause('first', undefined, 'Aino')
    at.writeFlow('follows', 'triggers: [{ flow: two }]\n')
    at.writeFlow('takes', 'triggers: [{ dataset: contacts }]\n')
    await at.tick()
    await ends('two')
    snapshot(2)
    await at.tick()
    expect(await at.runs('follows')).toEqual([])
    await at.schedules.resume('first', undefined, 'Aino')
    await at.tick()
    expect(await at.runs('follows')).toHaveLength(1)
    expect((await at.runs('takes')).map(({ trigger }) => trigger.by)).toEqual(['contacts 2'])
  })

  test('a pause holds the cursor at the first end that waits, and no further back', async () => {
    at.writeFlow('follows', 'triggers: [{ flow: two }]\n')
    await at.tick()
    await at.schedules.pause('first', 'follows', 'Aino')
    await setCursor('follows', Date.now() - 5 * hour)
    await at.tick()
    expect(await cursorOf('follows')).toBeGreaterThan(Date.now() - 10 * minute)
    await ends('two')
    await anHourPasses()
    await setCursor('follows', Date.now() - 5 * hour)
    await at.tick()
    expect(await cursorOf('follows')).toBeGreaterThan(Date.now() - hour - 10 * minute)
    expect(await cursorOf('follows')).toBeLessThan(Date.now() - hour)
    await at.schedules.resume('first', 'follows', 'Aino')
    await at.tick()
    expect(await at.runs('follows')).toHaveLength(1)
  })
})
