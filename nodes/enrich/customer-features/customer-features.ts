import { unsummable } from '../../lib/amounts.ts'
import { keyFaults } from '../../lib/keys.ts'
import { isCounted } from '../../lib/purchases.ts'
import { expr, id, sql } from '../../lib/sql.ts'
import { comparable, kindOf, typeOf } from '../../lib/types.ts'
import { defineNode, input, type PlanContext, type RunContext } from '../../node.ts'
import { checkSettings } from './names.ts'
import { compose, measureTypes, summed } from './query.ts'
import { countPurchases, report } from './report.ts'
import { type Inputs, params, type Settings } from './settings.ts'

export default defineNode({
  title: 'Customer features',
  summary:
    'Describes each customer by purchases before a date: how lately, how often, for how much, on what, and which way it goes.',
  inputs: {
    orders: input('Purchases or invoices, one row each (or one row per order line)'),
    customers: input('The customers, one row each; without it those who have purchases', { optional: true }),
  },
  params,
  outputs: {
    features:
      'One row per customer_id: recency_days, frequency, monetary, mean_order, tenure_days, mean_gap_days, active_months (of the last twelve of 30 days); for each window of N days orders_N, spend_N and trend_N (spend against the N days before: 1 new, 0 unchanged, −1 stopped); spend by category; measures',
  },
  metrics: {
    customers: 'Customers',
    buyers: 'Customers with a purchase before the as-of date',
    purchases: 'Purchases before the as-of date',
    later_purchases: 'Purchases on the as-of date or later, which do not count',
    unknown_purchases: 'Purchases of customers who are not in the table of customers',
  },
  errors: {
    keyMissing: 'Customers without a {key}: {actual}. Needs a key in every row.',
    keyRepeated:
      'Rows that repeat the {key} of another: {actual}. Needs one row per customer; quality/duplicates finds them.',
    notComparable:
      'The keys {left} of the customers ({leftType}) and {right} of the orders ({rightType}) cannot be compared. Give both the same type, as with cast(… as varchar) in enrich/derive.',
    amountUnusable:
      'Purchases with a number that cannot be summed, because it is infinite, no number, or of 10¹² and more: {actual}. Leave them out or mend them first.',
    nameTaken:
      'Two columns would be called {actual}. Windows, categories (spend_ and their name in small letters), measures and carried columns need different names.',
    categoryMissing: 'The category {actual} is named, but not the column `category` that says what was bought.',
    categoryNameless: 'The category {actual} has no letter or digit to name a column after.',
    customersMissing: 'The column {actual} is asked for of the customers, but there is no input `customers`.',
  },

  plan: async (inputs, settings, context) => {
    check(inputs, settings, context)
    const types = await measureTypes(inputs, settings, context)
    return compose(inputs, settings, sql`(${summed(inputs, settings, types)})`)
  },

  run: async (inputs, settings, context) => {
    const types = await measureTypes(inputs, settings, context)
    await refuseKeys(inputs, settings, context)
    await refuseNumbers(inputs, settings, types, context)
    const sums = await context.store(summed(inputs, settings, types))
    await countPurchases(inputs, sums, settings, context)
    return compose(inputs, settings, sql`${sums}`)
  },

  report: ({ features }, settings, context, inputs) => report(features, settings, context, inputs),
})

/** What can be wrong before any row is seen. */
function check(inputs: Inputs, settings: Settings, context: PlanContext): void {
  checkSettings(inputs, settings, context)
  const { customers, orders } = inputs
  if (customers === undefined) return
  const leftType = typeOf(customers, settings.key)
  const rightType = typeOf(orders, settings.customer)
  if (!comparable(leftType, rightType))
    context.fail('notComparable', {
      left: settings.key,
      right: settings.customer,
      leftType,
      rightType,
      actual: `${kindOf(leftType)} and ${kindOf(rightType)}`,
    })
}

async function refuseKeys({ customers }: Inputs, { key }: Settings, context: RunContext): Promise<void> {
  if (customers === undefined) return
  const { missing, repeated } = await keyFaults(context, sql`select ${id(key)} from ${customers}`)
  if (missing > 0) context.fail('keyMissing', { key, actual: missing })
  if (repeated > 0) context.fail('keyRepeated', { key, actual: repeated })
}

async function refuseNumbers(
  { orders }: Inputs,
  settings: Settings,
  types: readonly string[],
  context: RunContext,
): Promise<void> {
  const { amount, measures } = settings
  const numbers = [
    { value: id(amount), type: typeOf(orders, amount) },
    ...measures.map(({ value }, index) => ({ value: expr(value), type: types[index] ?? '' })),
  ]
  const unusable = await unsummable(orders, isCounted(settings), numbers, context)
  if (unusable > 0) context.fail('amountUnusable', { actual: unusable })
}
