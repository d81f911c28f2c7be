import { unsummable } from '../../lib/amounts.ts'
import { keyFaults } from '../../lib/keys.ts'
import { repeatedName } from '../../lib/names.ts'
import { id, sql } from '../../lib/sql.ts'
import { typeOf } from '../../lib/types.ts'
import { column, defineNode, input, type PlanContext, settings, type Table, Type } from '../../node.ts'
import { classify, classLimits, outputColumns, type Settings } from './query.ts'
import { report } from './report.ts'

export default defineNode({
  title: 'Value classes',
  summary:
    'Sorts customers by value into A, B and C: those who bring most of it, those who bring the rest, and the long tail.',
  inputs: { customers: input('Customers with their value, one row each') },
  params: settings({
    customer: column('customers', { default: 'customer_id', description: 'The customer' }),
    value: column('customers', { type: 'number', default: 'monetary', description: 'What the customer is worth' }),
    shares: Type.Record(Type.String({ pattern: '^[^\\u0000]+$' }), Type.Number({ exclusiveMinimum: 0, maximum: 1 }), {
      default: { A: 0.8, B: 0.95, C: 1 },
      minProperties: 2,
      maxProperties: 50,
      additionalProperties: false,
      description:
        'Classes with the cumulative share of value each reaches up to, the last one to 1. The customer who crosses a limit is in the class before it',
    }),
    top: Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.2,
      description: 'The share of best customers whose share of value is told',
    }),
  }),
  outputs: {
    customers:
      'The customers with their value_class, value_rank (1 is the most valuable) and cumulative_share of value up to and with them',
  },
  metrics: {
    customers: 'Customers',
    top_share: 'Share of value that the best customers bring (as many as `top` says)',
    first_class_customers: 'Share of customers in the first class',
    first_class_value: 'Share of value of the first class',
    without_value: 'Customers whose value is empty, zero or negative',
  },
  errors: {
    keyMissing: 'Customers without a {key}: {actual}. Needs a key in every row.',
    keyRepeated:
      'Rows that repeat the {key} of another: {actual}. Needs one row per customer; quality/duplicates finds them.',
    valueUnusable:
      'Customers with a value that cannot be summed, because it is infinite, no number, or of 10¹² and more: {actual}. Leave them out or mend them first.',
    nameTaken: 'The table has a column {actual} already. Leave it out with enrich/derive, or give it another name.',
    sharesWrong: 'The shares are {actual}. Needs a different share for each class, the greatest of them 1.',
  },

  plan: ({ customers }, settings, context) => {
    check(customers, settings, context)
    return classify(customers, settings)
  },

  run: async ({ customers }, settings, context) => {
    const { customer, value } = settings
    const { missing, repeated } = await keyFaults(context, sql`select ${id(customer)} from ${customers}`)
    if (missing > 0) context.fail('keyMissing', { key: customer, actual: missing })
    if (repeated > 0) context.fail('keyRepeated', { key: customer, actual: repeated })
    const values = [{ value: id(value), type: typeOf(customers, value) }]
    const unusable = await unsummable(customers, sql`true`, values, context)
    if (unusable > 0) context.fail('valueUnusable', { actual: unusable })
    return classify(customers, settings)
  },

  report: ({ customers }, settings, context) => report(customers, settings, context),
})

function check(customers: Table, settings: Settings, context: PlanContext): void {
  const limits = classLimits(settings).map(({ limit }) => limit)
  if (new Set(limits).size < limits.length || limits.at(-1) !== 1)
    context.fail('sharesWrong', { actual: limits.join(', ') })
  const repeated = repeatedName([...customers.columns.map(({ name }) => name), ...outputColumns])
  if (repeated !== undefined) context.fail('nameTaken', { actual: repeated })
}
