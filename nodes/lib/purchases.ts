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

/**
 * Says how many rows were left out and why. Gives those on the as-of date or later. The counts of empty values and
 * the greatest date are known to a Parquet file without being read; only what they leave open is looked up.
 */
export async function notePurchases(
  orders: Table,
  { customer, date, amount, asOf }: PurchaseColumns,
  context: Pick<RunContext, 'rows' | 'note'>,
): Promise<{ later: number }> {
  const [row] = await context.rows(sql`
    select count(*) - count(${id(customer)}) as nobody, count(*) - count(${id(amount)}) as unpriced,
      count(*) - count(${id(date)}) as undated, coalesce(isfinite(min(${id(date)})), true) as bounded,
      coalesce(max(${id(date)}) >= cast(${asOf} as date), false) as goes_on
    from ${orders}`)
  let later = 0
  let undated = Number(row?.undated)
  if (row?.goes_on === true || row?.bounded !== true) {
    const [dates] = await context.rows(sql`
      select count(*) filter (${id(date)} >= cast(${asOf} as date)) as later,
        count(*) filter (not isfinite(${id(date)}) and ${id(date)} < cast(${asOf} as date)) as endless
      from ${orders}`)
    later = Number(dates?.later)
    undated += Number(dates?.endless)
  }
  const say = (count: number, text: string) => {
    if (count > 0) context.note(`${count === 1 ? '1 purchase is' : `${count} purchases are`} ${text}`)
  }
  say(later, `dated ${asOf} or later and not counted: what happened then was not known.`)
  say(Number(row?.nobody), `without a ${customer} and not counted.`)
  say(undated, `without a ${date} and not counted.`)
  say(Number(row?.unpriced), `without a value of ${amount}, which counts as 0.`)
  return { later }
}
