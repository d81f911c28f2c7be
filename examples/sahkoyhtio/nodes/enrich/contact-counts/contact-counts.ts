import { asOfDate, column, defineNode, expression, input, settings, Type } from 'polku/node'
import { expr, id, join, sql } from 'polku/sql'

export default defineNode({
  title: 'Contact counts',
  summary: 'Counts how often each customer has lately been in touch, by what it was about.',
  inputs: {
    customers: input('Customers, one row each'),
    contacts: input('Contacts, one row each'),
  },
  params: settings({
    customer: column('customers', { default: 'customer_id', description: 'The customer' }),
    contactCustomer: column('contacts', { default: 'customer_id', description: 'Who was in touch' }),
    date: column('contacts', { type: 'date', default: 'contact_date', description: 'When' }),
    asOf: asOfDate('Contacts before this date count'),
    counts: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: '^[a-z][a-z0-9_]*$', description: 'The new column' }),
          where: expression('contacts', { type: 'boolean', description: 'Which contacts count' }),
          days: Type.Integer({ minimum: 1, description: 'Of how many days before the date' }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, description: 'What to count' },
    ),
  }),
  outputs: { customers: 'The customers with their counts' },
  metrics: { contacts: 'Contacts that were counted at least once' },

  run: ({ customers, contacts }, { customer, contactCustomer, date, asOf, counts }) => {
    const day = id(date)
    const until = sql`cast(${asOf} as date)`
    const within = (days: number) => sql`${day} < ${until} and ${day} >= date_add(${until}, to_days(${-days}))`
    const counted = counts.map(
      ({ name, where, days }) => sql`count(*) filter (where ${expr(where)} and ${within(days)}) as ${id(name)}`,
    )
    const columns = counts.map(({ name }) => sql`coalesce(counted.${id(name)}, 0) as ${id(name)}`)
    return sql`
      with counted as (select ${id(contactCustomer)} as who, ${join(counted)} from ${contacts} group by 1)
      select customers.*, ${join(columns)}
      from ${customers} as customers left join counted on customers.${id(customer)} = counted.who
      order by customers.${id(customer)}`
  },

  report: async ({ customers }, { counts }, context) => {
    const sums = join(counts.map(({ name }) => sql`sum(${id(name)}) as ${id(name)}`))
    const [row] = await context.rows(sql`select ${sums} from ${customers}`)
    const total = counts.reduce((sum, { name }) => sum + Number(row?.[name] ?? 0), 0)
    context.metric({ name: 'contacts', label: 'Contacts counted', value: total, unit: 'count' })
  },
})
