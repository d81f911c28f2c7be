import { columnClass } from '../../lib/column-class.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { Sql, Table } from '../../node.ts'

// A spreadsheet runs a cell that begins with one of these as a formula, also behind blanks and signs nobody sees;
// the wide and small forms count too. OWASP, "CSV Injection".
const formula = String.raw`^[\s\p{Cc}\p{Cf}\p{Z}]*[-=+@\x{FF0B}\x{FF0D}\x{FF1D}\x{FF20}\x{FE62}\x{FE63}\x{FE66}\x{FE6B}]|^[\t\r\n]`
// Digits with a plus, spaces, hyphens and parentheses call no function and name no cell.
const phone = String.raw`^\+?[0-9][0-9 ()-]{2,30}$`

const formulaName = /^[\s\p{Cc}\p{Cf}\p{Z}]*[-=+@\uFF0B\uFF0D\uFF1D\uFF20\uFE62\uFE63\uFE66\uFE6B]|^[\t\r\n]/u

/** A text that a spreadsheet shows and does not run: behind an apostrophe where it would begin a formula. */
const inert = (text: Sql, isPhone: boolean): Sql => {
  const left = isPhone ? sql`regexp_matches(${text}, ${phone})` : sql`false`
  return sql`case when regexp_matches(${text}, ${formula}) and not ${left} then '''' || ${text} else ${text} end`
}

const header = (name: string): Sql => id(formulaName.test(name) ? `'${name}` : name)

/**
 * The columns of a file over `target t`. Numbers, dates and booleans stay as they are, so that a negative number remains one; every
 * other column is text that no spreadsheet runs. In `phones` a number with its plus stays as a machine must read it.
 */
export const fileColumns = (target: Table, columns: readonly string[], phones: readonly string[]): Sql =>
  join(
    columns.map((name) => {
      const type = target.columns.find((column) => column.name === name)?.type ?? ''
      if (['number', 'date', 'boolean'].includes(columnClass(type))) return sql`t.${id(name)} as ${header(name)}`
      return sql`${inert(sql`cast(t.${id(name)} as varchar)`, phones.includes(name))} as ${header(name)}`
    }),
  )
