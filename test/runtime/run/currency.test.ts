import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { open } from '../../../runtime/notebook/api/open.ts'
import type { RunRecord } from '../../../runtime/run/record.ts'
import { withWorkspace } from '../../workspace.ts'
import { runFlow, stepOf, writeFlow } from '../engine.ts'

const flow = `flow: spend
steps:
  orders: { uses: import/csv, with: { path: data/orders.csv } }
  classes: { uses: segment/rfm, from: orders, with: { classes: 3 } }
`

const client = (root: string, currency: string): void =>
  writeFileSync(join(root, 'client.yaml'), `client: x\ntitle: X\ncurrency: ${currency}\n`)

const spendOf = (record: RunRecord) =>
  stepOf(record, 'classes').findings.find((finding) => finding.kind === 'metric' && finding.name === 'mean_monetary')

test('amounts are told in the currency of the client: in the record, the report and a notebook', () =>
  withWorkspace(async (root) => {
    writeFlow(root, flow, 'spend')
    client(root, 'SEK')
    const record = await runFlow(root, { flow: 'spend', nodes: [] })
    expect(spendOf(record)).toMatchObject({ unit: 'money', currency: 'SEK' })
    const report = readFileSync(join(root, record.report ?? ''), 'utf8').replaceAll('\u00a0', ' ')
    expect(report).toMatch(/Mean spend<\/dt>\s*(<dd class="over">.*<\/dd>\s*)?<dd class="value">[\d.\u202f]+ kr</)
    expect(report).not.toContain('€')
    const notebook = await open(root, { asOf: '2026-10-01' })
    try {
      const orders = await notebook.import.csv({}, { path: 'data/orders.csv' })
      const { findings } = await notebook.segment.rfm({ orders }, { classes: 3 })
      const [metric] = findings.all.filter(({ kind }) => kind === 'metric').slice(-1)
      expect(metric).toMatchObject({ label: 'Mean spend', currency: 'SEK' })
    } finally {
      await notebook.close()
    }
  }))

test('a client whose currency changes does not see amounts in the one before', () =>
  withWorkspace(async (root) => {
    writeFlow(root, flow, 'spend')
    client(root, 'EUR')
    await runFlow(root, { flow: 'spend', nodes: [] })
    client(root, 'SEK')
    const record = await runFlow(root, { flow: 'spend', nodes: [] })
    expect(spendOf(record)).toMatchObject({ currency: 'SEK' })
    expect(stepOf(record, 'classes').why).toBe('done: the currency changed from EUR to SEK')
  }))
