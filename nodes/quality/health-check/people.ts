import { columnNamed } from '../../lib/column-named.ts'
import { countryOf } from '../../lib/countries.ts'
import { type MatchRule, matchRecords } from '../../lib/matching.ts'
import { sql } from '../../lib/sql.ts'
import { counted } from '../../lib/words.ts'
import type { RunContext, Table } from '../../node.ts'
import type { Settings } from './settings.ts'

/**
 * By what two rows are one person: the same name with the same birth date, e-mail or telephone; without names
 * only the same e-mail, because families share a telephone and strangers a birthday.
 */
export function personRules(customers: Table, { names, birthDate, email, phone }: Settings): MatchRule[] {
  const part = (name: string, normalise: MatchRule['fields'][number]['normalise']) => ({
    column: columnNamed(customers, name),
    normalise,
  })
  const marks = [
    ...(birthDate === undefined ? [] : [part(birthDate, 'date')]),
    ...(email === undefined ? [] : [part(email, 'email')]),
    ...(phone === undefined ? [] : [part(phone, 'phone')]),
  ]
  const name = names.map((one) => part(one, 'name'))
  return marks
    .filter(({ normalise }) => name.length > 0 || normalise === 'email')
    .map((mark) => ({ name: [...name, mark].map(({ column }) => column.name).join(' + '), fields: [...name, mark] }))
}

/** The rows beyond the first of each person: `key`, and `rule`, 1 where an earlier row has its key and 2 where not. */
export async function surplusRecords(customers: Table, settings: Settings, context: RunContext): Promise<Table> {
  const { customer, defaultCountry, maxGroup } = settings
  const key: MatchRule = {
    name: customer,
    fields: [{ column: columnNamed(customers, customer), normalise: 'exact' }],
    unlimited: true,
  }
  const options = { country: countryOf(defaultCountry), accents: 'ignore' as const, maxGroup }
  const rules = [key, ...personRules(customers, settings)]
  const matches = await matchRecords(customers, customer, rules, options, context)
  const unused = await context.rows(
    sql`select rule, unused_values, unused_records from ${matches.rules} where unused_values > 0 order by position`,
  )
  for (const { rule, unused_values: values, unused_records: rows } of unused)
    context.warn(
      `${counted(Number(values), 'combination', 'combinations')} of ${rule} ${values === 1 ? 'is' : 'are'} shared by more than ${maxGroup} customers each (${counted(Number(rows), 'customer', 'customers')} in all) and not counted as duplicates.`,
    )
  return context.store(sql`
    select key, case when by_key and row_number() over (partition by key, by_key order by row) > 1 then 1 else 2 end as rule, surplus
    from (select r.row, r.key, m.rules & 1 <> 0 as by_key, m.row <> m.root as surplus
      from ${matches.members} m join ${matches.records} r on r.row = m.row)
    qualify surplus`)
}
