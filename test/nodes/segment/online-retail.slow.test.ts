// Slow: needs the public data in ../shared/data.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import { sharedData } from '../../fixtures/parts.ts'
import { openBench, type Tried } from '../one-node.ts'

// The sales of the UCI's Online Retail, as ../shared/data/README.md takes them: of known customers, not cancelled,
// with a positive quantity and price. Its figures, and those below it, were computed with pandas.
const source = join(sharedData, 'online-retail/online_retail.csv.gz')
const there = existsSync(source)
if (!there) console.info(`Online Retail is not tried: there is no ${source}.`)

describe.skipIf(!there)('Online Retail', () => {
  const bench = openBench()
  afterAll(() => bench.close())
  const file = join(bench.root, 'data', 'online_retail.csv.gz')
  const stored = (tried: Tried) =>
    sql`select * from read_parquet(${join(bench.root, tried.step.outputs[0]?.path ?? '')})`

  let sales: Tried
  let rfm: Tried
  beforeAll(async () => {
    mkdirSync(join(bench.root, 'data'))
    copyFileSync(source, file)
    sales = await bench.run('enrich/derive', {
      inputs: { table: sql`select * from read_csv(${file}, types = {'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR'})` },
      with: {
        columns: { value: 'Quantity * UnitPrice' },
        where: "not starts_with(InvoiceNo, 'C') and CustomerID is not null and Quantity > 0 and UnitPrice > 0",
        drop: ['Description'],
      },
    })
    rfm = await bench.run('segment/rfm', {
      inputs: { orders: stored(sales) },
      with: { customer: 'CustomerID', date: 'InvoiceDate', order: 'InvoiceNo', amount: 'value' },
      asOf: '2011-12-10',
    })
  })

  test('has the clean sales it is known for', () => {
    expect(sales.record.problem).toBeUndefined()
    expect(sales.metric('rows_in').value).toBe(541_909)
    expect(sales.metric('rows_out').value).toBe(397_884)
  })

  test('has the recency, frequency and spend it is known for', async () => {
    expect(rfm.record.problem).toBeUndefined()
    expect(rfm.metric('customers').value).toBe(4338)
    expect(rfm.metric('mean_recency').value).toBeCloseTo(93.0594744, 7)
    expect(rfm.metric('mean_frequency').value).toBeCloseTo(4.2720148, 7)
    expect(rfm.metric('mean_monetary').value).toBeCloseTo(2054.2664601, 6)
    const rows = await rfm.rows('customers')
    expect(rows.reduce((sum, row) => sum + Number(row.monetary), 0)).toBeCloseTo(8_911_407.904, 3)
  })

  test('has classes that never part equal customers and hold a fifth each where they can', async () => {
    const rows = await rfm.rows('customers')
    for (const [value, score] of [
      ['recency', 'r'],
      ['frequency', 'f'],
      ['monetary', 'm'],
    ] as const) {
      const classes = new Map<unknown, Set<unknown>>()
      for (const row of rows) classes.set(row[value], (classes.get(row[value]) ?? new Set()).add(row[score]))
      expect([...classes.values()].filter((labels) => labels.size > 1)).toEqual([])
    }
    const sizes = [1, 2, 3, 4, 5].map((score) => rows.filter((row) => row.m === score).length)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2)
  })

  test('has best customers who bring 74.6 % of sales', async () => {
    const classes = await bench.run('segment/value-classes', { inputs: { customers: stored(rfm) }, with: {} })
    expect(classes.record.problem).toBeUndefined()
    // 867 customers bring 0.7459403 and 868 bring 0.7461714; a fifth of 4,338 is 867.6.
    expect(classes.metric('top_share').value).toBeCloseTo(0.7459403 + 0.6 * (0.7461714 - 0.7459403), 6)
    expect(classes.metric('without_value').value).toBe(0)
    const rows = await classes.rows('customers')
    const total = rows.reduce((sum, row) => sum + Number(row.monetary), 0)
    const best = rows.filter((row) => row.value_class === 'A')
    const value = best.reduce((sum, row) => sum + Number(row.monetary), 0)
    const least = Math.min(...best.map((row) => Number(row.monetary)))
    expect(value / total).toBeGreaterThanOrEqual(0.8)
    expect((value - least) / total).toBeLessThan(0.8)
    expect(classes.metric('first_class_value').value).toBeCloseTo(value / total, 9)
  })

  test('has features that agree with its RFM', async () => {
    const features = await bench.run('enrich/customer-features', {
      inputs: { orders: stored(sales) },
      with: {
        customer: 'CustomerID',
        date: 'InvoiceDate',
        order: 'InvoiceNo',
        amount: 'value',
        category: 'Country',
        categories: ['Finland'],
      },
      asOf: '2011-12-10',
    })
    expect(features.record.problem).toBeUndefined()
    const pick = (names: readonly string[]) => (row: Record<string, unknown>) => names.map((name) => row[name])
    const computed = (await features.rows('features')).map(
      pick(['customer_id', 'recency_days', 'frequency', 'monetary']),
    )
    expect(computed).toEqual(
      (await rfm.rows('customers')).map(pick(['customer_id', 'recency', 'frequency', 'monetary'])),
    )
    // Sum of value where Country is Finland, in pandas: 22546.08.
    const finnish = (await features.rows('features')).reduce((sum, row) => sum + Number(row.spend_finland), 0)
    expect(finnish).toBeCloseTo(22_546.08, 2)
  })
})
