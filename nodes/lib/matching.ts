import type { Column, RunContext, Sql, Table } from '../node.ts'
import { components } from './clusters.ts'
import { type Normalisation, type NormaliseOptions, normalised } from './normalise.ts'
import { id, join, sql } from './sql.ts'

/** Two records are one person when all parts of a rule agree and none is missing. */
export interface MatchRule {
  readonly name: string
  readonly fields: readonly { readonly column: Column; readonly normalise: Normalisation }[]
  /** True where a value shared by any number of records still means one person, as of a customer number. */
  readonly unlimited?: boolean
}

export interface MatchOptions extends NormaliseOptions {
  /** A value that more records share says nothing about a person: it is a switchboard or a placeholder. */
  readonly maxGroup: number
}

export interface Matches {
  /** `row` INTEGER from 0 in the order of the key, `key`. */
  readonly records: Table
  /** Records that share a value with another: `row`, `root` (the smallest row of the cluster) and `rules`, INTEGERs; `rules` has bit i set where rule i joined the record. */
  readonly members: Table
  /** Values that too many records share: `rule`, `value` VARCHAR, `records` BIGINT. */
  readonly oversized: Table
  /**
   * One row per rule: `position` INTEGER, `rule` VARCHAR, and as BIGINT `comparable` (records in which no part is
   * missing), `shared_values` (that at least two records have), `surplus` (records beyond the first of each),
   * `unused_values` (that too many records have) and `unused_records`.
   */
  readonly rules: Table
}

/** At most so many rules fit the bits of `rules`. */
export const MOST_RULES = 30

const part = (index: number): Sql => id(`part ${index}`)

/**
 * Finds records that are the same person: each rule's equal values make pairs, and clusters are closed over the
 * pairs of all rules. Time grows with the records, not with the pairs: a value shared by a thousand records gives
 * 999 pairs with its first one.
 */
export async function matchRecords(
  customers: Table,
  key: string,
  rules: readonly MatchRule[],
  options: MatchOptions,
  context: RunContext,
): Promise<Matches> {
  const different = new Map(rules.flatMap((rule) => rule.fields.map((one) => [partKey(one), one])))
  const keys = [...different.keys()]
  // A column that a rule names twice is compared once.
  const ruleParts = rules.map((rule) => [...new Set(rule.fields.map(partKey))].map((one) => part(keys.indexOf(one))))
  const selected = [...different.values()].map(
    ({ column, normalise }, index) => sql`, ${normalised(column, normalise, options)} as ${part(index)}`,
  )
  const records = await context.store(sql`
    select cast(row_number() over (order by ${id(key)}) - 1 as integer) as row, ${id(key)} as key${join(selected, '')}
    from ${customers}`)
  const [total] = await context.rows(sql`select count(*) as n from ${records}`)
  const pairs: [Float64Array, Float64Array][] = []
  const counts: Sql[] = []
  const oversized: Sql[] = []
  for (const [index, rule] of rules.entries()) {
    const result = await matchByRule(records, rule, ruleParts[index] ?? [], options.maxGroup, context)
    pairs.push(result.pairs)
    counts.push(sql`select cast(${index + 1} as integer) as position, ${rule.name} as rule, * from (${result.counts})`)
    oversized.push(sql`select ${rule.name} as rule, * from (${result.oversized})`)
  }
  return {
    records,
    members: await context.write(cluster(Number(total?.n), pairs)),
    oversized: await context.store(join(oversized, ' union all ')),
    rules: await context.store(join(counts, ' union all ')),
  }
}

const partKey = ({ column, normalise }: MatchRule['fields'][number]): string => `${normalise} ${column.name}`

async function matchByRule(
  records: Table,
  { unlimited }: MatchRule,
  expressions: readonly Sql[],
  maxGroup: number,
  context: RunContext,
): Promise<{ pairs: [Float64Array, Float64Array]; counts: Sql; oversized: Sql }> {
  const present = join(
    expressions.map((column) => sql`${column} is not null`),
    ' and ',
  )
  const same = join(
    expressions.map((column) => sql`r.${column} = g.${column}`),
    ' and ',
  )
  const groups = await context.store(sql`
    select min(row) as first, count(*) as size, ${unlimited === true} or count(*) <= ${maxGroup} as used, ${join(expressions)}
    from ${records} where ${present} group by ${join(expressions)} having count(*) > 1`)
  const { first, other } = await context.read(sql`
    select g.first, r.row as other from ${groups} g join ${records} r on ${same} where g.used and r.row <> g.first`)
  return {
    // Both columns are INTEGER, which are read as numbers.
    pairs: [first as Float64Array, other as Float64Array],
    counts: sql`
      select (select count(*) from ${records} where ${present}) as comparable,
        count(*) filter (where used) as shared_values,
        cast(coalesce(sum(size - 1) filter (where used), 0) as bigint) as surplus,
        count(*) filter (where not used) as unused_values,
        cast(coalesce(sum(size) filter (where not used), 0) as bigint) as unused_records
      from ${groups}`,
    oversized: sql`select concat_ws(' + ', ${join(expressions)}) as value, size as records from ${groups} where not used`,
  }
}

/** The records that were joined to another, with their cluster and the rules that joined them. */
function cluster(count: number, pairs: readonly (readonly [Float64Array, Float64Array])[]) {
  const roots = components(count, pairs)
  const rules = new Int32Array(count)
  for (const [index, [left, right]] of pairs.entries())
    for (const side of [left, right]) for (const row of side) rules[row] = (rules[row] ?? 0) | (1 << index)
  const joined = new Int32Array(rules.reduce((total, bits) => total + (bits === 0 ? 0 : 1), 0))
  for (let row = 0, next = 0; row < count; row += 1) if (rules[row] !== 0) joined[next++] = row
  return {
    row: joined,
    root: joined.map((row) => roots[row] ?? row),
    rules: joined.map((row) => rules[row] ?? 0),
  }
}
