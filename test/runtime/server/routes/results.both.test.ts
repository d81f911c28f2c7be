// Slow: runs again on PostgreSQL.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ModelRegistry } from '../../../../runtime/model/registry.ts'
import type { TestApp } from '../../../fixtures/app.ts'
import { databases } from '../../../fixtures/databases.ts'
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
  const of = (path: string) => `/api/clients/first${path}`

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
