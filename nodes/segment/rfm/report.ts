import { currencySign } from '../../lib/money.ts'
import { notePurchases } from '../../lib/purchases.ts'
import { id, sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'
import { groups } from './groups.ts'

interface Settings {
  readonly customer: string
  readonly date: string
  readonly amount: string
  readonly asOf: string
  readonly classes: number
}

/** Means, sizes of the groups and the grid of recency and frequency. Fails where there are fewer customers than classes. */
export async function report(customers: Table, settings: Settings, context: RunContext, orders: Table): Promise<void> {
  const { asOf, classes } = settings
  const [totals] = await context.rows(
    sql`select count(*) as n, avg(recency) as recency, avg(frequency) as frequency, avg(monetary) as monetary from ${customers}`,
  )
  const count = Number(totals?.n)
  if (count < classes) context.fail('tooFew', { classes, asOf, actual: count })
  const mean = (name: string) => Number(totals?.[name])
  context.metric({ name: 'customers', label: 'Customers', value: count, unit: 'count' })
  context.metric({ name: 'mean_recency', label: 'Mean recency', value: mean('recency'), unit: 'days' })
  context.metric({ name: 'mean_frequency', label: 'Mean frequency', value: mean('frequency'), unit: 'number' })
  context.metric({ name: 'mean_monetary', label: 'Mean spend', value: mean('monetary'), unit: 'money' })
  await notePurchases(orders, settings, context)
  await noteTies(customers, classes, context)
  await showGroups(customers, count, context)
  await showGrid(customers, classes, context)
}

/** Says which classes nobody is in, because equal values stay together. */
async function noteTies(customers: Table, classes: number, context: RunContext): Promise<void> {
  for (const [column, name] of [
    ['r', 'recency'],
    ['f', 'frequency'],
    ['m', 'monetary'],
  ] as const) {
    const score = id(column)
    const scores = await context.rows(sql`select distinct ${score} as class from ${customers}`)
    const present = new Set(scores.map((row) => Number(row.class)))
    const empty = Array.from({ length: classes }, (_, index) => index + 1).filter((one) => !present.has(one))
    if (empty.length > 0)
      context.note(
        `No customer is in ${name} class ${empty.join(', ')}: customers with the same ${name} are not parted, and many have the same.`,
      )
  }
}

async function showGroups(customers: Table, count: number, context: RunContext): Promise<void> {
  const sizes = await context.rows(sql`
    select rfm_group as name, count(*) as n, avg(recency) as recency, avg(frequency) as frequency,
      avg(monetary) as monetary, sum(monetary) / nullif(sum(sum(monetary)) over (), 0) as share
    from ${customers} group by 1`)
  const rows = groups.flatMap(({ name, meaning }) => {
    const row = sizes.find((one) => one.name === name)
    if (!row) return []
    const size = Number(row.n)
    return [
      [
        name,
        meaning,
        size,
        size / count,
        row.share ?? null,
        row.recency ?? null,
        row.frequency ?? null,
        row.monetary ?? null,
      ],
    ]
  })
  context.table({
    title: 'Groups by recency and frequency',
    columns: ['group', 'who', 'customers', 'share', 'share of spend', 'mean recency', 'mean frequency', 'mean spend'],
    rows,
  })
}

async function showGrid(customers: Table, classes: number, context: RunContext): Promise<void> {
  const cells = await context.rows(
    sql`select r, f, count(*) as n, avg(monetary) as spend from ${customers} group by 1, 2`,
  )
  const steps = Array.from({ length: classes }, (_, index) => index + 1)
  const cell = (r: number, f: number, key: 'n' | 'spend') =>
    Number(cells.find((row) => row.r === r && row.f === f)?.[key] ?? 0)
  const sign = currencySign(context.currency)
  context.figure({
    title: 'Customers by recency and frequency class',
    description: 'How many customers each pair of classes has; the upper right corner bought lately and often.',
    data: [
      {
        type: 'heatmap',
        x: steps,
        y: steps,
        z: steps.map((f) => steps.map((r) => cell(r, f, 'n'))),
        text: steps.map((f) => steps.map((r) => `${Math.round(cell(r, f, 'spend'))} ${sign} each`)),
        hovertemplate: 'recency %{x}, frequency %{y}: %{z} customers, %{text}<extra></extra>',
        colorscale: 'Blues',
      },
    ],
    layout: {
      xaxis: { title: { text: 'Recency class' }, dtick: 1 },
      yaxis: { title: { text: 'Frequency class' }, dtick: 1 },
    },
  })
}
