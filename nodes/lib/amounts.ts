import type { PlanContext, Sql, Table } from '../node.ts'
import { id, join, sql } from './sql.ts'
import { typeOf } from './types.ts'

const isFloating = (type: string): boolean => type === 'DOUBLE' || type === 'FLOAT'

/** The largest floating amount that can be summed exactly. */
const limit = 1e12

/**
 * A number of DuckDB type `type` as its sum is the same to the last digit in whatever order the rows come: whole
 * numbers and DECIMAL as they are, a floating number as DECIMAL with six digits after the point. Threads add
 * floating numbers in another order every time. Cast the sum itself to double.
 */
export const exact = (value: Sql, type: string): Sql =>
  isFloating(type) ? sql`cast(${value} as decimal(18, 6))` : value

/**
 * How many rows for which `condition` holds have a number that cannot be summed exactly: not a number, infinite, or
 * of 10¹² and more. Looks at the least and the greatest first, which a Parquet file knows without being read.
 */
export async function unsummable(
  table: Table,
  condition: Sql,
  numbers: readonly { readonly value: Sql; readonly type: string }[],
  context: Pick<PlanContext, 'rows'>,
): Promise<number> {
  const floating = numbers.filter(({ type }) => isFloating(type))
  if (floating.length === 0) return 0
  // NaN is greater than every number to DuckDB.
  const fine = floating.map(({ value }) => sql`coalesce(min(${value}) > ${-limit} and max(${value}) < ${limit}, true)`)
  const [all] = await context.rows(sql`select ${join(fine, ' and ')} as fine from ${table}`)
  if (all?.fine === true) return 0
  const bad = floating.map(({ value }) => sql`(not isfinite(${value}) or abs(${value}) >= ${limit})`)
  const [row] = await context.rows(
    sql`select count(*) as n from ${table} where ${condition} and (${join(bad, ' or ')})`,
  )
  return Number(row?.n)
}

/** A column as it is summed exactly. */
export const exactColumn = (table: Table, name: string): Sql => exact(id(name), typeOf(table, name))
