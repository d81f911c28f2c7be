import { isNumericKey, keyFaults, keyText } from '../../lib/keys.ts'
import { id, sql } from '../../lib/sql.ts'
import type { PlanContext, RunContext, Sql, Table } from '../../node.ts'
import type { Settings } from './settings.ts'

export interface Inputs {
  readonly target: Table
  readonly control: Table | undefined
}

const mostChannels = 50

export const hasColumn = (table: Table, name: string): boolean => table.columns.some((column) => column.name === name)

/** Fails with what settings and columns get wrong, before anything runs. */
export const checkSettings = ({ target, control }: Inputs, settings: Settings, context: PlanContext): void => {
  const { customer, columns, phoneColumns } = settings
  if (columns.length === 0) context.fail('columnsMissing')
  const stray = phoneColumns.find((name) => !columns.includes(name))
  if (stray !== undefined) context.fail('phoneNotExported', { column: stray })
  if (!control) return
  if (!hasColumn(control, customer))
    context.fail('controlColumn', { column: customer, actual: control.columns.map(({ name }) => name).join(', ') })
  if (isNumericKey(target, customer) !== isNumericKey(control, customer)) context.fail('keyType', { column: customer })
}

/** The column that tells groups apart, where the customers come with one. */
const wrongGroup = (table: Table, right: string): Sql => {
  const own = table.columns.find(({ name }) => name.toLowerCase() === 'campaign_group')
  return own ? sql`${id(own.name)} is distinct from ${right}` : sql`false`
}

const count = async (context: RunContext, query: Sql): Promise<number> => Number((await context.rows(query))[0]?.n)

/**
 * The last look before anybody is contacted: fails where a customer is in both groups or twice in one, has no key,
 * no channel or no cost, or comes from another group.
 */
export const checkGroups = async (
  { target, control }: Inputs,
  settings: Settings,
  context: RunContext,
): Promise<void> => {
  const { customer, channel, cost } = settings
  const keys = (table: Table) => sql`select ${keyText(table, customer, id(customer))} as key from ${table}`
  for (const [group, table] of [
    ['target', target],
    ['control', control],
  ] as const) {
    if (!table) continue
    const faults = await keyFaults(context, keys(table))
    if (group === 'target' && faults.rows === 0) context.fail('nobody')
    if (faults.missing > 0 || faults.repeated > 0) context.fail('customerKeys', { input: group, ...faults })
    const right = group === 'target' ? 'treated' : 'control'
    const strangers = await count(context, sql`select count(*) as n from ${table} where ${wrongGroup(table, right)}`)
    if (strangers > 0) context.fail('wrongGroup', { input: group, right, actual: strangers })
  }
  if (control) {
    const both = await count(context, sql`select count(*) as n from (${keys(target)} intersect ${keys(control)})`)
    if (both > 0) context.fail('inBoth', { actual: both })
  }
  const text = sql`cast(${id(channel)} as varchar)`
  const lost = await count(context, sql`select count(*) as n from ${target} where coalesce(trim(${text}), '') = ''`)
  if (lost > 0) context.fail('noChannel', { column: channel, actual: lost })
  const channels = await count(context, sql`select count(distinct ${text}) as n from ${target}`)
  if (channels > mostChannels)
    context.fail('tooManyChannels', { column: channel, actual: channels, most: mostChannels })
  const amount = sql`cast(${id(cost)} as double)`
  const free = await count(
    context,
    sql`select count(*) as n from ${target} where not coalesce(isfinite(${amount}) and ${amount} >= 0, false)`,
  )
  if (free > 0) context.fail('noCost', { column: cost, actual: free })
}
