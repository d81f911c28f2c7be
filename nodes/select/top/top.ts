import { keyFaults } from '../../lib/keys.ts'
import { sameName } from '../../lib/names.ts'
import { expr, id, sql } from '../../lib/sql.ts'
import { column, defineNode, expression, input, type Sql, type Static, settings, type Table, Type } from '../../node.ts'
import { report } from './report.ts'

const params = settings({
  customer: column('customers', { default: 'customer_id', description: 'The customer' }),
  by: expression('customers', { type: 'number', description: 'What to rank by, the highest first' }),
  limit: Type.Integer({ minimum: 1, default: 1000, description: 'How many customers the list has at the most' }),
  label: Type.String({ minLength: 1, maxLength: 80, default: 'Value', description: 'What the report calls it' }),
})

export default defineNode({
  title: 'Ranked list',
  summary: 'Lists the customers who are highest in something, and says how much of the whole they hold.',
  inputs: { customers: input('Customers, one row each') },
  params,
  outputs: { ranked: 'The highest customers from the first down, with their position' },
  metrics: {
    ranked: 'Customers on the list',
    candidates: 'Customers who can be ranked',
    share: 'Share of the whole (of what is above 0) that the list holds',
  },
  errors: {
    badKeys: '{actual} customers have no key or share it with another. Needs one row per customer.',
    nameTaken: 'The customers already have a column {actual}. Leave it out with enrich/derive, or rename it.',
  },

  plan: ({ customers }, settings, context) => {
    const conflict = customers.columns.find(({ name }) => sameName(name, 'position'))
    if (conflict) context.fail('nameTaken', { actual: conflict.name })
    return ranked(customers, settings)
  },

  run: async ({ customers }, settings, context) => {
    const faults = await keyFaults(context, sql`select ${id(settings.customer)} from ${customers}`)
    if (faults.missing + faults.repeated > 0) context.fail('badKeys', { actual: faults.missing + faults.repeated })
    return ranked(customers, settings)
  },

  report: ({ ranked: list }, settings, context, { customers }) => report(list, customers, settings, context),
})

// Equal customers are told apart by their key, so that the same customers always give the same list.
function ranked(customers: Table, { customer, by, limit }: Static<typeof params>): Sql {
  return sql`
    select *, cast(row_number() over (order by ${expr(by)} desc, ${id(customer)}) as bigint) as position
    from ${customers} where isfinite(cast(${expr(by)} as double))
    qualify position <= ${limit} order by position`
}
