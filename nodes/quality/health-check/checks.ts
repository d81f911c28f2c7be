import { columnNamed } from '../../lib/column-named.ts'
import { countryOf } from '../../lib/countries.ts'
import { dateOf, email, isFilled, phone, wholeNumber } from '../../lib/normalise.ts'
import { expr, id, join, sql } from '../../lib/sql.ts'
import type { PlanContext, Sql, Table } from '../../node.ts'
import { postalCodeCheck } from './postal-codes.ts'
import type { Check } from './score.ts'
import type { Settings } from './settings.ts'

/** The columns with a role, in the order of the settings; the key is always one. */
export const roleColumns = (settings: Settings): string[] => {
  const { customer, names, birthDate, email: mail, phone: telephone, postalCode, addressUpdated } = settings
  const roles = [birthDate, mail, telephone, postalCode, addressUpdated].flatMap((name) => name ?? [])
  return [...new Set([customer, ...names, ...roles])]
}

/** The columns whose missing values are problems and make the completeness of the whole. */
export const requiredColumns = (customers: Table, settings: Settings): string[] => {
  const roles = roleColumns(settings)
  if (settings.required) return [...new Set([settings.customer, ...settings.required])]
  return roles.length > 1 ? roles : customers.columns.map(({ name }) => name)
}

/** Every judgement but uniqueness, which is not one of single rows. */
export async function rowChecks(
  customers: Table,
  list: Table | undefined,
  settings: Settings,
  context: Pick<PlanContext, 'rows'>,
): Promise<Check[]> {
  const { postalCode } = settings
  const missing = requiredColumns(customers, settings).map((name): Check => {
    const verdict = sql`case when ${isFilled(columnNamed(customers, name))} then 0 else 1 end`
    return { column: name, dimension: 'completeness', rules: ['missing'], verdict }
  })
  const postal = postalCode === undefined ? [] : [postalCodeCheck(customers, list, { ...settings, postalCode })]
  const rules = await Promise.all(settings.rules.map((rule) => consistencyCheck(customers, rule, context)))
  return [...missing, ...postal, ...contactChecks(customers, settings), ...dateChecks(customers, settings), ...rules]
}

/** A verdict on values that are there. */
const valid = (customers: Table, name: string, rules: readonly string[], verdict: Sql): Check => ({
  column: name,
  dimension: 'validity',
  rules,
  verdict: sql`case when ${isFilled(columnNamed(customers, name))} then ${verdict} end`,
})

const contactChecks = (customers: Table, { email: mail, phone: telephone, defaultCountry }: Settings): Check[] => {
  const checks: Check[] = []
  const unless = (form: Sql) => sql`case when ${form} is null then 1 else 0 end`
  if (mail !== undefined) checks.push(valid(customers, mail, ['email_form'], unless(email(id(mail)))))
  if (telephone !== undefined) {
    const form = phone(wholeNumber(columnNamed(customers, telephone)), countryOf(defaultCountry))
    checks.push(valid(customers, telephone, ['phone_form'], unless(form)))
  }
  return checks
}

const dateChecks = (customers: Table, settings: Settings): Check[] => {
  const { birthDate, addressUpdated, staleAfterMonths, minimumAge, maximumAge } = settings
  const asOf = sql`cast(${settings.asOf} as date)`
  const monthsAgo = (months: number) => sql`cast(${asOf} - to_months(cast(${months} as integer)) as date)`
  const checks: Check[] = []
  if (birthDate !== undefined) {
    const born = dateOf(columnNamed(customers, birthDate))
    const verdict = sql`case when ${born} is null then 1 when ${born} > ${asOf} then 2
      when ${born} > ${monthsAgo(12 * minimumAge)} or ${born} <= ${monthsAgo(12 * (maximumAge + 1))} then 3 else 0 end`
    checks.push(valid(customers, birthDate, ['birth_date_form', 'birth_date_future', 'birth_date_age'], verdict))
  }
  if (addressUpdated !== undefined) {
    const updated = dateOf(columnNamed(customers, addressUpdated))
    const verdict = sql`case when ${updated} is null then 1 when ${updated} > ${asOf} then 2 else 0 end`
    checks.push(valid(customers, addressUpdated, ['address_date_form', 'address_date_future'], verdict))
    const stale = sql`case when ${updated} <= ${asOf} then cast(${updated} < ${monthsAgo(staleAfterMonths)} as integer) end`
    checks.push({ column: addressUpdated, dimension: 'timeliness', rules: ['address_stale'], verdict: stale })
  }
  return checks
}

async function consistencyCheck(
  customers: Table,
  { name, condition }: Settings['rules'][number],
  context: Pick<PlanContext, 'rows'>,
): Promise<Check> {
  const columns = await columnsOf(condition, customers, context)
  return {
    column: columns.length > 0 ? columns.join(' + ') : null,
    columns,
    dimension: 'consistency',
    rules: [name],
    verdict: sql`case when ${expr(condition)} then 0 when not ${expr(condition)} then 1 end`,
  }
}

/** The columns that an expression names, in the order of the table. */
export async function columnsOf(text: string, table: Table, context: Pick<PlanContext, 'rows'>): Promise<string[]> {
  const statement = `select (${text}\n) from input`
  const [row] = await context.rows(
    sql`select cast(json_serialize_sql(cast(${statement} as varchar)) as varchar) as tree`,
  )
  const named = new Set<string>()
  JSON.parse(String(row?.tree), (key, value: unknown) => {
    if (key === 'column_names' && Array.isArray(value)) named.add(String(value[0]).toLowerCase())
    return value
  })
  return table.columns.map(({ name }) => name).filter((name) => named.has(name.toLowerCase()))
}

/** A verdict's name in the stored table. */
export const verdictName = (index: number): Sql => id(`verdict ${index}`)

/** The verdicts of all checks, one row per customer: `key`, `verdict 0`, … */
export const verdictsQuery = (customers: Table, key: string, checks: readonly Check[]): Sql => {
  const verdicts = checks.map(({ verdict }, index) => sql`, cast(${verdict} as utinyint) as ${verdictName(index)}`)
  return sql`select ${id(key)} as key${join(verdicts, '')} from ${customers}`
}
