// Slow: runs the ready notebooks on thousands of customers, for minutes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMarket, outcomesCsv } from '../../examples/sahkoyhtio/generator/market.ts'
import { open } from '../../runtime/notebook/api/open.ts'
import { openEngine } from '../../runtime/notebook/step/provider.ts'
import { silent } from '../../runtime/run/progress.ts'
import { exampleClient, metricsOf, type Place } from './running.ts'

describe('the notebooks on the example client', () => {
  let trial: Place
  let personal: string[]
  beforeAll(() => {
    trial = exampleClient(4000)
    const [, ...rows] = readFileSync(join(trial.root, 'data', 'customers.csv'), 'latin1')
      .trimEnd()
      .split('\r\n')
    // E-mail addresses and streets: what no report may show.
    personal = rows
      .flatMap((row) => [row.split(';')[3] ?? '', row.split(';')[5] ?? ''])
      .filter((text) => text.length > 8)
  })
  afterAll(() => trial.close())

  const expectNobody = (report: string) => {
    expect(personal.length).toBeGreaterThan(4000)
    expect(personal.filter((text) => report.includes(text))).toEqual([])
    expect(Buffer.byteLength(report)).toBeLessThan(1_000_000)
  }

  test('explore-customers tells who brings most', async () => {
    const { notebook, report } = await trial.run('explore-customers')
    const metrics = metricsOf(notebook)
    expect(metrics.score).toBeGreaterThan(90)
    expect(metrics.segments).toBeGreaterThanOrEqual(2)
    expect(report).toMatch(/The best fifth of the customers bring <strong>\d\d\.\d %<\/strong> of the sales/)
    expectNobody(report)
  })

  test('train-churn learns who leaves, and stores the model', async () => {
    const { notebook, report } = await trial.run('train-churn')
    expect(metricsOf(notebook).auc).toBeGreaterThan(0.75)
    expect(existsSync(join(trial.root, 'models', 'churn', '1'))).toBe(true)
    expectNobody(report)
  })

  test('train-propensity says how far down the list it pays', async () => {
    const { notebook, report } = await trial.run('train-propensity')
    const { auc = 0, positives } = metricsOf(notebook)
    expect(auc).toBeGreaterThan(0.5)
    expect(positives).toBeGreaterThan(20)
    expect(report).toMatch(/It pays to contact about|no list pays/)
    expectNobody(report)
  })

  test('campaign-review tells who was chosen and why not, before and after it is measured', async () => {
    const flow = async (name: string, asOf: string) => {
      const engine = await openEngine(trial.root)
      const request = { flow: join(trial.root, 'flows', `${name}.yaml`), params: {}, asOf }
      const run = { progress: silent, signal: new AbortController().signal, now: Date.now }
      const record = await engine.run(request, run)
      await engine.close()
      expect(record.problem).toBeUndefined()
    }
    await flow('save-at-risk', '2026-10-01')
    const before = await trial.run('campaign-review', { measureRun: '' }, { checkTypes: false }) // the second run checks them
    expect(before.report).toContain('It has not been measured yet')
    expectNobody(before.report)

    const workspace = await open(trial.root, { asOf: '2026-10-01' })
    const contacts = await (await workspace.run('save-at-risk')).table('contacts_out')
    const treated = await contacts.sql`select customer_id from this where campaign_group = 'treated' order by 1`
    const ids = (await treated.toRows()).map((row) => String(row.customer_id))
    await workspace.close()
    const options = JSON.parse(readFileSync(join(trial.root, 'data', 'generated.json'), 'utf8')) // the generator wrote it
    writeFileSync(join(trial.root, 'data', 'outcomes.csv'), outcomesCsv(openMarket(options).outcomes(ids)))
    await flow('measure-save-at-risk', '2026-12-30')
    const after = await trial.run('campaign-review')
    expect(metricsOf(after.notebook).treated).toBe(ids.length)
    expect(after.notebook.metadata.polku).toMatchObject({
      tables: expect.arrayContaining([
        { name: expect.stringMatching(/^run \S+-save-at-risk-\S+ target\.target$/), hash: expect.any(String) },
      ]),
    })
    expect(after.report).toMatch(/percentage points<\/strong> more stayed \(95 % interval/)
    expectNobody(after.report)
  })
})
