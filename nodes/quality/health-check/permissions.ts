import { columnNamed } from '../../lib/column-named.ts'
import { isNumericKey, keyText } from '../../lib/keys.ts'
import { isFilled } from '../../lib/normalise.ts'
import { explicitYes } from '../../lib/permissions.ts'
import { id, join, sql } from '../../lib/sql.ts'
import { counted } from '../../lib/words.ts'
import type { RunContext, Sql, Table } from '../../node.ts'
import type { Settings } from './settings.ts'

/** The last row of `permissions`: no channel can have this name. */
export const ANY_CHANNEL = 'any channel'

/** One row per channel, and one for any of them: how many customers may be contacted, have said anything else, or have not answered. */
export async function countPermissions(
  customers: Table,
  permissions: Table,
  settings: Settings,
  context: RunContext,
): Promise<Sql> {
  const { customer, permissionCustomer, channels } = settings
  const numeric = isNumericKey(customers, customer) || isNumericKey(permissions, permissionCustomer)
  const key = (table: Table, column: string) => keyText(table, column, id(column), { numeric })
  // Of several rows of a customer each must say yes.
  const answers = channels.map(
    (channel, index) => sql`, bool_and(${explicitYes(permissions, channel)}) as ${id(`yes ${index}`)},
      bool_or(${isFilled(columnNamed(permissions, channel.permission))}) as ${id(`answered ${index}`)}`,
  )
  const permissionKeys = await context.store(sql`
    select ${key(permissions, permissionCustomer)} as key, count(*) as rows${join(answers, '')}
    from ${permissions} group by 1 having key is not null`)
  const customerKeys = await context.store(sql`select ${key(customers, customer)} as key from ${customers}`)
  await warnOfKeys(permissionKeys, customerKeys, context)
  const anyChannel = (prefix: string) =>
    join(
      channels.map((_, index) => sql`coalesce(p.${id(`${prefix} ${index}`)}, false)`),
      ' or ',
    )
  const rows = [
    ...channels.map(({ name }, index) => ({
      name,
      yes: sql`coalesce(p.${id(`yes ${index}`)}, false)`,
      answered: sql`coalesce(p.${id(`answered ${index}`)}, false)`,
    })),
    { name: ANY_CHANNEL, yes: sql`(${anyChannel('yes')})`, answered: sql`(${anyChannel('answered')})` },
  ].map(
    ({ name, yes, answered }, index) => sql`
      select cast(${index} as integer) as position, ${name} as channel, count(*) filter (where ${yes}) as allowed,
        count(*) filter (where not ${yes} and ${answered}) as refused, count(*) as customers
      from ${customerKeys} c left join ${permissionKeys} p on p.key = c.key`,
  )
  return sql`
    select position, channel, allowed, refused, customers - allowed - refused as unanswered,
      allowed / nullif(customers, 0) as share
    from (${join(rows, ' union all ')}) order by position`
}

async function warnOfKeys(permissionKeys: Table, customerKeys: Table, context: RunContext): Promise<void> {
  const [counts] = await context.rows(sql`
    select count(*) filter (where rows > 1) as several, count(*) as n,
      count(*) filter (where key not in (select key from ${customerKeys} where key is not null)) as strangers from ${permissionKeys}`)
  const [several, strangers, n] = [Number(counts?.several), Number(counts?.strangers), Number(counts?.n)]
  if (several > 0)
    context.warn(
      `${counted(several, 'customer has', 'customers have')} several rows of permissions: they may be contacted only where each of them says yes.`,
    )
  if (n > 0 && strangers === n)
    context.warn('None of the customers in permissions is among the customers. Are their keys written in the same way?')
  else if (strangers > 0)
    context.note(
      `The permissions of ${counted(strangers, 'customer', 'customers')} who are not among the customers were not counted.`,
    )
}
