import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { writeFlow } from '../engine.ts'
import { type Answer, polku } from './polku.ts'
import { polkuHere } from './polku-here.ts'

// One client from training to a lapsed approval, as a person at the command line goes through it.

const customers = Array.from({ length: 120 }, (_, row) => {
  const visits = (row * 37) % 50
  return `${row + 1},${visits},${(visits + ((row * 13) % 29)) / 2 > 25 ? 'yes' : 'no'}`
})
const csv = `customer_id,visits,target\n${customers.join('\n')}\n`

const training = stringify({
  flow: 'training',
  steps: {
    customers: { uses: 'import/csv', with: { path: 'data/cases.csv' } },
    other: { uses: 'import/csv', with: { path: 'data/orders.csv' } },
    churn: { uses: 'predict/train', from: 'customers', with: { name: 'churn', folds: 2, intendedUse: 'Whom to call' } },
  },
})
const scoring = stringify({
  flow: 'scoring',
  steps: {
    customers: { uses: 'import/csv', with: { path: 'data/cases.csv' } },
    risk: { uses: 'model/churn@approved', from: 'customers' },
  },
})

const root = mkdtempSync(join(tmpdir(), 'polku-approve-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const ask = (...words: string[]): Promise<Answer> => polkuHere(root, ...words)
const reportOf = ({ out }: Answer): string => /Report: (.*)\n/.exec(out)?.[1] ?? ''
let report = ''
const approve = (): Promise<Answer> => ask('approve', 'model', 'churn@1', '--report', report, '--by', 'Aino Esimerkki')

beforeAll(async () => {
  cpSync(join(import.meta.dirname, '../../fixtures/workspace'), root, { recursive: true })
  writeFlow(root, training, 'training')
  writeFlow(root, scoring, 'scoring')
  writeFileSync(join(root, 'data/cases.csv'), csv)
  report = reportOf(await ask('run', 'training'))
})

describe('a model', () => {
  test('is refused as approved before anybody has, with the command that helps', async () => {
    const refused = await ask('run', 'scoring')
    expect(refused.code).toBe(1)
    expect(refused.error).toMatch(/^MODEL_NOT_APPROVED/)
    expect(refused.error).toContain('polku approve model churn@VERSION --report FILE --by NAME')
    expect((await ask('models')).out).toMatch(/^churn@1 {2}draft {2}logistic, predicts target = yes {2}auc 0\.\d+/)
  })

  test('is not approved on a report of something else, or on none', async () => {
    writeFileSync(join(root, 'other.html'), '<!doctype html>')
    for (const [file, code] of [
      ['other.html', 'REPORT_UNRELATED'],
      ['none.html', 'FILE_NOT_FOUND'],
      ['data', 'FILE_UNREADABLE'],
    ]) {
      const answer = await ask('approve', 'model', 'churn@1', '--report', file ?? '', '--by', 'Aino Esimerkki')
      expect(answer).toMatchObject({ code: 1, out: '' })
      expect(answer.error).toMatch(new RegExp(`^${code}`))
    }
  })

  test('is approved on the report of its run, and then used', async () => {
    const words = ['--report', report, '--by', 'Aino Esimerkki', '--note', 'AUC is enough for calls']
    const answer = await polku(root, 'approve', 'model', 'churn@1', ...words)
    expect(answer).toEqual({
      code: 0,
      error: '',
      out: 'churn@1 is approved by Aino Esimerkki. Flows that use model/churn@approved now use it.\n',
    })
    const listed = await polku(root, 'models')
    expect(listed.out).toMatch(/^churn@1 {2}approved/)
    expect(listed.out).toContain(`, report ${report}: AUC is enough for calls`)
    expect((await ask('run', 'scoring')).code).toBe(0)
    const [row] = JSON.parse((await ask('models', '--json')).out)
    expect(row).toMatchObject({
      name: 'churn',
      version: 1,
      stage: 'approved',
      intendedUse: 'Whom to call',
      metrics: { auc: expect.any(Number) },
      approvals: [{ by: 'Aino Esimerkki', note: 'AUC is enough for calls', report, holds: true, lapsed: [] }],
    })
  })

  test('stays approved when a file changes that it was not learnt from', async () => {
    appendFileSync(join(root, 'data/orders.csv'), '99,2026-01-01,1\n')
    expect((await ask('run', 'scoring')).code).toBe(0)
  })

  test('is refused again when the data it was learnt from change, also where all is stored already', async () => {
    writeFileSync(join(root, 'data/cases.csv'), csv.replace('1,0,', '1,1,'))
    const refused = await ask('run', 'scoring')
    expect(refused.code).toBe(1)
    expect(refused.error).toMatch(/^MODEL_APPROVAL_LAPSED/)
    expect(refused.error).toContain('the data data/cases.csv changed')
    const listed = await ask('models')
    expect(listed.out).toMatch(/^churn@1 {2}lapsed/)
    expect(listed.out).toContain('    lapsed: the data data/cases.csv changed\n')
    const again = await approve()
    expect(again.code).toBe(1)
    expect(again.error).toMatch(/^EVIDENCE_CHANGED/)
  })

  test('is approved once more when they are back', async () => {
    writeFileSync(join(root, 'data/cases.csv'), csv)
    expect((await ask('run', 'scoring')).code).toBe(0)
    appendFileSync(join(root, report), '\n')
    expect((await ask('run', 'scoring')).error).toContain(`the report ${report} changed`)
    expect((await approve()).code).toBe(0)
    expect((await ask('run', 'scoring')).code).toBe(0)
  })
})
