import type { RunContext, Sql, Table } from '../node.ts'
import { id, sql } from './sql.ts'

/** Which columns of a table of purchases say what. */
export interface PurchaseColumns {
  readonly customer: string
  readonly date: string
  readonly amount: string
  /** ISO date; what happens on it or later is not known yet. */
  readonly asOf: string
}

/** Whether a purchase counts: it is somebody's and dated before the as-of date. */
export const isCounted = ({ customer, date, asOf }: PurchaseColumns): Sql =>
  sql`${id(customer)} is not null and isfinite(${id(date)}) and ${id(date)} < cast(${asOf} as date)`

/** Whole days from a date's calendar day to the as-of date, INTEGER: yesterday is 1. */
export const daysAgo = ({ date, asOf }: { readonly date: Sql; readonly asOf: string }): Sql =>
  sql`cast(cast(${asOf} as date) - cast(${date} as date) as integer)`

/** Says how many purchases were left out and why. Gives the rows that count and those that are later. */
export async function notePurchases(
  orders: Table,
  columns: PurchaseColumns,
  context: RunContext,
): Promise<{ counted: number; later: number }> {
  const { customer, date, amount, asOf } = columns
  const [row] = await context.rows(sql`
    select count(*) as n, count(*) filter (${isCounted(columns)}) as counted,
      count(*) filter (${id(customer)} is null) as nobody,
      count(*) filter (${id(customer)} is not null and not coalesce(isfinite(${id(date)}), false)) as undated,
      count(*) filter (${isCounted(columns)} and ${id(amount)} is null) as unpriced
    from ${orders}`)
  const number = (name: string) => Number(row?.[name])
  const later = number('n') - number('counted') - number('nobody') - number('undated')
  const say = (count: number, text: string) => {
    if (count > 0) context.note(`${rows(count)} ${text}`)
  }
  say(later, `of purchases dated ${asOf} or later: not counted, because they were not known then.`)
  say(number('nobody'), `of purchases without a ${customer}: not counted.`)
  say(number('undated'), `of purchases without a ${date}: not counted.`)
  say(number('unpriced'), `of purchases with an empty ${amount}: counted as purchases of 0.`)
  return { counted: number('counted'), later }
}

const rows = (count: number): string => (count === 1 ? '1 row' : `${count} rows`)
