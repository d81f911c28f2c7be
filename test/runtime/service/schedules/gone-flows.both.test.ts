// Slow: runs again on PostgreSQL.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { type Scheduling, scheduling } from './scheduling.ts'

describe.each(databases)('a flow whose file is gone, on $name', ({ open }) => {
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

  const flows = () => join(at.folder, 'first', 'flows')
  const away = () => join(at.folder, 'away')
  const second = 1000
  const day = 86_400_000

  async function after(...passed: number[]): Promise<void> {
    for (const each of passed) {
      at.clock.at += each
      await at.tick()
    }
  }

  const put = (name: string) => {
    const file = join(at.folder, 'first', name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, 'n\n1\n')
  }

  const writeTaking = () =>
    at.writeText(
      'takes',
      'flow: takes\ntriggers: [{ file: "inbox/*.csv", param: path, quiet: 1 }]\nparams:\n  path: { type: text }\nsteps:\n  s0: { uses: import/csv, with: { path: "${params.path}" } }\n',
    )

  const finishTwo = async (id: string) => {
    const request = { client: 'first', id, flow: 'two', params: {}, asOf: '2026-01-05' }
    const { run } = await at.queue.request({ ...request, trigger: { kind: 'request', by: 'Aino' } })
    await at.finish(run)
  }

  const paths = async () => (await at.runs('takes')).map(({ params }) => params.path)

  test('with all others knows its files and ends still when they are back', async () => {
    writeTaking()
    at.writeFlow('follows', 'triggers: [{ flow: two }]\n')
    put('inbox/a.csv')
    await after(0, 2 * second, 2 * second)
    expect(await paths()).toEqual(['inbox/a.csv'])
    renameSync(flows(), away())
    await after(2 * second)
    await finishTwo('two-1')
    put('inbox/b.csv')
    await after(2 * second, 30 * day, 2 * second)
    expect(await at.schedules.list('first')).toEqual([])
    expect(await paths()).toEqual(['inbox/a.csv'])
    expect(await at.runs('follows')).toEqual([])
    renameSync(away(), flows())
    await after(2 * second, 2 * second, 2 * second)
    expect(await paths()).toEqual(['inbox/a.csv', 'inbox/b.csv'])
    expect(await at.runs('follows')).toHaveLength(1)
    expect((await at.events()).filter((event) => event.startsWith('flow'))).toEqual([
      'flow changed',
      'flow changed',
      'flow gone',
      'flow gone',
      'flow back',
      'flow back',
    ])
  })

  test.each([
    ['known for a week', 6, ['inbox/a.csv']],
    ['forgotten then', 8, ['inbox/a.csv', 'inbox/a.csv']],
  ] as const)('alone is %s', async (_, days, expected) => {
    writeTaking()
    put('inbox/a.csv')
    await after(0, 2 * second, 2 * second)
    rmSync(join(flows(), 'takes.yaml'))
    await after(2 * second, days * day)
    writeTaking()
    // What has arrived is started once, whoever forgets it: only its run says so then.
    await at.database.query(`update polku.run set idempotency_key = null`)
    await after(2 * second, 2 * second, 2 * second)
    expect(await paths()).toEqual(expected)
  })

  test('misses its times, as they are when it is back, also where another service has seen that it was gone', async () => {
    at.writeFlow('daily', 'schedule: { cron: "0 6 * * *", missed: all }\n')
    await at.tickAt('2026-06-01T00:00Z')
    const other = at.another()
    await other.tick()
    renameSync(flows(), away())
    await other.tick()
    expect(await at.schedules.list('first')).toEqual([])
    await expect(at.schedules.pause('first', 'daily', 'Aino')).rejects.toMatchObject({ code: 'SCHEDULE_UNKNOWN' })
    const [row] = await at.database.query<{ next_at: Date | null }>('select next_at from polku.flow')
    expect(row?.next_at).toBeNull()
    renameSync(away(), flows())
    await at.tickAt('2026-06-02T12:00Z')
    expect((await at.runs('daily')).map(({ as_of }) => as_of)).toEqual(['2026-06-01', '2026-06-02'])
  })

  test('that was broken is mended by that, and goes on as it last checked where it is back and broken', async () => {
    at.writeFlow('daily', 'schedule: { cron: "0 6 * * *" }\n')
    await at.tickAt('2026-06-01T00:00Z')
    at.writeText('daily', 'flow: [')
    await at.tick()
    rmSync(join(flows(), 'daily.yaml'))
    await at.tick()
    await at.tick()
    expect(await at.events()).toEqual(['flow changed', 'flow broken', 'flow mended', 'flow gone'])
    at.writeText('daily', 'flow: [')
    await at.tick()
    await at.tickAt('2026-06-01T06:00Z')
    expect(await at.runs('daily')).toHaveLength(1)
    expect((await at.events()).slice(4)).toEqual(['flow back', 'flow broken'])
  })

  test('is checked as of today where the client is, which elsewhere may be another day', async () => {
    writeFileSync(
      join(at.folder, 'first', 'client.yaml'),
      'client: first\ntitle: First\ntimezone: Pacific/Kiritimati\n',
    )
    writeFileSync(join(at.folder, 'first', 'data', 'day-2026-06-02.csv'), 'n\n1\n')
    at.writeText(
      'daily',
      'flow: daily\nschedule: { cron: "0 6 * * *" }\nsteps:\n  s0: { uses: import/csv, with: { path: "data/day-${run.asOf}.csv" } }\n',
    )
    await at.tickAt('2026-06-01T12:00Z')
    expect((await at.schedules.list('first')).map(({ flow, broken }) => [flow, broken])).toEqual([['daily', null]])
  })

  test('follows the client’s time zone when that changes', async () => {
    const client = (zone: string) =>
      writeFileSync(join(at.folder, 'first', 'client.yaml'), `client: first\ntitle: First client\ntimezone: ${zone}\n`)
    client('Europe/Helsinki')
    at.writeFlow('daily', 'schedule: { cron: "0 6 * * *" }\n')
    await at.tickAt('2026-06-01T00:00Z')
    client('America/New_York')
    await at.tick()
    expect((await at.schedules.nextRuns('first', 'daily', 1)).map(({ at: time }) => time)).toEqual([
      new Date('2026-06-01T10:00Z'),
    ])
    expect((await at.schedules.list('first')).map(({ next_at: next }) => next)).toEqual([new Date('2026-06-01T10:00Z')])
  })
})
