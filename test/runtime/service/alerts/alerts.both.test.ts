// Slow: runs again on PostgreSQL.
import { createHmac, randomUUID } from 'node:crypto'
import { appendFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { PolkuError } from '../../../../runtime/errors/errors.ts'
import type { ProblemRecord } from '../../../../runtime/errors/problem.ts'
import { Alerts } from '../../../../runtime/service/alerts/alerts.ts'
import type { RunState } from '../../../../runtime/service/queue/run.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { runRequest, type TestService, testService } from '../../../fixtures/service.ts'
import { mailServer, webhookServer } from './receivers.ts'

const minute = 60_000
describe.each(databases)('on $name', ({ open }) => {
  let clock = Date.now()
  let hook: Awaited<ReturnType<typeof webhookServer>>
  let mail: Awaited<ReturnType<typeof mailServer>>
  let tried: TestService
  let database: TestDatabase
  const logged: string[] = []
  const log = (detail: object, message: string) => void logged.push(JSON.stringify({ ...detail, message }))

  beforeAll(async () => {
    hook = await webhookServer()
    mail = await mailServer()
    database = await open()
    tried = await testService(['first', 'second'], {
      ...(await database.options()),
      slots: 0,
      now: () => clock,
      log: { info: log, warn: log, error: log },
      alerts: {
        ...{ webhook: hook.url, email: ['paivystys@asiakas.test'], url: 'https://polku.test' },
        mail: { server: mail.url, from: 'Polku <polku@palvelu.test>' },
        ...{ key: 'salainen', allowPrivate: true },
      },
    })
    appendFileSync(join(tried.folder, 'second', 'client.yaml'), 'alerts: { email: [omat@asiakas.test], late: 30 }\n')
    // Tests do not wait for the next try.
    const { boss, alerts, scheduler } = tried.service
    // Nobody looks but these tests.
    await alerts.stop()
    await scheduler.stop()
    await boss.updateQueue('alerts', { retryDelay: 0, retryBackoff: false, retryLimit: 3 })
    // Makes it known anew, as the service does.
    await boss.findJobs('alerts', { id: randomUUID() })
  })
  afterAll(async () => {
    await tried.end()
    await database.end()
    await hook.end()
    await mail.end()
  })
  afterEach(() => {
    hook.posted.splice(0)
    mail.mails.splice(0)
  })

  /** A run of a flow that ends so. */
  async function ended(flow: string, state: RunState, problem?: ProblemRecord, more = {}) {
    const { queue } = tried.service
    const { run } = await queue.request(runRequest(flow, more))
    const begun = await queue.begin(run.client, run.id, 'nobody')
    if (!begun) throw new Error('It was not begun.')
    await queue.finish(begun, { state, problem })
    return run
  }

  async function notified() {
    await tried.service.alerts.look()
    await tried.service.alerts.deliver()
    return hook.posted.splice(0)
  }

  const unreadable = new PolkuError('FILE_NOT_FOUND', { path: 'data/n.csv', nearest: 'Did you mean data/m.csv?' })

  describe('an incident', () => {
    test('is told once when it begins and once when it is over, to the webhook and by e-mail', async () => {
      const problem = { ...unreadable.toProblem(), file: 'flows/two.yaml', line: 4, step: 's0' }
      const run = await ended('two', 'failed', problem)
      await ended('two', 'failed', problem)
      const [begun, ...others] = await notified()
      expect(others).toEqual([])
      expect(begun?.body).toMatchObject({
        ...{ moment: 'begun', kind: 'run failed', client: 'first', flow: 'two', times: 2, code: 'FILE_NOT_FOUND' },
        title: 'first: two failed',
        what: 'The flow failed 2 times. There is no file data/n.csv.',
        where: 'step s0, flows/two.yaml, line 4',
        expected: 'Did you mean data/m.csv?',
      })
      expect(begun?.body.link).toMatch(/^https:\/\/polku.test\/clients\/first\/runs\/.*-two-/)
      expect(begun?.body.run).not.toBe(run.id)
      expect(mail.mails.map(({ to }) => to)).toEqual([['paivystys@asiakas.test']])
      expect(mail.mails[0]?.text).toContain('Subject: Polku: first: two failed')
      expect(mail.mails[0]?.text).toContain('Where: step s0, flows/two.yaml, line 4')
      await ended('two', 'failed', problem)
      expect(await notified()).toEqual([])
      await ended('two', 'done')
      await ended('two', 'done')
      const over = await notified()
      expect(over.map(({ body }) => [body.moment, body.title])).toEqual([['over', 'first: two is done again']])
      expect(over[0]?.body.recoveredAt).toMatch(/Z$/)
      expect(await notified()).toEqual([])
      await ended('two', 'failed', problem)
      expect((await notified()).map(({ body }) => body.moment)).toEqual(['begun'])
      await ended('two', 'done')
      expect((await notified()).map(({ body }) => body.moment)).toEqual(['over'])
    })

    test('that began and is over before anybody looked is told both', async () => {
      await ended('short', 'failed', unreadable.toProblem())
      await ended('short', 'done')
      expect((await notified()).map(({ body }) => body.moment).sort()).toEqual(['begun', 'over'])
    })

    test('is told by who knows how only: a worker that has no settings leaves it to the service', async () => {
      const { database: queries, boss, clients } = tried.service
      const dependencies = { database: queries, boss, clients, log: { info: log, warn: log, error: log } }
      const worker = new Alerts({ ...dependencies, now: () => clock, settings: undefined })
      await ended('left', 'failed', unreadable.toProblem())
      await worker.look()
      await tried.service.alerts.look()
      await worker.deliver()
      expect((await notified()).map(({ body }) => body.title)).toEqual(['first: left failed'])
      expect(mail.mails).toHaveLength(1)
    })

    test('of a data check says which, and is another than a failure', async () => {
      const problem = new PolkuError('STEP_STOPPED', {
        expression: 'score < 60',
        values: 'score = 54',
        actual: 'score = 54',
      })
      await ended('two', 'stopped', problem.toProblem())
      const [begun] = await notified()
      expect(begun?.body).toMatchObject({
        kind: 'run stopped',
        title: 'first: two was stopped by its check of the data',
      })
      expect(begun?.body.what).toContain('score < 60 holds (score = 54)')
      await ended('two', 'cancelled')
      expect(await notified()).toEqual([])
      await ended('two', 'done')
      expect((await notified()).map(({ body }) => body.moment)).toEqual(['over'])
    })

    test('tells nothing that may quote a customer’s row', async () => {
      const rows = ['Matti Meikäläinen', 'matti@koti.test', '010203-123X']
      for (const [index, row] of rows.entries()) {
        const problems: ProblemRecord[] = [
          new PolkuError('STEP_FAILED', {
            reason: `Could not convert string '${row}' to INT32`,
            right: row,
          }).toProblem(),
          new PolkuError('NODE_ERROR', {
            code: 'import/csv:badDate',
            message: `${row} is no date`,
            actual: row,
          }).toProblem(),
          new PolkuError('COLUMN_UNKNOWN', { table: row, column: row, nearest: `Did you mean ${row}?` }).toProblem(),
        ]
        for (const [nth, problem] of problems.entries()) await ended(`rows-${index}-${nth}`, 'failed', problem)
      }
      const posted = await notified()
      expect(posted).toHaveLength(9)
      const texts = [...posted.map(({ text }) => text), ...mail.mails.map(({ text }) => text)].join('\n')
      for (const row of rows) expect(texts).not.toContain(row)
      expect(texts).toContain('import/csv:badDate')
    })

    test('of runs that another run began is that run’s', async () => {
      const parent = await ended('parent', 'done')
      await ended('child', 'failed', unreadable.toProblem(), { parent: parent.id })
      expect(await notified()).toEqual([])
    })

    test('of a client goes to whom that client names besides', async () => {
      await ended('two', 'failed', unreadable.toProblem(), { client: 'second' })
      await notified()
      expect(mail.mails.map(({ to }) => to[0]).sort()).toEqual(['omat@asiakas.test', 'paivystys@asiakas.test'])
      await ended('two', 'done', undefined, { client: 'second' })
      await notified()
    })

    test('of a flow whose file no longer checks, and of a workspace that is gone', async () => {
      const { scheduler } = tried.service
      const file = join(tried.folder, 'first', 'flows', 'two.yaml')
      const away = join(tried.folder, '..', `${Date.now()}-away`)
      appendFileSync(file, 'schedule: { cron: "0 6 * * *" }\n')
      await scheduler.tick()
      appendFileSync(file, 'colour: blue\n')
      await scheduler.tick()
      const [broken] = await notified()
      expect(broken?.body).toMatchObject({ kind: 'flow broken', flow: 'two', title: 'first: two is broken' })
      expect(broken?.body.what).toContain('It keeps running as it last checked.')
      renameSync(join(tried.folder, 'first'), away)
      try {
        await scheduler.tick()
        expect((await notified()).map(({ body }) => [body.kind, body.moment])).toEqual([['workspace gone', 'begun']])
      } finally {
        renameSync(away, join(tried.folder, 'first'))
      }
      await scheduler.tick()
      expect((await notified()).map(({ body }) => body.title)).toContain('first: the workspace is back')
    })
  })

  describe('a run that is late', () => {
    const late = async (client: string, flow: string, due: number) => {
      const key = `schedule:${flow}:${new Date(due).toISOString()}`
      const request = runRequest(flow, { client, idempotencyKey: key, trigger: { kind: 'schedule', by: '* * * * *' } })
      return (await tried.service.queue.request(request)).run
    }

    test('is told after the minutes that its client allows, and when it has ended', async () => {
      const due = clock
      const runs = [await late('first', 'slow', due), await late('second', 'slow', due)]
      clock = due + 29 * minute
      expect(await notified()).toEqual([])
      clock = due + 30 * minute
      expect((await notified()).map(({ body }) => [body.kind, body.client])).toEqual([['run late', 'second']])
      clock = due + 60 * minute
      const [other, ...more] = await notified()
      expect(more).toEqual([])
      expect(other?.body).toMatchObject({ client: 'first', title: 'first: slow is late' })
      expect(other?.body.what).toContain(new Date(due).toISOString())
      const { queue } = tried.service
      for (const run of runs) {
        const begun = await queue.begin(run.client, run.id, 'nobody')
        if (begun) await queue.finish(begun, { state: 'done' })
      }
      expect((await notified()).map(({ body }) => body.title).sort()).toEqual([
        'first: slow is no longer late',
        'second: slow is no longer late',
      ])
    })

    test('that nobody asked for is late too, but not where it is paused or everything has just begun', async () => {
      const { database: queries } = tried.service
      const add = (flow: string) =>
        queries.query(
          `insert into polku.flow (client, flow, version, schedule, next_at) values ('second', $1, 'v', '{}'::jsonb, $2)`,
          [flow, new Date(clock - 90 * minute)],
        )
      await add('asleep')
      await add('paused')
      await queries.query(
        `insert into polku.pause (client, flow, by, at) values ('second', 'paused', 'Testaaja', now())`,
      )
      expect(await notified()).toEqual([])
      clock += minute
      expect((await notified()).map(({ body }) => [body.kind, body.flow])).toEqual([['run late', 'asleep']])
      await queries.query(`delete from polku.flow where flow in ('asleep', 'paused')`)
      expect((await notified()).map(({ body }) => body.moment)).toEqual(['over'])
    })
  })

  describe('a delivery', () => {
    test('is signed, and repeated with the same id until it is taken', async () => {
      hook.answers.push(500, 302)
      await ended('again', 'failed', unreadable.toProblem())
      expect(await notified()).toEqual([])
      expect(await notified()).toEqual([])
      const [posted] = await notified()
      const [, seconds, signature] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(posted?.headers['polku-signature'])) ?? []
      expect(signature).toBe(createHmac('sha256', 'salainen').update(`${seconds}.${posted?.text}`).digest('hex'))
      expect(posted?.headers['polku-delivery']).toBe(posted?.body.id)
      const rows = await tried.service.database.query<{ state: string; attempts: number; channel: string }>(
        'select state, attempts, channel from polku.alert where id = $1',
        [posted?.body.id],
      )
      expect(rows).toEqual([{ state: 'delivered', attempts: 3, channel: 'webhook' }])
      expect(await notified()).toEqual([])
    })

    test('that nobody takes is given up after its tries, and said so without the address', async () => {
      hook.answers.push(500, 500, 500, 500)
      await ended('never', 'failed', unreadable.toProblem())
      for (let nth = 0; nth < 6; nth += 1) expect(await notified()).toEqual([])
      const [row] = await tried.service.database.query<{ state: string; reason: string }>(
        `select state, reason from polku.alert where state = 'failed'`,
      )
      expect(row).toEqual({ state: 'failed', reason: 'it answered 500' })
      expect(logged.some((line) => line.includes('given up'))).toBe(true)
      expect(logged.join('\n')).not.toMatch(/confidential|salasana|salainen/)
    })
  })
})
