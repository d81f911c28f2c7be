// Slow: runs again on PostgreSQL.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dateAt } from '../../../../runtime/data/zone.ts'
import type { TestApp } from '../../../fixtures/app.ts'
import { databases } from '../../../fixtures/databases.ts'
import { runRequest, whenRun } from '../../../fixtures/service.ts'
import { type ServedRun, serveRun } from './served-run.ts'

describe.each(databases)('on $name', ({ open }) => {
  let served: ServedRun
  let server: TestApp
  let run = ''
  beforeAll(async () => {
    served = await serveRun(open)
    server = served.server
    run = served.run
  })
  afterAll(() => served.end())

  const get = (url: string) => server.ask('GET', url)
  const post = (url: string, body: object = {}, headers = {}) => server.ask('POST', url, { body, headers })
  const of = (path: string) => `/api/clients/first${path}`

  describe('runs', () => {
    test('are listed the newest first, by filters, and no page repeats or leaves out one', async () => {
      const runs: string[] = []
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
        runs.unshift(each.id)
      }
      // Two of the same microsecond are told apart by their ids.
      await server.service.database.query(
        `update polku.run set requested_at = '2026-01-01T00:00:00.123456Z' where client = 'second' and id = any($1)`,
        [runs.slice(0, 4)],
      )
      const names: string[] = []
      let next: string | null = ''
      do {
        const page = await get(`/api/clients/second/runs?limit=3${next ? `&cursor=${next}` : ''}`)
        names.push(...page.body.items.map(({ id }: { id: string }) => id))
        next = page.body.next
      } while (next)
      expect(names).toEqual([...runs.slice(4), ...runs.slice(0, 4)])
      const ids = async (query: string) =>
        (await get(`/api/clients/second/runs?${query}`)).body.items.map(({ id }: { id: string }) => id)
      expect(await ids('to=2026-01-02')).toEqual(runs.slice(0, 4))
      expect(await ids('from=2026-01-02T00:00Z')).toEqual(runs.slice(4))
      expect(await ids('state=done&state=failed')).toEqual([])
      expect(await ids('flow=two')).toEqual([])
      expect(await ids(`parent=${run}`)).toEqual([])
      const all = await get('/api/runs?limit=200&state=done')
      expect(all.body.items.map(({ id }: { id: string }) => id)).toContain(run)
      const { token } = await server.person('operator', ['second'])
      const visible = await server.ask('GET', '/api/runs?limit=200', { token })
      expect(new Set(visible.body.items.map(({ client }: { client: string }) => client))).toEqual(new Set(['second']))
      for (const id of runs) await server.service.queue.cancel('second', id)
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

    test('that have not ended or not begun say so, and so does a record or a table that cannot be read', async () => {
      const status = async (asking: ReturnType<typeof post>) => {
        const { status: number, body } = await asking
        return `${number} ${body.code}`
      }
      const folder = join(server.folder, 'first', '.polku', 'runs')
      await server.service.database.query(
        `insert into polku.run (client, id, flow, state, trigger, params, as_of)
         values ('first', 'unbegun', 'two', 'waiting', '{"kind": "request", "by": "test"}', '{}', '2026-01-01')`,
      )
      try {
        expect(await status(post(of('/runs/unbegun/retry'), { from: 's1' }))).toBe('409 RUN_UNFINISHED')
        expect(await status(get(of('/runs/unbegun/steps')))).toBe('404 RUN_NOT_BEGUN')
      } finally {
        await server.service.database.query(`delete from polku.run where client = 'first' and id = 'unbegun'`)
      }
      mkdirSync(join(folder, 'odd'))
      writeFileSync(join(folder, 'odd', 'run.json'), '{ "run": "odd" }')
      expect(await status(get(of('/runs/odd/steps')))).toBe('500 RUN_RECORD_INVALID')
      mkdirSync(join(folder, 'cleaned'))
      const record = readFileSync(join(folder, run, 'run.json'), 'utf8')
      writeFileSync(
        join(folder, 'cleaned', 'run.json'),
        record.replaceAll('.polku/artifacts/', '.polku/artifacts/gone-'),
      )
      expect(await status(get(of('/runs/cleaned/steps/s1/outputs/rows/rows')))).toBe('404 TABLE_GONE')
      expect(await status(get('/api/nothing'))).toBe('404 ROUTE_UNKNOWN')
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
})
