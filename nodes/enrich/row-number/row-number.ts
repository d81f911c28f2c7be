import { sameName } from '../../lib/names.ts'
import { id, sql } from '../../lib/sql.ts'
import { defineNode, input, settings, Type } from '../../node.ts'

export default defineNode({
  title: 'Row numbers',
  summary: 'Numbers the rows from 1 in their order: a key for a file that has none.',
  inputs: { table: input('Any rows') },
  params: settings({
    name: Type.String({
      pattern: '^[^\\u0000]+$',
      default: 'row_number',
      description: 'The name of the new column',
    }),
  }),
  outputs: { table: 'The rows in their order, with their number' },
  errors: { nameTaken: 'The table has a column {actual} already. Choose another name for the number.' },

  run: ({ table }, { name }, context) => {
    const conflict = table.columns.find((column) => sameName(column.name, name))
    if (conflict) context.fail('nameTaken', { actual: conflict.name })
    // A plain scan keeps its input's order in DuckDB (preserve_insertion_order), and the window numbers the rows in it.
    return sql`select *, cast(row_number() over () as bigint) as ${id(name)} from ${table} order by ${id(name)}`
  },
})
