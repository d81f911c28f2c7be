import { id, sql } from '../../lib/sql.ts'
import { asOfDate, column, defineNode, input, settings, Type } from '../../node.ts'

export default defineNode({
  title: 'RFM classes',
  summary: 'Scores customers by recency, frequency and spend: who bought lately, often and for much.',
  inputs: { orders: input('Purchases, one row each (or one row per order line)') },
  params: settings({
    customer: column('orders', { default: 'customer_id', description: 'Who bought' }),
    date: column('orders', { type: 'date', default: 'ordered_at', description: 'When' }),
    amount: column('orders', { type: 'number', default: 'amount', description: 'For how much' }),
    order: Type.Optional(
      column('orders', { description: 'The order a line belongs to; without it every row is an order' }),
    ),
    asOf: asOfDate('Purchases before this date count'),
    classes: Type.Integer({
      minimum: 2,
      maximum: 10,
      default: 5,
      description: 'How many classes each of the three has',
    }),
  }),
  outputs: {
    customers: 'One row per customer with recency in days, frequency, monetary and their classes (the highest is best)',
  },
  metrics: {
    customers: 'Customers with a purchase before the as-of date',
    mean_recency: 'Mean days since the last purchase',
    mean_frequency: 'Mean orders',
    mean_monetary: 'Mean spend',
  },
  errors: {
    tooFew: 'Needs at least {classes} customers with a purchase before {asOf} to make {classes} classes, got {found}.',
  },

  run: ({ orders }, { customer, date, amount, order, asOf, classes }) => {
    const orderKey = order === undefined ? sql`*` : sql`distinct ${id(order)}`
    // Spend is summed as DECIMAL: a floating sum differs in its last digits from run to run.
    const base = sql`
      select ${id(customer)} as customer_id,
        date_diff('day', cast(max(${id(date)}) as date), cast(${asOf} as date)) as recency,
        count(${orderKey}) as frequency,
        cast(sum(cast(${id(amount)} as decimal(18, 4))) as double) as monetary
      from ${orders}
      where ${id(customer)} is not null and ${id(date)} < cast(${asOf} as date)
      group by 1`
    const score = (order: ReturnType<typeof sql>) =>
      sql`cast(1 + floor(${classes} * (rank() over (order by ${order}) - 1) / count(*) over ()) as integer)`
    return sql`
      with base as (${base}), scored as (
        select *, ${score(sql`recency desc`)} as r, ${score(sql`frequency`)} as f, ${score(sql`monetary`)} as m from base)
      select *, r || '-' || f || '-' || m as rfm from scored order by customer_id`
  },

  report: async ({ customers }, { asOf, classes }, context) => {
    const [totals] = await context.rows(
      sql`select count(*) as n, avg(recency) as recency, avg(frequency) as frequency, avg(monetary) as monetary from ${customers}`,
    )
    const count = Number(totals?.n)
    if (count < classes) context.fail('tooFew', { classes, asOf, found: count })
    context.metric({ name: 'customers', label: 'Customers', value: count, unit: 'count' })
    context.metric({ name: 'mean_recency', label: 'Mean recency', value: Number(totals?.recency), unit: 'days' })
    context.metric({
      name: 'mean_frequency',
      label: 'Mean frequency',
      value: Number(totals?.frequency),
      unit: 'number',
    })
    context.metric({ name: 'mean_monetary', label: 'Mean spend', value: Number(totals?.monetary), unit: 'euro' })
    const cells = await context.rows(
      sql`select r, f, count(*) as n, avg(monetary) as spend from ${customers} group by 1, 2`,
    )
    const steps = Array.from({ length: classes }, (_, index) => index + 1)
    const cell = (r: number, f: number, key: 'n' | 'spend') =>
      Number(cells.find((row) => row.r === r && row.f === f)?.[key] ?? 0)
    context.figure({
      title: 'Customers by recency and frequency class',
      description: 'How many customers each pair of classes has; the upper right corner bought lately and often.',
      data: [
        {
          type: 'heatmap',
          x: steps,
          y: steps,
          z: steps.map((f) => steps.map((r) => cell(r, f, 'n'))),
          text: steps.map((f) => steps.map((r) => `${Math.round(cell(r, f, 'spend'))} € each`)),
          hovertemplate: 'recency %{x}, frequency %{y}: %{z} customers, %{text}<extra></extra>',
          colorscale: 'Blues',
        },
      ],
      layout: {
        xaxis: { title: { text: 'Recency class' }, dtick: 1 },
        yaxis: { title: { text: 'Frequency class' }, dtick: 1 },
      },
    })
  },
})
