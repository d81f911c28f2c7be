import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readChunks } from '../../../nodes/import/csv/bytes.ts'
import { requireAll } from '../../../nodes/import/csv/read.ts'
import type { Row } from '../../../nodes/node.ts'
import { Database } from '../../../runtime/data/database.ts'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { silent } from '../../../runtime/run/progress.ts'
import type { RunRecord } from '../../../runtime/run/record.ts'
import { withWorkspace } from '../../workspace.ts'

const shared = join(projectRoot, '..', 'shared', 'data')

/** Imports a file and asks one row about its `rows`, given as `t`; and the run. */
async function imported(file: string, settings: object, question: string): Promise<{ row: Row; record: RunRecord }> {
  return withWorkspace(async (root) => {
    mkdirSync(join(root, 'data'), { recursive: true })
    const name = basename(file)
    copyFileSync(file, join(root, 'data', name))
    const flow = { flow: 'total', steps: { t: { uses: 'import/csv', with: { path: `data/${name}`, ...settings } } } }
    writeFileSync(join(root, 'flows', 'total.yaml'), stringify(flow))
    const client = await openEngine(root)
    try {
      const record = await client.run(
        { flow: 'total', params: {}, asOf: '2026-10-01' },
        { progress: silent, signal: new AbortController().signal, now: Date.now },
      )
      const [output] = record.steps[0]?.outputs ?? []
      if (!output) return { row: {}, record }
      const database = await Database.open({ folder: root, temporary: join(root, '.polku', 'tmp', 'asking') })
      try {
        await database.viewParquet('t', join(root, output.path))
        const [row = {}] = await database.rows({ strings: [question], values: [] })
        return { row, record }
      } finally {
        database.close()
      }
    } finally {
      await client.close()
    }
  })
}

// The known totals of the shared data's README: file, settings, question, answer.
const totals: [string, object, string, Row][] = [
  [
    'telco-churn/Telco-Customer-Churn.csv',
    { types: { Churn: 'text' } },
    `select count(*) as n, count(*) filter (where "Churn" = 'Yes') as churned, count(*) - count("TotalCharges") as blank, typeof(any_value("TotalCharges")) as type from t`,
    { n: 7043, churned: 1869, blank: 11, type: 'DOUBLE' },
  ],
  [
    'bank-marketing/bank-full.csv',
    { types: { y: 'text' } },
    `select count(*) as n, count(*) filter (where y = 'yes') as yes, sum(duration) > 0 as numbers from t`,
    { n: 45_211, yes: 5289, numbers: true },
  ],
  [
    'cdnow/CDNOW_master.txt',
    {
      delimiter: 'whitespace',
      header: false,
      skip: 1,
      columns: { id: 'text', day: 'date', cds: 'integer', dollars: 'decimal' },
      dateFormat: '%Y%m%d',
    },
    'select count(*) as n, count(distinct id) as customers, cast(sum(dollars) as decimal(18, 2)) as dollars, count(*) - (select count(*) from (select distinct * from t)) as repeated from t',
    { n: 69_659, customers: 23_570, dollars: 2_500_315.63, repeated: 255 },
  ],
  [
    'cdnow/CDNOW_sample.txt',
    {
      delimiter: 'whitespace',
      header: false,
      columns: { master: 'text', id: 'text', day: 'date', cds: 'integer', dollars: 'decimal' },
      dateFormat: '%Y%m%d',
    },
    'select count(*) as n, count(distinct id) as customers from t',
    { n: 6919, customers: 2357 },
  ],
  [
    'online-retail/online_retail.csv.gz',
    { types: { InvoiceNo: 'text', CustomerID: 'text' } },
    `select count(*) as n, count(*) - count("CustomerID") as nobody, count(*) filter (where "InvoiceNo" like 'C%') as cancelled,
      count(*) - (select count(*) from (select distinct * from t)) as repeated,
      count(*) filter (where clean) as sales, round(sum("Quantity" * "UnitPrice") filter (where clean), 3) as euros
      from (select *, "CustomerID" is not null and "InvoiceNo" not like 'C%' and "Quantity" > 0 and "UnitPrice" > 0 as clean from t)`,
    { n: 541_909, nobody: 135_080, cancelled: 9288, repeated: 5268, sales: 397_884, euros: 8_911_407.904 },
  ],
  ['complete-journey/campaigns.csv', {}, 'select count(*) as n from t', { n: 6589 }],
  ['complete-journey/campaign_descriptions.csv', {}, 'select count(*) as n from t', { n: 27 }],
  ['complete-journey/coupon_redemptions.csv', {}, 'select count(*) as n from t', { n: 2102 }],
  ['complete-journey/demographics.csv', {}, 'select count(*) as n from t', { n: 801 }],
  [
    'complete-journey/transactions_sample.csv',
    {},
    'select count(*) as n, round(sum(sales_value), 2) as sales from t',
    { n: 75_000, sales: 233_935.24 },
  ],
  ['complete-journey/products.csv', {}, 'select count(*) as n from t', { n: 92_331 }],
  [
    'er-febrl/dataset1.csv',
    {},
    `select count(*) as n, count(*) filter (where given_name like ' %') as blanks from t`,
    { n: 1000, blanks: 0 },
  ],
  ['er-febrl/dataset4b.csv', {}, 'select count(*) as n from t', { n: 5000 }],
  [
    'fi-postal/postcodes.csv',
    {},
    `select count(*) as n, count(*) filter (where type_code = 1) as normal, count(*) filter (where type_code = 2) as boxes,
      count(distinct municipal_code) as municipalities, min(length(postcode)) as digits from t`,
    { n: 3779, normal: 3018, boxes: 589, municipalities: 308, digits: 5 },
  ],
  [
    'fi-paavo/paavo_master.csv',
    {},
    `select count(*) as n, sum("Asukkaat yhteensä (HE)") as people, min(length("Postinumero")) as digits from t`,
    { n: 3018, people: 5_557_765, digits: 5 },
  ],
  [
    'fi-paavo/paavo_latin1_semicolon.csv',
    {},
    `select count(*) as n, sum("Asukkaat yhteensä (HE)") as people, min(length("Postinumero")) as digits from t`,
    { n: 3018, people: 5_557_765, digits: 5 },
  ],
]

describe.skipIf(!existsSync(shared))('known totals of real files', () => {
  test.each(totals)('%s', async (file, settings, question, answer) => {
    const { row, record } = await imported(join(shared, file), settings, question)
    expect(record.problem).toBeUndefined()
    expect(row).toEqual(answer)
    expect(record.steps[0]?.outputs[1]?.rows, 'rejected').toBe(0)
  })
})
if (!existsSync(shared)) console.log(`The real files of ${shared} are not here: their known totals are not checked.`)

describe('what must not happen is told', () => {
  const fail = (name: string, values: Record<string, string | number> = {}): never => {
    throw new Error(`import/csv:${name} ${JSON.stringify(values)}`)
  }

  test('ten megabytes without a line end', async () => {
    await withWorkspace(async (root) => {
      const file = join(root, 'long.csv')
      writeFileSync(file, 'x'.repeat(10_000_000))
      const wrong = await imported(file, {}, 'select 1').catch((error: Error) => error)
      expect(String(wrong)).toContain('begins with a line of more than')
      expect('errors' in Object(wrong) && Object(wrong).errors[0].values.code).toBe('import/csv:lineTooLong')
    })
  })

  test('a long line among others is set apart', async () => {
    await withWorkspace(async (root) => {
      const file = join(root, 'long.csv')
      writeFileSync(file, `id,name\n1,a\n2,${'x'.repeat(10_000_000)}\n3,c\n`)
      const { row, record } = await imported(
        file,
        { columns: { id: 'integer', name: 'text' } },
        'select count(*) as n from t',
      )
      expect(record.problem).toBeUndefined()
      expect(Number(row.n) + (record.steps[0]?.outputs[1]?.rows ?? 0)).toBe(3)
      expect(row.n).toBeGreaterThanOrEqual(2)
    })
  })

  test('records that are neither a row nor rejected', () => {
    expect(() => requireAll({ records: 3, rows: 2, rejected: 1 }, 'x.csv', fail)).not.toThrow()
    expect(() => requireAll({ records: 4, rows: 2, rejected: 1 }, 'x.csv', fail)).toThrow('import/csv:miscounted')
  })

  test('a file that cannot be read', async () => {
    const reading = async () => {
      for await (const _ of readChunks('/nowhere/x.csv', 'none', fail)) expect.fail('it was read')
    }
    await expect(reading()).rejects.toThrow('import/csv:unreadable')
  })
})
