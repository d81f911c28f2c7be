// Slow: runs again on PostgreSQL.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { whenRun } from '../../../fixtures/service.ts'
import { fill } from './served-run.ts'

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
  })
  afterAll(async () => {
    await server.end()
    await database.end()
  })

  const get = (url: string) => server.ask('GET', url)
  const post = (url: string, body: object = {}, headers = {}) => server.ask('POST', url, { body, headers })
  const of = (path: string) => `/api/clients/first${path}`

  describe('clients', () => {
    test('are listed with the state of their flows, page by page, and only those that one may see', async () => {
      const page = await get('/api/clients?limit=1')
      expect(page.body.next).toBe('first')
      expect(page.body.items[0]).toMatchObject({ name: 'first', activeRuns: 0, paused: false })
      const two = page.body.items[0].flows.find(({ flow }: { flow: string }) => flow === 'two')
      expect(two).toMatchObject({ own: true, sound: true, lastRun: { id: run, state: 'done' } })
      const second = await get('/api/clients?limit=1&cursor=first')
      expect(second.body).toMatchObject({ items: [{ name: 'second' }], next: null })
      const { token } = await server.person('analyst', ['second'])
      const visible = await server.ask('GET', '/api/clients', { token })
      expect(visible.body.items.map(({ name }: { name: string }) => name)).toEqual(['second'])
    })

    test('are made whole, once, with a flow that checks', async () => {
      const created = await post('/api/clients', { name: 'kolmas', title: 'Kolmas Oy: "uusi"', currency: 'SEK' })
      expect(created).toMatchObject({ status: 201, body: { title: 'Kolmas Oy: "uusi"', currency: 'SEK' } })
      expect(existsSync(join(server.folder, 'kolmas', 'data', 'orders.csv'))).toBe(true)
      const check = await post('/api/clients/kolmas/flows/first/check')
      expect(check.body).toEqual({ valid: true, problems: [] })
      const again = await post('/api/clients', { name: 'kolmas' })
      expect(again).toMatchObject({ status: 409, body: { code: 'ALREADY_EXISTS' } })
      const { token } = await server.person('administrator', ['first'])
      const limited = await server.ask('POST', '/api/clients', { token, body: { name: 'oma' } })
      expect(limited.body.code).toBe('ADMINISTRATOR_LIMITED')
    })

    test('are changed in their file, whose comments stay', async () => {
      const file = join(server.folder, 'second', 'client.yaml')
      writeFileSync(file, `# Kept\n${readFileSync(file, 'utf8')}`)
      const patch = (body: object) => server.ask('PATCH', '/api/clients/second', { body })
      const changed = await patch({ title: 'Toinen', runs: { atOnce: 3, priority: 2 } })
      expect(changed.body).toMatchObject({ title: 'Toinen', runs: { atOnce: 3, priority: 2 } })
      expect((await patch({ runs: { priority: null } })).body.runs).toEqual({ atOnce: 3 })
      expect((await patch({ timezone: 'Europe/Nowhere' })).body.code).toBe('SCHEDULE_ZONE')
      expect(readFileSync(file, 'utf8')).toContain('# Kept')
    })
  })

  describe('flows', () => {
    test('are shown with source, parameters and graph', async () => {
      const { body } = await get(of('/flows/two'))
      expect(body).toMatchObject({
        flow: 'two',
        params: { add: { type: 'number', default: 1 } },
        steps: [
          { name: 's0', uses: 'import/csv', from: [] },
          { name: 's1', uses: 'enrich/light', from: [{ input: null, step: 's0', output: null }] },
        ],
        problems: [],
      })
      expect(body.source).toContain('flow: two')
      expect((await get(of('/flows/nowhere'))).status).toBe(404)
    })

    test('are checked whole, in another process, without a change', async () => {
      const source = (await get(of('/flows/two'))).body.source
      const wrong = source.replace('enrich/light', 'enrich/lihgt')
      const { body } = await post(of('/flows/two/check'), { source: wrong })
      expect(body).toMatchObject({ valid: false, problems: [{ code: 'NODE_UNKNOWN', step: 's1' }] })
      const yaml = await post(of('/flows/two/check'), { source: 'flow: [' })
      expect(yaml.body).toMatchObject({ valid: false, problems: [{ code: 'FLOW_NOT_YAML' }] })
      expect((await get(of('/flows/two'))).body.source).toBe(source)
    })

    test('are put back once they check, with the text before kept and nobody overtaken', async () => {
      const before = (await get(of('/flows/endless'))).body
      const put = (source: string, basedOn?: string | null) =>
        server.ask('PUT', of('/flows/endless'), { body: { source, basedOn } })
      const wrong = await put(before.source.replace('s0: {', 's0: { nonsense: 1, '))
      expect(wrong).toMatchObject({ status: 422, body: { code: 'FLOW_UNKNOWN_KEY' } })
      const other = await put(before.source.replace('flow: endless', 'flow: other'))
      expect(other.body.code).toBe('FLOW_NAME')
      const next = `# Changed\n${before.source}`
      const saved = await put(next, before.version)
      expect(saved, saved.text).toMatchObject({ status: 200, body: { source: next } })
      expect(await put(`${next}# Late\n`, before.version)).toMatchObject({
        status: 409,
        body: { code: 'FLOW_CHANGED' },
      })
      const stored = await get(of(`/flows/endless?version=${before.version}`))
      expect(stored.body.source).toBe(before.source)
      const unknown = await get(of('/flows/endless?version=0123456789abcdef'))
      expect(unknown).toMatchObject({ status: 404, body: { code: 'FLOW_VERSION_UNKNOWN' } })
    })
  })

  describe('nodes', () => {
    test('are Polku’s and the client’s own, with the schema of their settings', async () => {
      const rfm = await get(of('/nodes/segment/rfm'))
      expect(rfm.body).toMatchObject({ own: false, settings: { type: 'object' }, problem: null })
      const light = await get(of('/nodes/enrich/light'))
      expect(light.body).toMatchObject({ own: true, title: 'Light', settings: { properties: { add: { default: 1 } } } })
      const names = (await get(of('/nodes?limit=200'))).body.items.map(({ name }: { name: string }) => name)
      expect(names).toContain('enrich/light')
      expect(names).toEqual([...names].sort())
      const page = await get(of('/nodes?limit=3'))
      const rest = await get(of(`/nodes?limit=200&cursor=${page.body.next}`))
      expect([...page.body.items, ...rest.body.items].map(({ name }) => name)).toEqual(names)
      expect((await get(of('/nodes/segment/nothing'))).body.code).toBe('NODE_UNKNOWN')
    })
  })

  describe('what runs by itself', () => {
    test('is listed, paused, resumed and backfilled', async () => {
      const flow = readFileSync(join(server.folder, 'first', 'flows', 'two.yaml'), 'utf8')
      const scheduled = flow
        .replace('flow: two', 'flow: nightly')
        .replace(
          'params:',
          'schedule: { cron: "0 6 * * *", timezone: Europe/Helsinki }\ntriggers: [{ dataset: contacts }]\nparams:',
        )
      const saved = await server.ask('PUT', of('/flows/nightly'), { body: { source: scheduled, basedOn: null } })
      expect(saved.status, saved.text).toBe(200)
      await server.service.scheduler.tick()
      const list = await get(of('/schedules'))
      expect(list.body.items, list.text).toMatchObject([
        { flow: 'nightly', schedule: { cron: '0 6 * * *' }, triggers: 1 },
      ])
      expect((await get(of('/schedules/nightly/next?limit=3'))).body.items).toHaveLength(3)
      expect((await get(of('/flows/nightly'))).body.next).toHaveLength(10)
      expect((await get(of('/triggers'))).body.items).toMatchObject([
        { flow: 'nightly', kind: 'dataset', of: 'contacts' },
      ])
      expect((await post(of('/schedules/nightly/pause'))).body).toEqual({ paused: true, changed: true })
      expect((await post(of('/schedules/nightly/pause'))).body).toEqual({ paused: true, changed: false })
      expect((await get(of('/schedules'))).body.items[0]).toMatchObject({ paused: true, pausedBy: 'administrator' })
      expect((await post(of('/pause'))).body.changed).toBe(true)
      expect((await post(of('/schedules/nightly/resume'))).body).toEqual({ paused: true, changed: true })
      expect((await post(of('/resume'))).body).toEqual({ paused: false, changed: true })
      expect((await post(of('/schedules/nowhere/pause'))).status).toBe(404)

      const backfill = (body: object) => post(of('/flows/nightly/backfills'), body)
      expect((await backfill({ from: '2026-02-01', to: '2026-01-01' })).body.code).toBe('BACKFILL_RANGE')
      const begun = await backfill({ from: '2026-01-01', to: '2026-01-02' })
      expect(begun.body, begun.text).toMatchObject({ dates: ['2026-01-01', '2026-01-02'], atOnce: 1, state: 'running' })
      expect((await get(of('/backfills'))).body.items[0].id).toBe(begun.body.id)
      expect((await post(of(`/backfills/${begun.body.id}/cancel`))).status).toBe(204)
      expect((await post(of(`/backfills/${begun.body.id}/cancel`))).status).toBe(404)
    })
  })
})
