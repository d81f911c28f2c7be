// Slow: runs again on PostgreSQL.
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { type Scheduling, scheduling } from './scheduling.ts'

describe.each(databases)('on $name', ({ open }) => {
  let database: TestDatabase
  let at: Scheduling
  beforeAll(async () => {
    database = await open()
    at = await scheduling(['first', 'second'], await database.options())
  })
  beforeEach(() => at.clear())
  afterAll(async () => {
    await at.end()
    await database.end()
  })

  /** Looks again and again through a time, as a service would that runs all the while. */
  async function live(from: string, to: string, others: readonly { tick(): Promise<void> }[] = []): Promise<void> {
    for (let time = Date.parse(from); time <= Date.parse(to); time += 5 * 60_000) {
      at.clock.at = time
      await Promise.all([at.tick(), ...others.map((other) => other.tick())])
    }
  }

  const keys = async (flow?: string): Promise<string[]> => {
    const rows = await at.database.query<{ key: string }>(
      'select idempotency_key as key from polku.run where $1::text is null or flow = $1 order by 1',
      [flow ?? null],
    )
    return rows.map(({ key }) => key)
  }

  const helsinki = (cron: string, missed = 'latest'): string =>
    `schedule: { cron: "${cron}", timezone: Europe/Helsinki, missed: ${missed} }\n`

  describe('a day with a change of clocks', () => {
    const write = () => {
      at.writeFlow('early', helsinki('30 3 * * *'))
      at.writeFlow('hourly', helsinki('0 * * * *'))
      at.writeFlow('late', helsinki('55 23 * * *'))
    }

    test('in spring: what is skipped runs once at the change, with its date', async () => {
      write()
      await live('2026-03-28T21:30Z', '2026-03-29T21:00Z')
      expect(await keys('early')).toEqual(['schedule:early:2026-03-29T01:00:00.000Z'])
      expect(await keys('late')).toEqual([
        'schedule:late:2026-03-28T21:55:00.000Z',
        'schedule:late:2026-03-29T20:55:00.000Z',
      ])
      // 24 hours of which one is not there, and the midnights at both ends.
      expect(await keys('hourly')).toHaveLength(24)
      const [early] = await at.runs('early')
      expect(early).toMatchObject({
        as_of: '2026-03-29',
        trigger: { kind: 'schedule', by: '30 3 * * * Europe/Helsinki' },
      })
      expect(at.warnings).toEqual([])
    })

    test('in autumn: what is repeated runs once, and two services start nothing twice', async () => {
      write()
      await live('2026-10-24T20:30Z', '2026-10-25T22:00Z', [at.another()])
      expect(await keys('early')).toEqual(['schedule:early:2026-10-25T00:30:00.000Z'])
      expect(await keys('hourly')).toHaveLength(26)
      expect((await at.runs('late')).map(({ as_of }) => as_of)).toEqual(['2026-10-24', '2026-10-25'])
      expect((await at.events()).filter((event) => event === 'flow changed')).toHaveLength(3)
    })
  })

  describe('after three days in which nothing was served', () => {
    const down = async (missed: string) => {
      at.writeFlow('daily', helsinki('0 6 * * *', missed))
      await at.tickAt('2026-06-01T00:00Z')
      await at.tickAt('2026-06-04T12:00Z')
      await at.tick()
      return (await at.runs('daily')).map(({ as_of }) => as_of)
    }

    test('none makes up for nothing, and says so', async () => {
      expect(await down('none')).toEqual([])
      expect(await at.events()).toEqual(['flow changed', 'schedule missed'])
    })

    test('latest runs the last date', async () => {
      expect(await down('latest')).toEqual(['2026-06-04'])
      expect(await at.events()).toEqual(['flow changed', 'schedule missed'])
    })

    test('all runs every date, in order', async () => {
      expect(await down('all')).toEqual(['2026-06-01', '2026-06-02', '2026-06-03', '2026-06-04'])
      expect(await at.events()).toEqual(['flow changed'])
    })
  })

  test('a thousand missed times are made up for in parts, each once', async () => {
    at.writeFlow('often', helsinki('*/5 * * * *', 'all'))
    await at.tickAt('2026-06-01T00:00Z')
    for (let time = 0; time < 4; time += 1) await at.tickAt('2026-06-02T00:00Z')
    expect(await keys('often')).toHaveLength(288)
  })

  test('a clock that is set back starts nothing twice, and later times still come', async () => {
    at.writeFlow('hourly', helsinki('0 * * * *'))
    await at.tickAt('2026-06-01T00:30Z')
    await at.tickAt('2026-06-01T03:00Z')
    await at.tickAt('2026-06-01T01:30Z')
    await live('2026-06-01T01:55Z', '2026-06-01T02:05Z')
    await live('2026-06-01T02:55Z', '2026-06-01T03:05Z')
    expect(await keys()).toEqual([
      'schedule:hourly:2026-06-01T02:00:00.000Z',
      'schedule:hourly:2026-06-01T03:00:00.000Z',
    ])
  })

  describe('a flow’s file', () => {
    test('that changes takes effect, and what has been before its new schedule does not run', async () => {
      at.writeFlow('daily', helsinki('0 6 * * *'))
      await at.tickAt('2026-06-01T00:00Z')
      at.writeFlow('daily', helsinki('0 1 * * *'))
      await at.tickAt('2026-06-01T00:30Z')
      await at.tickAt('2026-06-01T04:00Z')
      expect(await keys()).toEqual([])
      await at.tickAt('2026-06-01T22:00Z')
      expect(await keys()).toEqual(['schedule:daily:2026-06-01T22:00:00.000Z'])
    })

    test('that no longer checks leaves its last good version running, and is told once, and once when it is mended', async () => {
      at.writeFlow('daily', helsinki('0 6 * * *'))
      await at.tickAt('2026-06-01T00:00Z')
      const [good] = await at.schedules.list('first')
      for (const text of ['flow: daily\nsteps: { s0: { uses: import/nothing } }\n', 'flow: [', '']) {
        at.writeText('daily', text)
        await at.tick()
      }
      const [broken] = await at.schedules.list('first')
      expect(broken).toMatchObject({ version: good?.version, broken: [{ code: 'FLOW_SHAPE' }] })
      await at.tickAt('2026-06-01T03:00Z')
      const [run] = await at.runs('daily')
      expect(run).toMatchObject({ version: good?.version, as_of: '2026-06-01' })
      at.writeFlow('daily', helsinki('0 6 * * *'))
      await at.tick()
      expect((await at.schedules.list('first'))[0]?.broken).toBeNull()
      expect(await at.events()).toEqual(['flow changed', 'flow broken', 'flow mended'])
    })

    test('that never checked starts nothing and is told', async () => {
      at.writeFlow('never', helsinki('0 0 30 2 *'))
      await at.tickAt('2026-06-01T00:00Z')
      await at.another().tick()
      expect(await at.schedules.list('first')).toMatchObject([
        { version: null, broken: [{ code: 'SCHEDULE_NEVER', line: 2 }] },
      ])
      expect(await at.events()).toEqual(['flow broken'])
    })

    test('that is gone, or has no schedule any more, starts nothing', async () => {
      at.writeFlow('one', helsinki('0 6 * * *'))
      at.writeFlow('two', helsinki('0 6 * * *'))
      await at.tickAt('2026-06-01T00:00Z')
      rmSync(join(at.folder, 'first', 'flows', 'one.yaml'))
      at.writeFlow('two', '')
      await at.tick()
      await at.tickAt('2026-06-01T03:00Z')
      expect(await at.runs()).toEqual([])
      expect(await at.schedules.list('first')).toEqual([])
    })

    test('of one client in want keeps no other from its time', async () => {
      at.writeFlow('daily', helsinki('0 6 * * *'), 'second')
      at.writeText('daily', `x: ${'['.repeat(100_000)}`)
      await at.tickAt('2026-06-01T00:00Z')
      await at.tickAt('2026-06-01T03:00Z')
      expect((await at.runs()).map(({ client }) => client)).toEqual(['second'])
    })
  })

  test('a workspace that disappears pauses its schedules, is told once, and goes on when it is back', async () => {
    at.writeFlow('daily', helsinki('0 6 * * *'))
    at.writeFlow('daily', helsinki('0 6 * * *'), 'second')
    await at.tickAt('2026-06-01T00:00Z')
    renameSync(join(at.folder, 'first'), join(at.folder, 'elsewhere'))
    writeFileSync(join(at.folder, 'elsewhere', 'client.yaml.away'), '')
    renameSync(join(at.folder, 'elsewhere', 'client.yaml'), join(at.folder, 'elsewhere', 'client.yaml.away'))
    await at.tickAt('2026-06-01T03:00Z')
    await at.tick()
    expect((await at.runs()).map(({ client }) => client)).toEqual(['second'])
    renameSync(join(at.folder, 'elsewhere', 'client.yaml.away'), join(at.folder, 'elsewhere', 'client.yaml'))
    renameSync(join(at.folder, 'elsewhere'), join(at.folder, 'first'))
    await at.tickAt('2026-06-01T09:00Z')
    await at.tick()
    expect((await at.runs('daily')).map(({ client }) => client).sort()).toEqual(['first', 'second'])
    expect((await at.events()).filter((event) => event.startsWith('workspace'))).toEqual([
      'workspace gone',
      'workspace back',
    ])
    expect(at.warnings).toEqual([])
  })

  describe('pauses', () => {
    test('of a flow and of a client: times that pass are not made up for', async () => {
      at.writeFlow('daily', helsinki('0 6 * * *', 'all'))
      at.writeFlow('other', helsinki('0 6 * * *', 'all'))
      await at.tickAt('2026-06-01T00:00Z')
      expect(await at.schedules.pause('first', 'daily', 'Aino')).toBe(true)
      expect(await at.schedules.pause('first', 'daily', 'Aino')).toBe(false)
      await at.tickAt('2026-06-01T03:00Z')
      expect(await keys()).toEqual(['schedule:other:2026-06-01T03:00:00.000Z'])
      await at.schedules.pause('first', undefined, 'Aino')
      expect(await at.schedules.isPaused('first', 'other')).toBe(true)
      expect((await at.schedules.pauses('first')).map(({ flow, by }) => [flow, by])).toEqual([
        [undefined, 'Aino'],
        ['daily', 'Aino'],
      ])
      await at.tickAt('2026-06-02T04:00Z')
      await at.schedules.resume('first', undefined, 'Aino')
      expect(await at.schedules.resume('first', 'daily', 'Aino')).toBe(true)
      expect(await at.schedules.resume('first', 'daily', 'Aino')).toBe(false)
      await at.tickAt('2026-06-03T03:00Z')
      expect(await keys()).toEqual([
        'schedule:daily:2026-06-03T03:00:00.000Z',
        'schedule:other:2026-06-01T03:00:00.000Z',
        'schedule:other:2026-06-03T03:00:00.000Z',
      ])
      const paused = ['flow paused', 'client paused', 'client resumed', 'flow resumed']
      expect((await at.events()).filter((event) => /paused|resumed/.test(event))).toEqual(paused)
    })

    test('of a flow that is not there are refused', async () => {
      await expect(at.schedules.pause('first', 'nothing', 'Aino')).rejects.toMatchObject({ code: 'SCHEDULE_UNKNOWN' })
    })
  })

  test('the next runs are told with their dates, and the limits of flow and client go with each run', async () => {
    writeFileSync(
      join(at.folder, 'first', 'client.yaml'),
      'client: first\ntitle: First\ntimezone: America/New_York\nruns: { atOnce: 3, priority: 2 }\n',
    )
    at.writeFlow('daily', 'schedule: { cron: "0 23 * * *" }\nruns: { atOnce: 1, priority: 7 }\n')
    at.writeFlow('other', 'schedule: { cron: "0 23 * * *" }\n')
    await at.tickAt('2026-06-01T00:00Z')
    expect(await at.schedules.nextRuns('first', 'daily', 2)).toEqual([
      { at: new Date('2026-06-01T03:00Z'), asOf: '2026-05-31' },
      { at: new Date('2026-06-02T03:00Z'), asOf: '2026-06-01' },
    ])
    await at.tickAt('2026-06-01T03:00Z')
    const limits = await at.database.query(
      'select flow, priority, flow_limit, client_limit from polku.run order by flow',
    )
    expect(limits).toEqual([
      { flow: 'daily', priority: 7, flow_limit: 1, client_limit: 3 },
      { flow: 'other', priority: 2, flow_limit: null, client_limit: 3 },
    ])
  })
})
