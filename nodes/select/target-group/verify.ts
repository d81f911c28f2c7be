import { keyText } from '../../lib/keys.ts'
import { explicitYes } from '../../lib/permissions.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'
import { toUnits, unitsPerAmount } from './allocate.ts'
import { type Inputs, isRecent, keyOf } from './judge.ts'
import type { Settings } from './settings.ts'

/**
 * Looks at the finished group once more, from the permissions themselves and by other queries than those that chose
 * it, and fails with `unsafe` where anybody in it may not be contacted, where anybody is in both outputs or in none,
 * or where the money does not add up. Then nothing of the step is kept.
 */
export const checkGroup = async (
  { target, excluded }: { readonly target: Table; readonly excluded: Table },
  inputs: Inputs,
  settings: Settings,
  context: RunContext,
): Promise<void> => {
  const { customers, permissions, held_out: heldOut, history } = inputs
  const { channels, customer } = settings
  const key = (table: Table, column: string) => keyText(table, column, id(column))
  const count = async (query: ReturnType<typeof sql>) => Number((await context.rows(query))[0]?.n)
  const refuse = (violation: string, broken: boolean) => {
    if (broken) context.fail('unsafe', { actual: violation })
  }

  const answers = channels.map((channel, index) => sql`${explicitYes(permissions, channel)} as ${id(`yes${index}`)}`)
  const said = await context.store(sql`
    select * from (
      select ${keyOf(inputs, settings, permissions, settings.permissionCustomer)} as key, ${join(answers)} from ${permissions})
    where key in (select ${key(target, customer)} from ${target})`)
  let contacted = 0
  for (const [index, { name, capacity }] of channels.entries()) {
    const yes = id(`yes${index}`)
    const banned = await count(sql`
      select count(*) as n from (
        select ${key(target, customer)} from ${target} where channel = ${name} except
        (select key from ${said} where ${yes} except select key from ${said} where not ${yes}))`)
    refuse(`${banned} customers have no explicit permission for ${name}`, banned > 0)
    const contacts = await count(sql`select count(*) as n from ${target} where channel = ${name}`)
    refuse(`${contacts} contacts are more than ${name} has room for`, contacts > (capacity ?? Infinity))
    contacted += contacts
  }
  const size = await count(sql`select count(*) as n from ${target}`)
  refuse(`${size - contacted} customers have a channel that is not among the settings`, size !== contacted)
  refuse(`${size} customers are more than asked for`, size > (settings.size ?? Infinity))

  const all = sql`select ${key(target, customer)} as key from ${target}
    union all select ${key(excluded, 'customer_id')} from ${excluded}`
  const both = await count(sql`select count(*) - count(distinct key) as n from (${all})`)
  const total = await count(sql`select count(*) as n from ${customers}`)
  const placed = await count(sql`select count(*) as n from (${all})`)
  refuse(`${placed} customers are in the outputs, ${both} of them twice, of ${total}`, both > 0 || placed !== total)

  const protectedBy = async (table: Table, column: string, where: ReturnType<typeof sql>) =>
    count(sql`select count(*) as n from (select ${key(target, customer)} from ${target} intersect
      select ${keyOf(inputs, settings, table, column)} from ${table} where ${where})`)
  if (heldOut) {
    const wrong = await protectedBy(heldOut, settings.heldOutCustomer, sql`true`)
    refuse(`${wrong} customers are held out of every campaign`, wrong > 0)
  }
  if (history) {
    const wrong = await protectedBy(history, settings.historyCustomer, isRecent(history, settings))
    refuse(`${wrong} customers are in quarantine`, wrong > 0)
  }
  const cost = await count(sql`select sum(cast(round(cost * ${unitsPerAmount}) as bigint))::bigint as n from ${target}`)
  refuse(`its contacts cost ${cost / unitsPerAmount} of ${settings.budget}`, cost > toUnits(settings.budget))
}
