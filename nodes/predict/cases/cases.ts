import { expr, id, sql } from '../../lib/sql.ts'
import { asOfDate, column, defineNode, expression, input, settings, Type } from '../../node.ts'

export default defineNode({
  title: 'Cases to learn from',
  summary: 'Marks which customers did something within so many days after a date, and which did not.',
  inputs: {
    customers: input('Customers as they were known on the date, one row each'),
    events: input('What happened: one row per event with its customer and date'),
  },
  params: settings({
    customer: column('customers', { default: 'customer_id', description: 'The customer' }),
    eventCustomer: column('events', { default: 'customer_id', description: 'Whose event it is' }),
    eventDate: column('events', { type: 'date', default: 'date', description: 'When it happened' }),
    event: Type.Optional(
      expression('events', { type: 'boolean', description: 'Which events count; all of them without it' }),
    ),
    active: Type.Optional(
      expression('customers', { type: 'boolean', description: 'Who could do it at all; everybody without it' }),
    ),
    from: asOfDate('The date up to which the customers are known; events count from this day on'),
    days: Type.Integer({ minimum: 1, maximum: 3650, default: 90, description: 'Within how many days' }),
    until: asOfDate('Up to which date events are known; the days must have passed by then'),
    target: Type.String({ pattern: '^[a-z][a-z0-9_]*$', default: 'target', description: 'The name of the new column' }),
  }),
  outputs: { cases: 'The active customers with the new column: yes for a case, no for the others' },
  metrics: { cases: 'Customers to learn from', positives: 'Those who did it', rate: 'Share who did it' },
  errors: {
    openHorizon:
      'The {days} days from {from} end on {actual}, but events are known only until {until}. Choose an earlier from, or fewer days.',
    targetTaken: 'The customers already have a column {actual}. Choose another target.',
    repeatedCustomer: '{actual} customers occur more than once or have no key. Needs one row per customer.',
    oneClass: 'All {actual} customers are {kind}. A model needs both who did it and who did not.',
  },

  plan: async ({ customers }, { from, days, until, target }, context) => {
    if (customers.columns.some(({ name }) => name.toLowerCase() === target))
      context.fail('targetTaken', { actual: target })
    const [row] = await context.rows(sql`select cast(date_add(cast(${from} as date), to_days(${days})) as date) as ends`)
    const ends = String(row?.ends)
    if (ends > until) context.fail('openHorizon', { days, from, until, actual: ends })
    return sql`select *, cast('' as varchar) as ${id(target)} from ${customers}`
  },

  run: async ({ customers, events }, settings, context) => {
    const { customer, eventCustomer, eventDate, event, active, from, days, target } = settings
    const key = id(customer)
    const [keys] = await context.rows(sql`select count(*) - count(distinct ${key}) as repeated from ${customers}`)
    if (Number(keys?.repeated) > 0) context.fail('repeatedCustomer', { actual: Number(keys?.repeated) })
    const counts = event === undefined ? sql`true` : expr(event)
    const isActive = active === undefined ? sql`true` : expr(active)
    return sql`
      with happened as (
        select distinct ${id(eventCustomer)} as who from ${events}
        where ${id(eventCustomer)} is not null and ${counts}
          and ${id(eventDate)} >= cast(${from} as date)
          and ${id(eventDate)} < date_add(cast(${from} as date), to_days(${days})))
      select ${customers}.*, case when happened.who is null then 'no' else 'yes' end as ${id(target)}
      from ${customers} left join happened on ${customers}.${key} = happened.who
      where ${isActive} order by ${customers}.${key}`
  },

  report: async ({ cases }, { target }, context) => {
    const [row] = await context.rows(
      sql`select count(*) as n, count(*) filter (where ${id(target)} = 'yes') as positives from ${cases}`,
    )
    const [count, positives] = [Number(row?.n), Number(row?.positives)]
    if (positives === 0 || positives === count)
      context.fail('oneClass', { actual: count, kind: positives === 0 ? 'without the event' : 'with the event' })
    context.metric({ name: 'cases', label: 'Customers to learn from', value: count, unit: 'count' })
    context.metric({ name: 'positives', label: 'Did it', value: positives, unit: 'count' })
    context.metric({ name: 'rate', label: 'Share who did it', value: positives / count, unit: 'share' })
  },
})
