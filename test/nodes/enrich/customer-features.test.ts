import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { compose, summed } from '../../../nodes/enrich/customer-features/query.ts'
import type { Inputs, Settings } from '../../../nodes/enrich/customer-features/settings.ts'
import { join as joinSql, sql } from '../../../nodes/lib/sql.ts'
import type { Row, Sql } from '../../../nodes/node.ts'
import { Database } from '../../../runtime/data/database.ts'
import { isDate } from '../../../runtime/data/dates.ts'

const folder = mkdtempSync(join(tmpdir(), 'polku-features-'))
const database = await Database.open({ folder, temporary: join(folder, 'tmp') })
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

interface Purchase {
  readonly customer: string | null
  /** Days before the as-of date; 0 and less lie on it and after it. */
  readonly ago: number
  readonly cents: number | null
  readonly order: number | null
  readonly category: string
}

const asOf = '2026-10-01'
const settings: Settings = {
  key: 'customer_id',
  customer: 'customer_id',
  date: 'ordered_at',
  amount: 'amount',
  asOf,
  windows: [30, 90],
  category: 'category',
  categories: ['toys', 'Home & Garden'],
  measures: [
    { name: 'largest', value: 'amount', aggregate: 'max' },
    { name: 'twice_60', value: 'amount * 2', aggregate: 'sum', window: 60 },
    { name: 'newest', value: 'amount', aggregate: 'last' },
  ],
}

const day = 86_400_000
const dateOf = (ago: number): string => {
  const date = new Date(Date.parse(`${asOf}T12:34:56Z`) - ago * day).toISOString()
  expect(isDate(date.slice(0, 10))).toBe(true)
  return date.slice(0, 19).replace('T', ' ')
}

async function orders(
  purchases: readonly Purchase[],
): Promise<{ relation: string; columns: { name: string; type: string }[] }> {
  const relation = database.freshName('orders')
  const rows = purchases.map(
    ({ customer, ago, cents, order, category }) =>
      sql`(${customer}::varchar, ${dateOf(ago)}::timestamp, ${cents === null ? null : cents / 100}::double, ${order}::integer, ${category})`,
  )
  const source =
    rows.length > 0 ? sql`values ${joinSql(rows)}` : sql`select '', null::timestamp, 0::double, 0, '' limit 0`
  await database.createFrom(
    relation,
    sql`select * from (${source}) as t(customer_id, ordered_at, amount, receipt, category)`,
  )
  return { relation, columns: await database.describe(sql`from ${{ relation, columns: [] }}`) }
}

const query = (inputs: Inputs, settings: Settings, types: readonly string[]): Sql =>
  compose(inputs, settings, sql`(${summed(inputs, settings, types)})`)

const features = async (purchases: readonly Purchase[], more: Partial<Settings> = {}): Promise<Row[]> =>
  database.rows(query({ orders: await orders(purchases) }, { ...settings, ...more }, ['DOUBLE', 'DOUBLE', 'DOUBLE']))

const purchase = fc.record({
  customer: fc.constantFrom('a', 'b', 'ä "c"', null),
  ago: fc.integer({ min: -5, max: 250 }),
  cents: fc.option(fc.integer({ min: -5000, max: 50000 }), { freq: 8 }),
  order: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 5 }),
  category: fc.constantFrom('toys', 'Home & Garden', 'else'),
})

/** The same features by plain arithmetic in whole cents. */
function byHand(purchases: readonly Purchase[], customer: string, byOrder: boolean): Row {
  const own = purchases.filter((one) => one.customer === customer && one.ago >= 1)
  const agos = own.map(({ ago }) => ago)
  const cents = (from: number, to: number, chosen = own) =>
    chosen.filter(({ ago }) => ago > from && ago <= to).reduce((sum, one) => sum + (one.cents ?? 0), 0)
  const count = (to: number) => {
    const within = own.filter(({ ago }) => ago <= to)
    return byOrder ? new Set(within.map(({ order }) => order)).size : within.length
  }
  const ever = Number.MAX_SAFE_INTEGER
  const frequency = count(ever)
  const trend = (now: number, before: number) =>
    now === 0 && before === 0 ? 0 : (now - before) / (Math.abs(now) + Math.abs(before))
  const windows = settings.windows.flatMap((days): [string, number][] => [
    [`orders_${days}`, count(days)],
    [`spend_${days}`, cents(0, days) / 100],
    [`trend_${days}`, trend(cents(0, days) / 100, cents(days, 2 * days) / 100)],
  ])
  const ofCategory = (name: string) =>
    cents(
      0,
      ever,
      own.filter(({ category }) => category === name),
    ) / 100
  const priced = own.filter((one) => one.cents !== null)
  const last = Math.min(...priced.map(({ ago }) => ago))
  const best = (some: readonly Purchase[]) =>
    some.length === 0 ? null : Math.max(...some.map((one) => one.cents ?? 0)) / 100
  return {
    customer_id: customer,
    recency_days: Math.min(...agos),
    frequency,
    monetary: cents(0, ever) / 100,
    mean_order: cents(0, ever) / 100 / frequency,
    tenure_days: Math.max(...agos),
    mean_gap_days: frequency > 1 ? (Math.max(...agos) - Math.min(...agos)) / (frequency - 1) : null,
    active_months: new Set(agos.filter((ago) => ago <= 360).map((ago) => Math.floor((ago - 1) / 30))).size,
    ...Object.fromEntries(windows),
    spend_toys: ofCategory('toys'),
    spend_home_garden: ofCategory('Home & Garden'),
    largest: best(priced),
    twice_60: (2 * cents(0, 60)) / 100,
    newest: best(priced.filter(({ ago }) => ago === last)),
  }
}

// A property here asks DuckDB some hundred times.
const runs = { numRuns: 25 }
const many = fc.array(purchase, { maxLength: 30 })

describe('customer features', () => {
  test.each([
    ['rows', {}, false],
    ['orders', { order: 'receipt' }, true],
  ])('are what plain arithmetic over %s gives', async (_, more, byOrder) => {
    await fc.assert(
      fc.asyncProperty(many, async (purchases) => {
        const customers = [
          ...new Set(purchases.filter(({ ago }) => ago >= 1).flatMap(({ customer }) => customer ?? [])),
        ]
        const expected = customers.sort().map((customer) => byHand(purchases, customer, byOrder))
        const result = await features(purchases, more)
        expect(result.map(({ customer_id: key }) => key)).toEqual(customers)
        for (const [index, row] of result.entries())
          for (const [name, value] of Object.entries(expected[index] ?? {}))
            if (typeof value === 'number') expect(row[name], name).toBeCloseTo(value, 9)
            else expect(row[name], name).toBe(value)
      }),
      runs,
    )
  })

  test('know nothing of the as-of date and after', async () => {
    const later = fc.array(
      purchase.map((one) => ({ ...one, ago: -Math.abs(one.ago) })),
      { minLength: 1, maxLength: 20 },
    )
    await fc.assert(
      fc.asyncProperty(many, later, fc.boolean(), async (before, after, byOrder) => {
        const more = byOrder ? { order: 'receipt' } : {}
        const priced = before.filter(({ ago }) => ago >= 1)
        expect(await features([...after, ...priced, ...after], more)).toEqual(await features(priced, more))
      }),
      runs,
    )
  })

  test('are the same to the last digit in whatever order the rows lie', async () => {
    const relation = database.freshName('orders')
    const columns = [
      { name: 'customer_id', type: 'INTEGER' },
      { name: 'ordered_at', type: 'DATE' },
      { name: 'amount', type: 'DOUBLE' },
    ]
    const plain: Settings = { ...settings, category: undefined, categories: [], measures: [] }
    const ordered = (order: Sql) => sql`
      select (i % 7)::integer as customer_id, date '2026-09-30' - (i % 400)::integer as ordered_at,
        (i * 7919 % 100000) / 997.0::double as amount from range(200000) t(i) order by ${order}`
    const results: Row[][] = []
    for (const order of [sql`i`, sql`hash(i)`, sql`-amount`]) {
      await database.createFrom(relation, ordered(order))
      results.push(await database.rows(query({ orders: { relation, columns } }, plain, [])))
    }
    expect(results[0]).toHaveLength(7)
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })
})
