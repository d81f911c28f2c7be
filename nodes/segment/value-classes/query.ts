import { exactColumn } from '../../lib/amounts.ts'
import { freeName } from '../../lib/names.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { Sql, Table } from '../../node.ts'

export interface Settings {
  readonly customer: string
  readonly value: string
  readonly shares: Readonly<Record<string, number>>
  readonly top: number
}

/** The columns this node adds. */
export const outputColumns = ['value_class', 'value_rank', 'cumulative_share'] as const

/** The classes from the best to the last, by the cumulative share each reaches up to. */
export const classLimits = ({ shares }: Settings): { name: string; limit: number }[] =>
  Object.entries(shares)
    .map(([name, limit]) => ({ name, limit }))
    .sort((one, other) => one.limit - other.limit)

/**
 * ABC analysis (Dickie 1951, “ABC Inventory Analysis Shoots for Dollars, not Pennies”, Factory Management and
 * Maintenance 109(7), 92–94): customers from the most valuable down, those of one value by key, each in the first
 * class whose limit the share of value before it has not reached. Shares are of all positive value; who has none is
 * in the last class. The shares are exact sums, so that the same customers always give the same digits.
 */
export function classify(customers: Table, settings: Settings): Sql {
  const { customer, value } = settings
  const own = customers.columns.map(({ name }) => name)
  const worth = id(freeName('positive value', own))
  const running = id(freeName('value so far', own))
  const total = id(freeName('value of all', own))
  const rank = id(freeName('value_rank', own))
  const exact = exactColumn(customers, value)
  const limits = classLimits(settings)
  const before = sql`cast(${running} - ${worth} as double) / cast(${total} as double)`
  const cases = limits.slice(0, -1).map(({ name, limit }) => sql`when ${before} < ${limit} then ${name}`)
  const last = limits.at(-1)?.name ?? ''
  return sql`
    with valued as (select *, case when ${exact} > 0 then ${exact} else 0 end as ${worth} from ${customers}),
    ranked as (
      select *, row_number() over best as ${rank}, sum(${worth}) over () as ${total},
        sum(${worth}) over (best rows unbounded preceding) as ${running}
      from valued window best as (order by ${id(value)} desc nulls last, ${id(customer)}))
    select * exclude (${join([worth, rank, running, total])}),
      case when ${worth} = 0 then ${last} ${join(cases, ' ')} else ${last} end as value_class,
      ${rank} as value_rank,
      round(cast(${running} as double) / nullif(cast(${total} as double), 0), 12) as cumulative_share
    from ranked order by ${id(customer)}`
}
