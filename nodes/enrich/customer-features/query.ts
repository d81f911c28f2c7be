import { exact } from '../../lib/amounts.ts'
import { daysAgo, isCounted } from '../../lib/purchases.ts'
import { expr, id, join, keyword, sql } from '../../lib/sql.ts'
import { typeOf } from '../../lib/types.ts'
import type { PlanContext, Sql } from '../../node.ts'
import { categoryColumn } from './names.ts'
import type { Inputs, Measure, Settings } from './settings.ts'

const value = (index: number): Sql => id(`value ${index}`)

/** The types of the measures' values, in their order. */
export const measureTypes = async (inputs: Inputs, { measures }: Settings, context: PlanContext): Promise<string[]> => {
  if (measures.length === 0) return []
  const values = measures.map((measure, index) => sql`${expr(measure.value)} as ${value(index)}`)
  const described = await context.describe(sql`select ${join(values)} from ${inputs.orders}`)
  return described.map(({ type }) => type)
}

/** One row per customer, by key, from the sums that `summed` gives: its query in parentheses, or a table of it. */
export function compose({ customers }: Inputs, settings: Settings, sums: Sql): Sql {
  const bought = sql`${sums} as bought`
  const first = sql`bought."first days"`
  if (customers === undefined)
    return sql`select bought.customer_id, ${join(finished(settings, first))} from ${bought} order by bought.customer_id`
  const { key, since, asOf, columns = [] } = settings
  const carried = columns.map((name) => sql`, source.${id(name)}`)
  // Who became a customer on the as-of date or later was not known as one.
  const tenure =
    since === undefined
      ? first
      : sql`coalesce(case when isfinite(source.${id(since)}) and source.${id(since)} < cast(${asOf} as date)
          then ${daysAgo({ date: sql`source.${id(since)}`, asOf })} end, ${first})`
  return sql`
    select source.${id(key)} as customer_id${join(carried, '')}, ${join(finished(settings, tenure))}
    from ${customers} as source left join ${bought} on source.${id(key)} = bought.customer_id
    order by source.${id(key)}`
}

/**
 * Everything that is summed up of the purchases, one row per customer. One pass over them: each is reduced to its
 * age in days, its amount and what else is asked for, and everything is an aggregate of those. Sums are exact, and
 * so the same in whatever order the purchases lie.
 */
export function summed(inputs: Inputs, settings: Settings, types: readonly string[]): Sql {
  const { windows, categories, measures, order } = settings
  const spend = (condition: Sql) => sql`sum(amount) filter (${condition})`
  const ofLines = [
    sql`count(*) as "purchase rows"`,
    sql`min(ago) as recency_days`,
    sql`max(ago) as "first days"`,
    sql`sum(amount) as monetary`,
    // Thirty-day months before the as-of date, a bit each; those of the last year count.
    sql`bit_count(bit_or(1 << least((ago - 1) // 30, 12)) filter (ago <= 360)) as active_months`,
    ...windows.flatMap((days) => [
      sql`${spend(sql`ago <= ${days}`)} as ${id(`spend_${days}`)}`,
      sql`${spend(sql`ago > ${days} and ago <= ${2 * days}`)} as ${id(`before ${days}`)}`,
    ]),
    ...categories.map((category) => sql`${spend(sql`category = ${category}`)} as ${id(categoryColumn(category))}`),
    ...measures.map((measure, index) => sql`${aggregate(measure, index, types[index] ?? '')} as ${id(measure.name)}`),
  ]
  const ofOrders = [
    sql`count(*) as frequency`,
    ...windows.map((days) => sql`count(*) filter (ago <= ${days}) as ${id(`orders_${days}`)}`),
  ]
  const lines = purchases(inputs, settings)
  if (order === undefined)
    return sql`select customer as customer_id, ${join([...ofLines, ...ofOrders])} from (${lines}) group by 1`
  return sql`
    with lines as (${lines}),
      of_lines as (select customer as customer_id, ${join(ofLines)} from lines group by 1),
      orders as (select customer, "order", min(ago) as ago from lines group by 1, 2),
      of_orders as (select customer as customer_id, ${join(ofOrders)} from orders group by 1)
    select * from of_lines join of_orders using (customer_id)`
}

/** The purchases that count, each as what the features need of it. */
function purchases({ orders }: Inputs, settings: Settings): Sql {
  const { customer, amount, order, category, categories, measures, date, asOf } = settings
  const selected = [
    sql`${id(customer)} as customer`,
    sql`${daysAgo({ date: id(date), asOf })} as ago`,
    sql`${exact(id(amount), typeOf(orders, amount))} as amount`,
    ...(order === undefined ? [] : [sql`${id(order)} as "order"`]),
    ...(category === undefined || categories.length === 0 ? [] : [sql`cast(${id(category)} as varchar) as category`]),
    ...(measures.some(({ aggregate }) => aggregate === 'last') ? [sql`${id(date)} as "date"`] : []),
    ...measures.map((measure, index) => sql`${expr(measure.value)} as ${value(index)}`),
  ]
  return sql`select ${join(selected)} from ${orders} where ${isCounted(settings)}`
}

function aggregate({ aggregate: kind, window }: Measure, index: number, type: string): Sql {
  const one = value(index)
  const filter = window === undefined ? sql`` : sql` filter (ago <= ${window})`
  switch (kind) {
    case 'sum':
      return sql`sum(${exact(one, type)})${filter}`
    case 'mean':
      return sql`cast(sum(${exact(one, type)})${filter} as double) / nullif(count(${one})${filter}, 0)`
    case 'last':
      // Of several values of one moment the greatest, so that the order of rows does not decide.
      return sql`arg_max(${one}, row("date", ${one}))${filter}`
    default:
      return sql`${keyword(kind)}(${one})${filter}`
  }
}

/** The features as they are given: what a customer without purchases has too, and what is computed of several. */
function finished({ windows, categories, measures }: Settings, tenure: Sql): Sql[] {
  const of = (name: string) => sql`bought.${id(name)}`
  const sum = (name: string) => sql`coalesce(cast(${of(name)} as double), 0)`
  const count = (name: string) => sql`coalesce(${of(name)}, 0)`
  return [
    sql`bought.recency_days`,
    sql`${count('frequency')} as frequency`,
    sql`${sum('monetary')} as monetary`,
    sql`${sum('monetary')} / nullif(bought.frequency, 0) as mean_order`,
    sql`${tenure} as tenure_days`,
    sql`case when bought.frequency > 1
      then (bought."first days" - bought.recency_days) / (bought.frequency - 1) end as mean_gap_days`,
    sql`cast(${count('active_months')} as integer) as active_months`,
    ...windows.flatMap((days) => [
      sql`${count(`orders_${days}`)} as ${id(`orders_${days}`)}`,
      sql`${sum(`spend_${days}`)} as ${id(`spend_${days}`)}`,
      sql`${trend(sum(`spend_${days}`), sum(`before ${days}`))} as ${id(`trend_${days}`)}`,
    ]),
    ...categories.map((category) => sql`${sum(categoryColumn(category))} as ${id(categoryColumn(category))}`),
    ...measures.map(({ name, aggregate: kind }) =>
      kind === 'sum' ? sql`${sum(name)} as ${id(name)}` : sql`cast(${of(name)} as double) as ${id(name)}`,
    ),
  ]
}

/**
 * (now − before) / (|now| + |before|), −1 to 1: −1 has stopped, 0 is unchanged or nothing at all, 1 is new. Half the
 * relative change on the arithmetic mean of Törnqvist, Vartia and Vartia (1985), “How should relative changes be
 * measured?”, The American Statistician 39(1), 43–46: symmetric, and there is no division by zero to fear.
 */
const trend = (now: Sql, before: Sql): Sql =>
  sql`coalesce((${now} - ${before}) / nullif(abs(${now}) + abs(${before}), 0), 0)`
