import { sql } from '../../lib/sql.ts'
import { defineNode, input } from '../../node.ts'
import { compose, countKeyless, countUnused, refuseMany } from './query.ts'
import { params } from './settings.ts'

export default defineNode({
  title: 'Join',
  summary: 'Adds the columns of a second table where its key is the same, and shows which rows found no partner.',
  inputs: {
    left: input('The rows to keep, all of them, in their order'),
    right: input('What is known about them, found by key'),
  },
  params,
  outputs: {
    joined: 'Every left row with the right columns, empty where no right row has its key',
    unmatched: 'The left rows without a partner',
  },
  metrics: {
    match_rate: 'Share of left rows that found a partner',
    left_rows: 'Left rows',
    joined_rows: 'Rows of the result',
    unmatched: 'Left rows without a partner',
    unused: 'Right rows that no left row asked for',
  },
  errors: {
    notComparable:
      'The keys {left} ({leftKind}, {leftType}) and {right} ({rightKind}, {rightType}) cannot be compared. Give both the same type, as with cast(… as varchar) in enrich/derive.',
    nameTaken:
      'The column {actual} would be there twice. Leave it out of `columns`, or give a `suffix` that makes its name new.',
    manyPartners:
      'Right keys that occur more than once: {actual}, one of them {most} times. Left rows would be multiplied. Use many: first with an order, or many: all where that is meant.',
    orderMissing: 'many: first needs an `order` that says which row is the first.',
    orderUnused: 'An `order` decides only with many: first, and many is {actual}.',
  },

  plan: (inputs, settings, context) => compose(inputs, settings, context),

  run: async (inputs, settings, context) => {
    if (settings.many === 'refuse') await refuseMany(inputs, settings, context)
    return compose(inputs, settings, context)
  },

  report: async ({ joined, unmatched }, settings, context, inputs) => {
    const [counts] = await context.rows(sql`
      select (select count(*) from ${inputs.left}) as left_rows, (select count(*) from ${joined}) as joined_rows,
        (select count(*) from ${unmatched}) as unmatched, (${countUnused(inputs, settings)}) as unused,
        (${countKeyless(inputs, settings)}) as keyless,
        (select count(*) from ${inputs.right}) as right_rows`)
    const count = (name: string) => Number(counts?.[name])
    const rows = count('left_rows')
    const matched = rows - count('unmatched')
    const rate = rows === 0 ? null : matched / rows
    context.metric({ name: 'match_rate', label: 'Match rate', value: rate, unit: 'share' })
    context.metric({ name: 'left_rows', label: 'Left rows', value: rows, unit: 'count' })
    context.metric({ name: 'joined_rows', label: 'Rows after the join', value: count('joined_rows'), unit: 'count' })
    context.metric({ name: 'unmatched', label: 'Rows without a partner', value: count('unmatched'), unit: 'count' })
    context.metric({ name: 'unused', label: 'Right rows not used', value: count('unused'), unit: 'count' })
    if (count('keyless') > 0)
      context.note(`Left rows with an empty key, and so without a partner: ${count('keyless')}.`)
    if (rows > 0 && count('right_rows') > 0 && matched === 0)
      context.warn(
        'No row found a partner. Are the keys of both tables written alike, and are these the right columns?',
      )
  },
})
