import { repeatedName, sameName } from '../../lib/names.ts'
import { expr, id, join, sql } from '../../lib/sql.ts'
import {
  columns,
  defineNode,
  expression,
  input,
  type PlanContext,
  type Sql,
  type Static,
  settings,
  type Table,
  Type,
} from '../../node.ts'
import { reportColumns } from './report.ts'

const params = settings({
  columns: Type.Record(Type.String({ pattern: '^[^\\u0000]+$' }), expression('table'), {
    default: {},
    additionalProperties: false,
    description: 'New columns: a name and an SQL expression of the input’s columns, not of each other',
  }),
  where: Type.Optional(
    expression('table', {
      type: 'boolean',
      description:
        'Which rows to keep, by the input’s columns; a row for which it is neither true nor false is dropped',
    }),
  ),
  keep: Type.Optional(columns('table', { description: 'The only columns of the input to keep, in this order' })),
  drop: Type.Optional(columns('table', { description: 'Columns of the input to leave out' })),
  replace: Type.Boolean({
    default: false,
    description: 'Whether a new column may take the name and place of one that is there',
  }),
})

type Settings = Static<typeof params>

export default defineNode({
  title: 'Derived columns',
  summary: 'Computes new columns from those there are, and keeps the rows and columns that are asked for.',
  inputs: { table: input('Any rows') },
  params,
  outputs: { table: 'The rows that were kept, in their order, with their new columns' },
  metrics: { rows_in: 'Rows before', rows_out: 'Rows kept', kept: 'Share of rows kept' },
  errors: {
    nameTaken: 'The table has a column {actual} already. Choose another name, or allow it with replace: true.',
    nameTwice: 'The column {actual} would be there twice: names differ in more than capitals.',
    keepAndDrop: 'Both keep and drop are given. Name either what to keep or what to leave out.',
    nothingLeft: 'No column is left. Needs at least one to keep or to compute.',
  },

  run: ({ table }, settings, context) => {
    const selected = selection(table, settings, context)
    // Rows are filtered first, by the input's columns: SQL would let the condition see a new column of a new name.
    const rows =
      settings.where === undefined ? sql`${table}` : sql`(select * from ${table} where ${expr(settings.where)})`
    // A plain scan keeps its input's order in DuckDB (preserve_insertion_order), so no key is needed to sort by.
    return sql`select ${join(selected)} from ${rows}`
  },

  report: async ({ table: result }, settings, context, { table }) => {
    const [counts] = await context.rows(
      sql`select (select count(*) from ${table}) as rows_in, (select count(*) from ${result}) as rows_out`,
    )
    const before = Number(counts?.rows_in)
    const after = Number(counts?.rows_out)
    context.metric({ name: 'rows_in', label: 'Rows before', value: before, unit: 'count' })
    context.metric({ name: 'rows_out', label: 'Rows kept', value: after, unit: 'count' })
    context.metric({
      name: 'kept',
      label: 'Share of rows kept',
      value: before === 0 ? null : after / before,
      unit: 'share',
    })
    if (before > 0 && after === 0) context.warn(`No row is left: ${settings.where} holds for none of ${before} rows.`)
    if (after > 0) await reportColumns(result, settings.columns, after, context)
  },
})

/** Every column of the result: those of the input that stay, with replaced ones in their place, then the new ones. */
function selection(table: Table, { columns: derived, keep, drop, replace }: Settings, context: PlanContext): Sql[] {
  if (keep !== undefined && drop !== undefined) context.fail('keepAndDrop')
  const present = table.columns.map(({ name }) => name)
  const dropped = new Set(drop ?? [])
  const staying = keep === undefined ? present.filter((name) => !dropped.has(name)) : [...new Set(keep)]
  const names = Object.keys(derived)
  const twice = repeatedName(names)
  if (twice !== undefined) context.fail('nameTwice', { actual: twice })
  const repeated = names.find((name) => staying.some((column) => sameName(column, name)))
  if (repeated !== undefined && !replace) context.fail('nameTaken', { actual: repeated })
  const compute = (name: string): Sql => sql`${expr(derived[name] ?? '')} as ${id(name)}`
  const replacing = (column: string) => names.find((name) => sameName(name, column))
  const selected = staying.map((column) => {
    const name = replacing(column)
    return name === undefined ? id(column) : compute(name)
  })
  const added = names.filter((name) => !staying.some((column) => sameName(column, name))).map(compute)
  if (selected.length + added.length === 0) context.fail('nothingLeft')
  return [...selected, ...added]
}
