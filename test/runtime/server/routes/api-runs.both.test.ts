// Slow: runs again on PostgreSQL.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dateAt } from '../../../../runtime/data/zone.ts'
import { ModelRegistry } from '../../../../runtime/model/registry.ts'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { runRequest, whenRun } from '../../../fixtures/service.ts'
import { fill } from './filled.ts'

describe.each(databases)('on $name', ({ open }) => {
  let database: TestDatabase
  let server: TestApp
  /** A run of the flow `two` that is done. */
  let run = ''
  beforeAll(async () => {
    database = await open()
    server = await testApp(['first', 'second'], { ...(await database.options()), slots: 1 })
    await fill(join(server.folder, 'first'))
    const started = await post('/api/clients/first/runs', { flow: 'two', asOf: '2026-01-01', params: { add: 5 } })
    expect(started.status, started.text).toBe(202)
    run = started.body.id
    expect(await whenRun(server, started.body)).toMatchObject({ state: 'done' })
  }, 120_000)
  afterAll(async () => {
    await server.end()
    await database.end()
  })

  const get = (url: string) => server.ask('GET', url)
  const post = (url: string, body: object = {}, headers = {}) => server.ask('POST', url, { body, headers })
  const of = (path: string) => `/api/clients/first${path}`

  describe('runs', () => {
    test('are listed the newest first, by filters, and no page repeats or leaves out one', async () => {
      const made: string[] = []
      for (let index = 0; index < 7; index++) {
        const { run: each } = await server.service.queue.request(
          runRequest('crash-once', {
            client: 'second',
            id: `filler-${index}`,
            flowLimit: 1,
            clientLimit: 1,
            priority: -10,
          }),
        )
        made.unshift(each.id)
      }
      // Two of the same microsecond are told apart by their ids.
      await server.service.database.query(
        `update polku.run set requested_at = '2026-01-01T00:00:00.123456Z' where client = 'second' and id = any($1)`,
        [made.slice(0, 4)],
      )
      const names: string[] = []
      let next: string | null = ''
      do {
        const page = await get(`/api/clients/second/runs?limit=3${next ? `&cursor=${next}` : ''}`)
        names.push(...page.body.items.map(({ id }: { id: string }) => id))
        next = page.body.next
      } while (next)
      expect(names).toEqual([...made.slice(4), ...made.slice(0, 4)])
      const ids = async (query: string) =>
        (await get(`/api/clients/second/runs?${query}`)).body.items.map(({ id }: { id: string }) => id)
      expect(await ids('to=2026-01-02')).toEqual(made.slice(0, 4))
      expect(await ids('from=2026-01-02T00:00Z')).toEqual(made.slice(4))
      expect(await ids('state=done&state=failed')).toEqual([])
      expect(await ids('flow=two')).toEqual([])
      expect(await ids(`parent=${run}`)).toEqual([])
      const all = await get('/api/runs?limit=200&state=done')
      expect(all.body.items.map(({ id }: { id: string }) => id)).toContain(run)
      const { token } = await server.person('operator', ['second'])
      const seen = await server.ask('GET', '/api/runs?limit=200', { token })
      expect(new Set(seen.body.items.map(({ client }: { client: string }) => client))).toEqual(new Set(['second']))
      for (const id of made) await server.service.queue.cancel('second', id)
    })

    test('start once for an idempotency key, which is for one request only', async () => {
      const body = { flow: 'two', asOf: '2026-01-01' }
      const key = { 'idempotency-key': 'schedule:two:1' }
      const [first, second] = await Promise.all([
        post(of('/runs'), body, key),
        post(of('/runs'), { ...body, idempotencyKey: 'schedule:two:1' }),
      ])
      expect(second.body.id).toBe(first.body.id)
      const other = await post(of('/runs'), { flow: 'two', params: { add: 2 } }, key)
      expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_TAKEN' } })
      const both = await post(of('/runs'), { ...body, idempotencyKey: 'b' }, key)
      expect(both.body.code).toBe('REQUEST_INVALID')
      const spaced = await post(of('/runs'), body, { 'idempotency-key': 'two words' })
      expect(spaced).toMatchObject({ status: 422, body: { code: 'REQUEST_INVALID' } })
      const row = await server.service.queue.get('first', first.body.id)
      expect(row).toMatchObject({ trigger: { kind: 'request', by: 'administrator' } })
      await whenRun(server, { client: 'first', id: first.body.id })
    })

    test('are done again from a step, with changed parameters', async () => {
      const again = await post(of(`/runs/${run}/retry`), { from: 's1', params: { add: 7 } })
      expect(again, again.text).toMatchObject({
        status: 202,
        body: { againFrom: 's1', params: { add: 7 }, asOf: '2026-01-01', trigger: { kind: 'retry', of: run } },
      })
      const ended = await whenRun(server, { client: 'first', id: again.body.id })
      expect(ended.state).toBe('done')
      const why = (await get(of(`/runs/${again.body.id}/steps`))).body.items.map(
        ({ why: text }: { why: string }) => text,
      )
      expect(why[1]).toContain('done again')
      const wrong = await post(of(`/runs/${run}/retry`), { from: 's9' })
      expect(wrong).toMatchObject({ status: 422, body: { code: 'STEP_UNKNOWN' } })
    })

    test('say what was wrong with a request as a fault of it, and what the address lacks as not there', async () => {
      const status = async (asking: ReturnType<typeof post>) => {
        const { status: number, body } = await asking
        return `${number} ${body.code}`
      }
      expect(await status(post(of('/runs'), { flow: 'nowhere' }))).toBe('422 FLOW_NOT_FOUND')
      expect(await status(post(of('/runs'), { flow: 'two', params: { ad: 1 } }))).toBe('422 PARAM_UNKNOWN')
      expect(await status(post(of('/runs'), { flow: 'two', asOf: '2026-02-30' }))).toBe('422 AS_OF_INVALID')
      expect(await status(get(of('/runs/nothing')))).toBe('404 RUN_UNKNOWN')
      expect(await status(post(of('/runs/nothing/cancel')))).toBe('404 RUN_UNKNOWN')
      expect(await status(post(of(`/runs/${run}/cancel`)))).toBe('409 RUN_FINISHED')
      expect(await status(get(of('/runs?cursor=5.nothing.x')))).toBe('422 REQUEST_INVALID')
      expect(await status(get(of('/runs?from=2026-13-01')))).toBe('422 REQUEST_INVALID')
    })

    test('are of today where the client is, whatever day it is elsewhere', async () => {
      const started: string[] = []
      // So far apart that it is never the same day in both.
      for (const timezone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
        expect((await server.ask('PATCH', '/api/clients/second', { body: { timezone } })).status).toBe(200)
        const before = dateAt(timezone, Date.now())
        const { asOf } = (await post('/api/clients/second/runs', { flow: 'two' })).body
        expect([before, dateAt(timezone, Date.now())]).toContain(asOf)
        started.push(asOf)
      }
      expect(started[0]).not.toBe(started[1])
    })

    test('are checked, by a look and before they are saved, as of today where the client is', async () => {
      const check = vi.spyOn(server.service, 'check').mockResolvedValue([])
      try {
        for (const timezone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
          await server.ask('PATCH', '/api/clients/second', { body: { timezone } })
          const before = dateAt(timezone, Date.now())
          expect((await post('/api/clients/second/flows/two/check')).status).toBe(200)
          const { source } = (await get('/api/clients/second/flows/two')).body
          expect((await server.ask('PUT', '/api/clients/second/flows/two', { body: { source } })).status).toBe(200)
          const dates = check.mock.calls.map(([, { asOf }]) => asOf)
          expect(dates).toHaveLength(2)
          for (const date of dates) expect([before, dateAt(timezone, Date.now())]).toContain(date)
          check.mockClear()
        }
      } finally {
        check.mockRestore()
      }
    })

    test('tell their steps, with findings one by one, and the audit log who looked at these', async () => {
      const steps = await get(of(`/runs/${run}/steps`))
      expect(steps.body.items).toMatchObject([
        { name: 's0', status: 'done', outputs: [{ name: 'rows', rows: 3 }, {}] },
        { name: 's1', settings: { add: 5 }, from: [{ step: 's0' }] },
      ])
      expect(steps.body.items[0]).not.toHaveProperty('findings')
      expect((await get(of(`/runs/${run}/steps/s0`))).body.findings).toBeInstanceOf(Array)
      expect((await get(of(`/runs/${run}/steps/s9`))).status).toBe(404)
      const looks = async () => (await get('/api/audit?client=first&action=read%20findings')).body.items
      expect((await looks()).map(({ target }: { target: object }) => target)).toMatchObject([
        { run, step: 's9', refused: 'STEP_UNKNOWN' },
        { run, step: 's9' },
        { run, step: 's0' },
      ])
      await get(of(`/runs/${run}/steps?findings=false`))
      expect(await looks()).toHaveLength(3)
      const { token, id } = await server.person('reviewer')
      const { body } = await server.ask('GET', of(`/runs/${run}/steps?findings=true`), { token })
      expect(body.items[0].findings).toBeInstanceOf(Array)
      const [newest, ...before] = await looks()
      expect(newest).toMatchObject({ person: id, client: 'first', target: { run } })
      expect(before).toHaveLength(3)
      // A page that asks again and again is one look; another person's is another.
      await server.ask('GET', of(`/runs/${run}/steps?findings=true`), { token })
      expect(await looks()).toHaveLength(4)
      await get(of(`/runs/${run}/steps?findings=true`))
      expect(await looks()).toHaveLength(5)
    })
  })

  describe('tables', () => {
    test('are read by page, some columns of them if wanted', async () => {
      const output = of(`/runs/${run}/steps/s1/outputs/rows`)
      const rows = await get(`${output}/rows`)
      expect(rows.body).toMatchObject({ columns: [{ name: 'n' }], rows: [[6], [7], [8]], offset: 0, total: 3 })
      expect((await get(`${output}/rows?offset=1&limit=1`)).body.rows).toEqual([[7]])
      expect((await get(`${output}/rows?offset=9`)).body.rows).toEqual([])
      expect((await get(`${output}/rows?limit=1001`)).status).toBe(422)
      expect(await get(`${output}/rows?columns=nothing`)).toMatchObject({
        status: 422,
        body: { code: 'COLUMN_UNKNOWN' },
      })
      expect((await get(of(`/runs/${run}/steps/s1/outputs/other/rows`))).status).toBe(404)
      const { items } = (await get('/api/audit?limit=200&client=first')).body
      const looks = items.filter(({ action }: { action: string }) => action === 'read rows of output')
      expect(looks.at(-1)?.target).toMatchObject({ run, step: 's1', output: 'rows' })
    })

    test('of a dataset are those of its snapshots, as of a date', async () => {
      const list = await get(of('/datasets'))
      expect(list.body.items).toMatchObject([{ name: 'contacts', snapshots: 2, rows: 100, asOf: '2026-02-01' }])
      const snapshots = await get(of('/datasets/contacts/snapshots'))
      expect(snapshots.body.items.map(({ key }: { key: string }) => key)).toEqual(['two', 'one'])
      const rows = async (query: string) => (await get(of(`/datasets/contacts/rows?${query}`))).body
      expect(await rows('offset=49&limit=2&columns=n&columns=day')).toMatchObject({
        rows: [
          [49, '2026-02-19'],
          [50, '2026-02-20'],
        ],
        total: 100,
      })
      expect((await rows('asOf=2026-01-31')).total).toBe(50)
      expect((await rows('asOf=2025-01-31')).rows).toEqual([])
      expect((await rows('snapshot=2&limit=1')).rows[0]?.[0]).toBe(50)
      expect((await get(of('/datasets/contacts/rows?snapshot=3'))).body.code).toBe('SNAPSHOT_UNKNOWN')
      expect((await get(of('/datasets/nothing/rows'))).status).toBe(404)
    })

    test('have a profile: what is missing, how many differ, extremes and distributions', async () => {
      const { body, text } = await get(of('/datasets/contacts/profile'))
      expect(body.total, text).toBe(100)
      const of_ = (name: string) => body.columns.find((column: { name: string }) => column.name === name)
      expect(of_('value')).toMatchObject({ missing: 25, missingShare: 0.25, minimum: 1.5, maximum: 148.5, mean: 75 })
      const counts = of_('value').histogram.map(({ count }: { count: number }) => count)
      expect(counts.reduce((sum: number, count: number) => sum + count, 0)).toBe(75)
      expect(counts.length).toBeLessThanOrEqual(20)
      expect(of_('day')).toMatchObject({ minimum: '2026-01-01', maximum: '2026-04-10' })
      expect(of_('even').frequent).toEqual([
        { value: false, count: 50 },
        { value: true, count: 50 },
      ])
      expect(of_('name').frequent).toHaveLength(10)
      expect((await get(of('/datasets/contacts/profile?asOf=2025-01-01'))).body).toMatchObject({ total: 0 })
    })
  })

  describe('models', () => {
    test('are shown with versions, card and metrics, and taken out of use by a reviewer', async () => {
      expect((await get(of('/models'))).body.items).toEqual([
        { model: 'churn', versions: 1, newest: 1, stage: 'draft', approved: null },
      ])
      const version = await get(of('/models/churn/versions/1'))
      expect(version.body).toMatchObject({
        target: 'churned = yes',
        metrics: { auc: 0.8 },
        card: { intendedUse: 'Trying' },
      })
      for (const missing of ['churn/versions/2', 'nothing/versions/1', 'nothing/versions'])
        expect((await get(of(`/models/${missing}`))).body.code).toBe('MODEL_UNKNOWN')
      const { token } = await server.person('reviewer')
      const ask = (what: string, body: object) =>
        server.ask('POST', of(`/models/churn/versions/1/${what}`), { token, body })
      for (const report of ['../second/client.yaml', '/etc/passwd', 'nothing.html'])
        expect(await ask('approve', { report }), report).toMatchObject({
          status: 422,
          body: { code: 'FILE_NOT_FOUND' },
        })
      expect((await ask('retire', { note: 'Old' })).body).toMatchObject({ stage: 'retired' })
      expect((await get(of('/approvals'))).body.items).toMatchObject([
        { model: 'churn', version: 1, stage: 'retired', note: 'Old', holds: false },
      ])
      expect(new ModelRegistry(join(server.folder, 'first', 'models')).stages('churn')).toHaveLength(1)
    })
  })

  describe('reports', () => {
    test('of a run run apart from the service', async () => {
      const report = await get(of(`/runs/${run}/report`))
      expect(report.status).toBe(200)
      expect(report.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(report.headers['content-security-policy']).toMatch(/^sandbox allow-scripts/)
      expect(report.text).toContain('<!doctype html>')
      expect((await get(of('/runs/nothing/report'))).body.code).toBe('RUN_UNKNOWN')
    })

    test('are found by path, and no other file is', async () => {
      writeFileSync(join(server.folder, 'first', 'data', 'own.html'), '<p>Own</p>')
      const by = (path: string) => get(of(`/reports/${encodeURIComponent(path)}`))
      expect((await by(`.polku/runs/${run}/report.html`)).status).toBe(200)
      expect((await by('data/own.html')).text).toBe('<p>Own</p>')
      for (const path of [
        ...['client.yaml', '../second/client.yaml', '../second/x.html', '/etc/passwd', 'data/../../x.html', '.html'],
        ...[
          '.polku/runs/nothing/report.html',
          '.polku/runs/../../client.yaml',
          'data\u0000.html',
          '.polku/artifacts/x.html',
        ],
      ])
        expect([404, 422], path).toContain((await by(path)).status)
    })
  })
})
