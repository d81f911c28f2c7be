import { isNumericKey, keyText } from '../../lib/keys.ts'
import { explicitYes } from '../../lib/permissions.ts'
import { expr, id, join, sql } from '../../lib/sql.ts'
import type { Sql, Table } from '../../node.ts'
import { bits, conditionColumns, firstRule } from './rules.ts'
import type { Settings } from './settings.ts'

export interface Inputs {
  readonly customers: Table
  readonly permissions: Table
  readonly history: Table | undefined
  readonly held_out: Table | undefined
}

/** A column of keys that compare with the customers' keys. */
export const keyOf = ({ customers }: Inputs, settings: Settings, table: Table, column: string): Sql =>
  keyText(table, column, id(column), { numeric: isNumericKey(customers, settings.customer) })

/** Per customer with a permission row: a bit per channel that every one of their rows permits. */
const permissionsByCustomer = (inputs: Inputs, settings: Settings): Sql => {
  const { permissions } = inputs
  const flags = settings.channels.map(
    (channel, index) => sql`${explicitYes(permissions, channel)} as ${id(`f${index}`)}`,
  )
  const all = settings.channels.map((_, index) => sql`bool_and(${id(`f${index}`)})`)
  const key = keyOf(inputs, settings, permissions, settings.permissionCustomer)
  return sql`select key, ${bits(all)} as permitted, count(*) as rows from (select ${key} as key, ${join(flags)} from ${permissions})
    where key is not null group by key`
}

const hasColumn = (table: Table, name: string): boolean => table.columns.some((column) => column.name === name)

/** The rows of the history that are contacts: what is not known to be none counts as one. */
export const isContact = (history: Table, { contacted }: Settings): Sql => {
  if (contacted !== undefined) return sql`coalesce(${expr(contacted)}, true)`
  if (!hasColumn(history, 'campaign_group')) return sql`true`
  return sql`coalesce(lower(trim(cast(campaign_group as varchar))) not in ('control', 'standing'), true)`
}

/** Contacts that keep a customer in quarantine: recent ones, and those of which nobody knows when they were. */
export const isRecent = (history: Table, settings: Settings): Sql => {
  const { historyDate, quarantineDays = 0, asOf, campaign } = settings
  const day = sql`cast(${id(historyDate)} as date)`
  const today = sql`cast(${asOf} as date)`
  const sameDay = campaign === undefined ? sql`false` : sql`${day} = ${today} and campaign is distinct from ${campaign}`
  return sql`${isContact(history, settings)} and (${id(historyDate)} is null
    or (${day} < ${today} and ${day} > ${today} - ${quarantineDays}::integer) or (${sameDay}))`
}

/** The keys that a table names, once each; none where there is no table. */
const keysOf = (inputs: Inputs, settings: Settings, table: Table | undefined, column: string, where: Sql): Sql =>
  table === undefined
    ? sql`select null::varchar as key where false`
    : sql`select distinct key from (
        select ${keyOf(inputs, settings, table, column)} as key, ${where} as counts from ${table})
        where key is not null and counts`

/**
 * One row per customer: `customer_id` as it came, `key`, the conditions, the channels permitted and reachable, how
 * many rows of permissions they have, the rank,
 * and `rule`, the first rule that excludes them before money and places are given out (NULL: none).
 */
export const judge = (inputs: Inputs, settings: Settings): Sql => {
  const { customers, history } = inputs
  const { customer, rank, channels } = settings
  const needs = channels.map(({ needs }) => (needs === undefined ? sql`true` : expr(needs)))
  const value = sql`cast(${expr(rank)} as double)`
  const recent = history ? isRecent(history, settings) : sql`true`
  return sql`
    with asked as (
      select ${id(customer)} as customer_id, ${keyText(customers, customer, id(customer))} as key,
        ${join([...conditionColumns(settings), sql`${bits(needs)} as reachable`])},
        case when isfinite(${value}) then ${value} end as rank_value
      from ${customers}),
    permission as (${permissionsByCustomer(inputs, settings)}),
    held as (${keysOf(inputs, settings, inputs.held_out, settings.heldOutCustomer, sql`true`)}),
    recent as (${keysOf(inputs, settings, history, settings.historyCustomer, recent)}),
    known as (
      select asked.*, coalesce(permission.permitted, 0) as permitted, permission.key is not null as has_permissions,
        coalesce(permission.rows, 0) as permission_rows,
        held.key is not null as held_out, recent.key is not null as quarantined
      from asked left join permission using (key) left join held using (key) left join recent using (key))
    select *, ${firstRule(settings)} as rule from known`
}
