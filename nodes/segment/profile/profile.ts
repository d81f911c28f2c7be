import { sql } from '../../lib/sql.ts'
import { columns, defineNode, expression, input, settings, Type } from '../../node.ts'
import { countClasses } from './classes.ts'
import { compareColumn, type Profiled } from './compare.ts'
import { profileFindings } from './report.ts'

export default defineNode({
  title: 'Profile of a group',
  summary: 'Compares a group with everybody else, class by class: what is typical of it and what is rare in it.',
  inputs: { customers: input('Customers, one row each') },
  params: settings({
    group: expression('customers', { type: 'boolean', description: 'Who belongs to the group' }),
    against: Type.Optional(
      expression('customers', {
        type: 'boolean',
        description: 'Whom to compare with; all customers, the group among them, without it',
      }),
    ),
    columns: columns('customers', { description: 'What to compare' }),
    bins: Type.Integer({ minimum: 2, maximum: 20, default: 5, description: 'Classes of equal size for numbers' }),
    maxClasses: Type.Integer({
      minimum: 2,
      maximum: 50,
      default: 12,
      description: 'Most common classes; the rest are one',
    }),
  }),
  outputs: {
    classes: 'One row per column and class: counts, shares, index (100 is as in the comparison) and mark',
    columns: 'One row per column: χ² of the group against the others, its p-value and Cramér’s V',
  },
  metrics: { group: 'Customers in the group', group_share: 'The group’s share of those compared' },
  errors: {
    emptyGroup: 'No customer is in the group ({actual} compared). Check the condition.',
    emptyComparison: 'Nobody is left to compare the group with: all {actual} customers are in it.',
    noColumns: 'No column was chosen. Needs at least one to compare.',
  },

  plan: (_inputs, { columns: names }, context) => {
    if (names.length === 0) context.fail('noColumns')
    return {
      classes: sql`select '' as "column", '' as class, 0::bigint as group_count, 0::double as group_share,
        0::bigint as comparison_count, 0::double as comparison_share, 0::double as index, 0::double as residual, '' as mark`,
      columns: sql`select '' as "column", 0::double as chi_square, 0::integer as df, 0::double as p_value,
        0::double as log10_p, 0::double as cramers_v`,
    }
  },

  run: async ({ customers }, { group, against, columns: names, bins, maxClasses }, context) => {
    const marked = await countClasses(customers, { group, against, names, bins, maxClasses }, context)
    if (marked.group === 0) context.fail('emptyGroup', { actual: marked.comparison })
    if (marked.others === 0) context.fail('emptyComparison', { actual: marked.group })
    const profiles = marked.columns.map((column) => compareColumn(column, marked))
    profileFindings(profiles, marked, context)
    const classes = profiles.flatMap(({ name, classes: rows }) => rows.map((row) => ({ name, ...row })))
    const numbers = (pick: (row: (typeof classes)[number]) => number | null) =>
      Float64Array.from(classes, (row) => pick(row) ?? Number.NaN)
    const classTable = await context.write({
      column: classes.map((row) => row.name),
      class: classes.map((row) => row.label),
      group_count: numbers((row) => row.group),
      group_share: numbers((row) => row.groupShare),
      comparison_count: numbers((row) => row.comparison),
      comparison_share: numbers((row) => row.comparisonShare),
      index: numbers((row) => row.index),
      residual: numbers((row) => row.residual),
      mark: classes.map((row) => row.mark),
    })
    const tests = (pick: (profile: Profiled) => number) => Float64Array.from(profiles, pick)
    const columnTable = await context.write({
      column: profiles.map((profile) => profile.name),
      chi_square: tests((profile) => profile.test.chiSquare),
      df: Int32Array.from(profiles, (profile) => profile.test.df),
      p_value: tests((profile) => profile.test.p),
      log10_p: tests((profile) => profile.test.log10p),
      cramers_v: tests((profile) => profile.test.cramersV),
    })
    return {
      classes: sql`select "column", class, cast(group_count as bigint) as group_count, group_share,
        cast(comparison_count as bigint) as comparison_count, comparison_share, index, residual, mark
        from ${classTable}`,
      columns: sql`select * from ${columnTable}`,
    }
  },
})
