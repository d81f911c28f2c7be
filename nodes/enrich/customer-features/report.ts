import { exactColumn } from '../../lib/amounts.ts'
import { isCounted, notePurchases } from '../../lib/purchases.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'
import { categoryColumn } from './names.ts'
import type { Inputs, Settings } from './settings.ts'

/** Says how many purchases count, how many do not and why. `sums` has one row per customer who bought. */
export async function countPurchases(
  { orders, customers }: Inputs,
  sums: Table,
  settings: Settings,
  context: RunContext,
): Promise<void> {
  const { later } = await notePurchases(orders, settings, context)
  const rows = sql`coalesce(sum("purchase rows"), 0)`
  const [all] = await context.rows(sql`select ${rows} as n from ${sums}`)
  const counted = Number(all?.n)
  let unknown = 0
  if (customers !== undefined) {
    const [row] = await context.rows(sql`
      select ${rows} as n from ${sums} as bought anti join ${customers} as known on bought.customer_id = known.${id(settings.key)}`)
    unknown = Number(row?.n)
  }
  context.metric({ name: 'purchases', label: 'Purchases before the date', value: counted, unit: 'count' })
  context.metric({ name: 'later_purchases', label: 'Purchases on the date or later', value: later, unit: 'count' })
  context.metric({ name: 'unknown_purchases', label: 'Purchases of unknown customers', value: unknown, unit: 'count' })
  if (unknown > 0)
    context.warn(
      `Purchases of customers who are not in the table of customers, and so not counted: ${unknown} of ${counted}.`,
    )
}

/** Says how many customers there are and what their features look like. */
export async function report(features: Table, settings: Settings, context: RunContext, inputs: Inputs): Promise<void> {
  const [totals] = await context.rows(
    sql`select count(*) as n, count(*) filter (frequency > 0) as buyers from ${features}`,
  )
  const customers = Number(totals?.n)
  context.metric({ name: 'customers', label: 'Customers', value: customers, unit: 'count' })
  context.metric({ name: 'buyers', label: 'Customers with purchases', value: Number(totals?.buyers), unit: 'count' })
  await noteNewcomers(inputs, settings, context)
  if (customers === 0) return
  await showFeatures(features, customers, context)
  await showFrequency(features, context)
  await showCategories(inputs, settings, context)
}

async function noteNewcomers({ customers }: Inputs, { since, asOf }: Settings, context: RunContext): Promise<void> {
  if (customers === undefined || since === undefined) return
  const [row] = await context.rows(
    sql`select count(*) as n from ${customers} where ${id(since)} >= cast(${asOf} as date)`,
  )
  if (Number(row?.n) > 0)
    context.warn(
      `Customers who came on ${asOf} or later and were not known then: ${row?.n}. Their tenure is that of their purchases. Leave them out before a model learns from these features.`,
    )
}

const isNumber = (type: string): boolean => /INT|DOUBLE|DECIMAL|FLOAT/.test(type)

async function showFeatures(features: Table, customers: number, context: RunContext): Promise<void> {
  const names = features.columns.filter(({ name, type }) => name !== 'customer_id' && isNumber(type))
  const aggregates = names.flatMap(({ name }, index) => [
    sql`avg(${id(name)}) as ${id(`mean ${index}`)}`,
    sql`cast(min(${id(name)}) as double) as ${id(`least ${index}`)}`,
    sql`cast(max(${id(name)}) as double) as ${id(`most ${index}`)}`,
    sql`count(${id(name)}) as ${id(`filled ${index}`)}`,
  ])
  const [row] = await context.rows(sql`select ${join(aggregates)} from ${features}`)
  context.table({
    title: 'Features',
    columns: ['feature', 'mean', 'least', 'most', 'share empty'],
    rows: names.map(({ name }, index) => [
      name,
      row?.[`mean ${index}`] ?? null,
      row?.[`least ${index}`] ?? null,
      row?.[`most ${index}`] ?? null,
      1 - Number(row?.[`filled ${index}`]) / customers,
    ]),
  })
}

const bars = 20

/** Bars of equal width up to where most customers are, and one for the long tail. */
async function showFrequency(features: Table, context: RunContext): Promise<void> {
  const [range] = await context.rows(sql`select quantile_disc(frequency, 0.95) as most from ${features}`)
  const width = Math.max(1, Math.ceil((Number(range?.most) + 1) / bars))
  const rows = await context.rows(sql`
    select least(frequency // ${width}, ${bars}) as bar, count(*) as n from ${features} group by 1`)
  const heights = new Map(rows.map(({ bar, n }) => [Number(bar), Number(n)]))
  const places = Array.from({ length: Math.max(...heights.keys()) + 1 }, (_, index) => index)
  const label = (bin: number) => {
    const from = bin * width
    return bin === bars ? `${from}+` : width === 1 ? `${from}` : `${from}–${from + width - 1}`
  }
  context.figure({
    title: 'Customers by number of orders',
    description: 'How many customers have no order, one or a few, and so on before the as-of date.',
    data: [
      {
        type: 'bar',
        x: places.map(label),
        y: places.map((bin) => heights.get(bin) ?? 0),
        hovertemplate: '%{x} orders: %{y} customers<extra></extra>',
      },
    ],
    layout: { xaxis: { title: { text: 'Orders' }, type: 'category' }, yaxis: { title: { text: 'Customers' } } },
  })
}

const mostCategories = 30

/** The biggest categories by spend, whether they have a column or not; warns of a named one that nobody bought. */
async function showCategories({ orders }: Inputs, settings: Settings, context: RunContext): Promise<void> {
  const { category, categories, amount } = settings
  if (category === undefined) return
  const named = categories.length > 0 ? sql`name in (${join(categories.map((one) => sql`${one}`))})` : sql`false`
  const rows = await context.rows(sql`
    with spends as (
      select cast(${id(category)} as varchar) as name, count(*) as purchases,
        cast(sum(${exactColumn(orders, amount)}) as double) as spend
      from ${orders} where ${isCounted(settings)} group by 1)
    select *, row_number() over (order by spend desc nulls last, name) as place from spends
    qualify place <= ${mostCategories} or ${named} order by place`)
  const columnOf = (name: unknown) => categories.filter((category) => category === name).map(categoryColumn)[0] ?? null
  context.table({
    title: 'Spend by category',
    columns: ['category', 'purchases', 'spend', 'column'],
    rows: rows.map(({ name, purchases, spend }) => [name ?? null, purchases ?? 0, spend ?? 0, columnOf(name)]),
    note: `All purchases before ${settings.asOf}; the ${mostCategories} categories with the greatest spend, and those that have a column because \`categories\` names them.`,
  })
  const absent = categories.filter((category) => !rows.some(({ name }) => name === category))
  if (absent.length > 0) context.warn(`No purchase is of ${absent.join(', ')}. Is the category written so in the data?`)
}
