import { isFilled } from '../../lib/normalise.ts'
import { id, join, sql } from '../../lib/sql.ts'
import { type Column, column, type Sql, type Static, settings, Type } from '../../node.ts'

const RULES = ['first_non_null', 'newest', 'oldest', 'longest', 'most_common', 'max', 'min'] as const

export const survivorshipSettings = {
  updated: Type.Optional(
    column('customers', {
      type: 'date',
      description: 'When a record was last confirmed; the newest record of a cluster then survives',
    }),
  ),
  survivorship: Type.Array(
    settings({
      column: column('customers', { description: 'The column that has a rule of its own' }),
      rule: Type.Enum([...RULES], {
        description:
          'Which of the values that are there survives; ties are broken by the order of the records (see `updated`)',
      }),
      by: Type.Optional(
        column('customers', { type: 'date', description: 'The date of newest and oldest; `updated` by default' }),
      ),
    }),
    {
      default: [],
      description: 'Columns that do not simply take their value from the first record of the cluster that has one',
    },
  ),
  together: Type.Array(Type.Array(column('customers'), { minItems: 2 }), {
    default: [],
    description:
      'Columns that only make sense together, such as street and postal code: all taken from the one record that has most of them',
  }),
}
const schema = settings(survivorshipSettings)
export type Survivorship = Static<typeof schema>

/** What is wrong with the settings, as the name of a declared error and its values; undefined where nothing is. */
export const survivorshipFault = (
  { updated, survivorship, together }: Survivorship,
  key: string,
): { name: 'dateMissing' | 'columnTwice'; column: string; rule: string } | undefined => {
  const undated = survivorship.find(
    ({ rule, by }) => (rule === 'newest' || rule === 'oldest') && by === undefined && updated === undefined,
  )
  if (undated) return { name: 'dateMissing', column: undated.column, rule: undated.rule }
  const ruled = [key, ...survivorship.map((one) => one.column), ...together.flat()]
  const twice = ruled.find((name, index) => ruled.indexOf(name) !== index)
  return twice === undefined ? undefined : { name: 'columnTwice', column: twice, rule: '' }
}

// In the queries below a column of the customers is called v0, v1, … so that no name of theirs can meet one of ours.
const value = (index: number): Sql => id(`v${index}`)

/** The customers' columns as v0, v1, …, from the relation named `alias`. */
export const asValues = (all: readonly Column[], alias: string): Sql =>
  join(all.map(({ name }, index) => sql`${id(alias)}.${id(name)} as ${value(index)}`))

/**
 * The order of a cluster's records, best first: the newest by `updated`, then the one with most values, then by
 * key. The first record's key is the one that survives.
 */
export const standing = (all: readonly Column[], key: string, updated: string | undefined): Sql => {
  const position = (name: string) => all.findIndex((one) => one.name === name)
  const filled = all.map((one, index) => sql`cast(${isFilled(one, value(index))} as integer)`)
  const newest = updated === undefined ? sql`` : sql`${value(position(updated))} desc nulls last, `
  return sql`row_number() over (partition by root order by ${newest}${join(filled, ' + ')} desc, ${value(position(key))})`
}

/**
 * One row per cluster of `ranked` (root, standing, v0…): the surviving values under their own names, and the
 * number of records as `recordsColumn`.
 */
export const mergeClusters = (
  ranked: Sql,
  all: readonly Column[],
  key: string,
  settings: Survivorship,
  recordsColumn: string,
): Sql => {
  const position = (name: string) => all.findIndex((one) => one.name === name)
  const orders: Sql[] = []
  const rank = (order: Sql) => id(`rank${orders.push(order) - 1}`)
  const filled = (index: number) => isFilled(all[index] as Column, value(index)) // the index is that of a column
  const survivors = new Map<string, Sql>()
  for (const group of settings.together) {
    const present = group.map((name) => sql`cast(${filled(position(name))} as integer)`)
    const chosen = rank(sql`${join(present, ' + ')} desc`)
    for (const name of group) survivors.set(name, sql`any_value(${value(position(name))}) filter (where ${chosen} = 1)`)
  }
  for (const { column: name, rule, by = settings.updated } of settings.survivorship) {
    const order = ruleOrder(rule, position(name), by === undefined ? undefined : value(position(by)))
    if (order) survivors.set(name, firstFilled(position(name), filled(position(name)), rank(order)))
  }
  const columns = all.map(({ name }, index) => {
    const survivor = survivors.get(name)
    if (name === key) return sql`arg_min(${value(index)}, standing) as ${id(name)}`
    return sql`${survivor ?? firstFilled(index, filled(index), sql`standing`)} as ${id(name)}`
  })
  const ranks = orders.map(
    (order, index) => sql`, row_number() over (partition by root order by ${order}, standing) as ${id(`rank${index}`)}`,
  )
  return sql`
    select ${join(columns)}, count(*) as ${id(recordsColumn)}
    from (select *${join(ranks, '')} from (${counted(ranked, settings, position)})) group by root`
}

/** The first value that is there; where none is, the blank one of the surviving record. */
const firstFilled = (index: number, filled: Sql, rank: Sql): Sql =>
  sql`coalesce(arg_min(${value(index)}, ${rank}) filter (where ${filled}), arg_min(${value(index)}, standing))`

const countOf = (index: number): Sql => id(`count${index}`)

const ruleOrder = (rule: (typeof RULES)[number], index: number, date: Sql | undefined): Sql | undefined => {
  switch (rule) {
    case 'newest':
      return sql`${date ?? sql`null`} desc nulls last`
    case 'oldest':
      return sql`${date ?? sql`null`} asc nulls last`
    case 'longest':
      return sql`length(trim(cast(${value(index)} as varchar))) desc nulls last`
    case 'most_common':
      return sql`${countOf(index)} desc`
    case 'max':
      return sql`${value(index)} desc nulls last`
    case 'min':
      return sql`${value(index)} asc nulls last`
    case 'first_non_null':
      return undefined
  }
}

/** Adds how often each value of a most_common column occurs in its cluster. */
const counted = (ranked: Sql, { survivorship }: Survivorship, position: (name: string) => number): Sql => {
  const counts = survivorship
    .filter(({ rule }) => rule === 'most_common')
    .map(({ column: name }) => position(name))
    .map((index) => sql`, count(*) over (partition by root, ${value(index)}) as ${countOf(index)}`)
  return sql`select *${join(counts, '')} from (${ranked})`
}
