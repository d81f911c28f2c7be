import { isFilled } from '../../lib/normalise.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { RunContext, Sql, Table } from '../../node.ts'
import { verdictName } from './checks.ts'
import type { Check } from './score.ts'
import { intact, type Judged, judgedOf, type Shares, scoreOf, sum } from './score.ts'
import type { Settings } from './settings.ts'

/** All that was counted, before it becomes rows. */
export interface Counts {
  readonly customers: number
  /** Values that are there, by column in the table's order. */
  readonly filled: readonly number[]
  readonly checks: readonly (Check & Judged)[]
  /** Rows beyond the first of each person, and those among them whose key an earlier row has. */
  readonly surplus: number
  readonly repeatedKeys: number
}

/** Counts what the verdicts found. */
export async function countVerdicts(
  customers: Table,
  checks: readonly Check[],
  verdicts: Table,
  surplus: Table,
  context: RunContext,
): Promise<Counts> {
  const numbers = async (counts: readonly Sql[], table: Table): Promise<number[]> => {
    const named = counts.map((one, index) => sql`${one} as ${id(`count ${index}`)}`)
    const [row] = await context.rows(sql`select ${join(named)} from ${table}`)
    return Object.values(row ?? {}).map(Number)
  }
  const filled = customers.columns.map((column) => sql`count(*) filter (where ${isFilled(column)})`)
  const [total = 0, ...perColumn] = await numbers([sql`count(*)`, ...filled], customers)
  const judged = checks.flatMap((_, index) => [
    sql`count(${verdictName(index)})`,
    sql`count(*) filter (where ${verdictName(index)} > 0)`,
  ])
  // There is always a check: the key is required.
  const perCheck = await numbers(judged, verdicts)
  const [all = 0, repeated = 0] = await numbers([sql`count(*)`, sql`count(*) filter (where rule = 1)`], surplus)
  const checked = checks.map((check, index) => ({
    ...check,
    judged: perCheck[2 * index] ?? 0,
    broken: perCheck[2 * index + 1] ?? 0,
  }))
  return { customers: total, filled: perColumn, checks: checked, surplus: all, repeatedKeys: repeated }
}

export const sharesOf = ({ customers, checks, surplus }: Counts): Shares => ({
  completeness: intact(judgedOf(checks, 'completeness')),
  validity: intact(judgedOf(checks, 'validity')),
  uniqueness: intact({ judged: customers, broken: surplus }),
  consistency: intact(judgedOf(checks, 'consistency')),
})

/** The one row of `overall`. */
export function overallRow(counts: Counts, settings: Settings): Sql {
  const { asOf, postalCode, addressUpdated, lettersPerYear, letterPrice, staleShare, weights } = settings
  const shares = sharesOf(counts)
  const brokenOf = (column: string, dimension: 'validity' | 'timeliness') =>
    judgedOf(counts.checks, dimension, (check) => check.column === column).broken
  const nonexistent = postalCode === undefined ? null : brokenOf(postalCode, 'validity')
  const stale = addressUpdated === undefined ? null : brokenOf(addressUpdated, 'timeliness')
  const letters = lettersPerYear === undefined || letterPrice === undefined ? null : lettersPerYear * letterPrice
  const cost = stale === null || letters === null ? null : stale * letters * staleShare
  const share = (value: number | null) => sql`cast(${value} as double)`
  const number = (value: number | null) => sql`cast(${value} as bigint)`
  return sql`
    select cast(${asOf} as date) as as_of, ${number(counts.customers)} as customers,
      ${share(scoreOf(shares, weights, counts.customers))} as score, ${share(shares.completeness)} as completeness,
      ${share(shares.validity)} as validity, ${share(shares.uniqueness)} as uniqueness,
      ${share(shares.consistency)} as consistency, ${number(counts.surplus)} as duplicates,
      ${number(nonexistent)} as nonexistent_postal_codes, ${number(stale)} as stale_addresses,
      ${share(cost)} as stale_address_cost`
}

/** One row per column of the customers. */
export async function columnRows(
  customers: Table,
  key: string,
  counts: Counts,
  context: Pick<RunContext, 'write'>,
): Promise<Sql> {
  const rows = customers.columns.map(({ name, type }, index) => {
    const own = counts.checks.filter((check) => check.column === name)
    const consistency = judgedOf(counts.checks, 'consistency', ({ columns = [] }) => columns.includes(name))
    const filled = counts.filled[index] ?? 0
    const validity = judgedOf(own, 'validity')
    const repeated = name === key ? { judged: filled, broken: counts.repeatedKeys } : { judged: 0, broken: 0 }
    const withoutRules = sum(own.filter(({ dimension }) => dimension !== 'consistency'))
    return {
      name,
      type,
      filled,
      completeness: intact({ judged: counts.customers, broken: counts.customers - filled }),
      checked: validity.judged,
      validity: intact(validity),
      uniqueness: intact(repeated),
      consistency: intact(consistency),
      problems: withoutRules.broken + repeated.broken + consistency.broken,
    }
  })
  const numbers = (of: (row: (typeof rows)[number]) => number | null) =>
    Float64Array.from(rows, (row) => of(row) ?? Number.NaN)
  const table = await context.write({
    position: Int32Array.from(rows.keys(), (index) => index + 1),
    column_name: rows.map((row) => row.name),
    type: rows.map((row) => row.type),
    filled: numbers((row) => row.filled),
    completeness: numbers((row) => row.completeness),
    checked: numbers((row) => row.checked),
    validity: numbers((row) => row.validity),
    uniqueness: numbers((row) => row.uniqueness),
    consistency: numbers((row) => row.consistency),
    problems: numbers((row) => row.problems),
  })
  return sql`select * replace (cast(filled as bigint) as filled, cast(checked as bigint) as checked,
    cast(problems as bigint) as problems) from ${table} order by position`
}

/** One row per customer and broken rule. */
export function problemRows(checks: readonly Check[], verdicts: Table, surplus: Table, key: string): Sql {
  const failures = checks.flatMap(({ column, dimension, rules }, index) =>
    rules.map(
      (rule, number) => sql`select key as customer_id, ${dimension} as dimension, ${rule} as rule,
        cast(${column} as varchar) as column_name from ${verdicts} where ${verdictName(index)} = ${number + 1}`,
    ),
  )
  return sql`
    ${join(failures, ' union all ')}
    union all select key, 'uniqueness', case rule when 1 then 'key_repeated' else 'same_person' end,
      case rule when 1 then cast(${key} as varchar) end from ${surplus}
    order by customer_id nulls last, dimension, rule, column_name`
}
