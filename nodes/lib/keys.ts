import type { PlanContext, Sql, Table } from '../node.ts'
import { sql } from './sql.ts'
import { typeOf } from './types.ts'

// Customers of different tables are matched by their key as text: a history keeps keys as text whatever type they
// had, and one file's import guesses numbers where another's guesses text.

const isInteger = (type: string): boolean => /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)
const isFraction = (type: string): boolean => /^(DECIMAL|DOUBLE|FLOAT)/.test(type)

/** Whether a key column holds numbers: such keys have lost their leading zeros. */
export const isNumericKey = (table: Table, column: string): boolean => {
  const type = typeOf(table, column)
  return isInteger(type) || isFraction(type)
}

/**
 * A key as text, NULL where it is missing or blank: without spaces around it, whole numbers without a decimal point.
 * `value` is the column as the query names it. `numeric` says that it shall match keys of a numeric column: then
 * `0007` is 7.
 */
export const keyText = (table: Table, column: string, value: Sql, { numeric = false } = {}): Sql => {
  const type = typeOf(table, column)
  if (isInteger(type)) return sql`cast(${value} as varchar)`
  if (isFraction(type))
    return sql`case when ${value} = trunc(${value}) and abs(${value}) < 1e30
      then cast(cast(${value} as hugeint) as varchar) else cast(${value} as varchar) end`
  const text = sql`nullif(trim(cast(${value} as varchar)), '')`
  if (!numeric) return text
  // The pattern keeps 7.4 and 1e3, which a cast would turn into other customers' keys.
  return sql`case when regexp_full_match(${text}, '[+-]?[0-9]{1,30}')
    then cast(cast(${text} as hugeint) as varchar) else ${text} end`
}

/** How many rows of `relation` have no `key`, and how many repeat one that another row has. */
export const keyFaults = async (
  context: Pick<PlanContext, 'rows'>,
  keys: Sql,
): Promise<{ readonly rows: number; readonly missing: number; readonly repeated: number }> => {
  const [row] = await context.rows(sql`
    select count(*) as n, count(key) as present, count(distinct key) as different from (${keys}) as keys(key)`)
  const present = Number(row?.present)
  return { rows: Number(row?.n), missing: Number(row?.n) - present, repeated: present - Number(row?.different) }
}
