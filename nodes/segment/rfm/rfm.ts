import { exactColumn, unsummable } from '../../lib/amounts.ts'
import { daysAgo, isCounted } from '../../lib/purchases.ts'
import { id, sql } from '../../lib/sql.ts'
import { typeOf } from '../../lib/types.ts'
import { asOfDate, column, defineNode, input, type Sql, type Static, settings, type Table, Type } from '../../node.ts'
import { groupOf } from './groups.ts'
import { report } from './report.ts'

const params = settings({
  customer: column('orders', { default: 'customer_id', description: 'Who bought' }),
  date: column('orders', { type: 'date', default: 'ordered_at', description: 'When' }),
  amount: column('orders', { type: 'number', default: 'amount', description: 'For how much' }),
  order: Type.Optional(
    column('orders', {
      description: 'The order a line belongs to; without it every row is an order, and lines without one are one order',
    }),
  ),
  asOf: asOfDate('Purchases before this date count'),
  classes: Type.Integer({
    minimum: 2,
    maximum: 10,
    default: 5,
    description: 'How many classes each of the three has',
  }),
})

export default defineNode({
  title: 'RFM classes',
  summary: 'Scores customers by recency, frequency and spend: who bought lately, often and for much.',
  inputs: { orders: input('Purchases, one row each (or one row per order line)') },
  params,
  outputs: {
    customers:
      'One row per customer with recency in days, frequency, monetary, their classes (the highest is best) and a group in words',
  },
  metrics: {
    customers: 'Customers with a purchase before the as-of date',
    mean_recency: 'Mean days since the last purchase',
    mean_frequency: 'Mean orders',
    mean_monetary: 'Mean spend',
  },
  errors: {
    tooFew: 'Needs at least {classes} customers with a purchase before {asOf} to make {classes} classes, got {actual}.',
    amountUnusable:
      'Purchases with an amount that cannot be summed, because it is infinite, no number, or of 10¹² and more: {actual}. Leave them out or mend them first.',
  },

  plan: ({ orders }, settings) => compose(orders, settings),

  run: async ({ orders }, settings, context) => {
    const { amount } = settings
    const amounts = [{ value: id(amount), type: typeOf(orders, amount) }]
    const unusable = await unsummable(orders, isCounted(settings), amounts, context)
    if (unusable > 0) context.fail('amountUnusable', { actual: unusable })
    return compose(orders, settings)
  },

  report: ({ customers }, settings, context, { orders }) => report(customers, settings, context, orders),
})

/**
 * Recency is whole days from the calendar day of the last purchase to the as-of date, frequency the number of
 * different orders, monetary their sum: the three of Hughes (1994), Strategic Database Marketing, and of Bult and
 * Wansbeek (1995), “Optimal Selection for Direct Mail”, Marketing Science 14(4), 378–394. Fader, Hardie and Lee
 * (2005), “RFM and CLV: Using Iso-Value Curves for Customer Base Analysis”, Journal of Marketing Research 42(4),
 * 415–430, count repeat orders and take the mean spend of an order instead: monetary / frequency and frequency − 1.
 */
function compose(orders: Table, settings: Static<typeof params>): Sql {
  const { customer, date, amount, order, asOf, classes } = settings
  const count =
    order === undefined
      ? sql`count(*)`
      : sql`count(distinct ${id(order)}) + cast(count(*) > count(${id(order)}) as integer)`
  const base = sql`
    select ${id(customer)} as customer_id, ${daysAgo({ date: sql`max(${id(date)})`, asOf })} as recency,
      ${count} as frequency, coalesce(cast(sum(${exactColumn(orders, amount)}) as double), 0) as monetary
    from ${orders} where ${isCounted(settings)} group by 1`
  // Hughes’s fifths of the sorted customers, but equal values never part: they get the class of the middle of them,
  // by the share of customers below and half of those alike (the ridit of Bross 1958, “How to Use Ridit Analysis”,
  // Biometrics 14(1), 18–38). So what most customers have in common puts them neither first nor last.
  const belowAndUpTo = (order: Sql) => sql`rank() over (order by ${order}) - 1 + count(*) over (order by ${order})`
  const score = (rank: Sql, count = classes) => sql`cast(1 + ${count} * ${rank} // (2 * customers) as integer)`
  const [r, f, m] = [id('place r'), id('place f'), id('place m')]
  return sql`
    with base as (${base}), sorted as (
      select *, count(*) over () as customers, ${belowAndUpTo(sql`recency desc`)} as ${r},
        ${belowAndUpTo(sql`frequency`)} as ${f}, ${belowAndUpTo(sql`monetary`)} as ${m}
      from base), scored as (
      select customer_id, recency, frequency, monetary, ${score(r)} as r, ${score(f)} as f, ${score(m)} as m,
        ${groupOf(score(r, 5), score(f, 5))} as rfm_group
      from sorted)
    select * exclude (rfm_group), r || '-' || f || '-' || m as rfm, rfm_group from scored order by customer_id`
}
