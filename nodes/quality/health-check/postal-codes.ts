import { columnNamed } from '../../lib/column-named.ts'
import { COUNTRIES, type Country, countryOf } from '../../lib/countries.ts'
import { filledText, isFilled, isNumeric, padded, postal, wholeNumber } from '../../lib/normalise.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { Column, Sql, Table } from '../../node.ts'
import type { Check } from './score.ts'

/** The rules of a postal code: in the form of its country, with its leading zeros, and on the list. */
export const POSTAL_CODE_RULES = ['postal_code_form', 'postal_code_lost_zero', 'postal_code_unknown'] as const

interface PostalSettings {
  readonly postalCode: string
  readonly country?: string
  readonly defaultCountry: string
  readonly postalCodeList: string
}

/**
 * Judges postal codes. Five digits make a Finnish form: every pair of first digits from 00 to 99 is in use, so the
 * form leaves little out but 00000, and only a list tells which codes exist. Codes of countries outside the table
 * are not judged.
 */
export function postalCodeCheck(customers: Table, list: Table | undefined, settings: PostalSettings): Check {
  const home = countryOf(settings.defaultCountry)
  const column = columnNamed(customers, settings.postalCode)
  const verdict = (country: Country) => verdictFor(column, country, country === home ? list : undefined, settings)
  if (settings.country === undefined)
    return check(settings.postalCode, sql`case when ${isFilled(column)} then ${verdict(home)} end`)
  const written = sql`coalesce(upper(${filledText(id(settings.country))}), ${home.code})`
  const branches = COUNTRIES.map((country) => {
    const names = [country.code, ...country.aliases].map((name) => sql`${name}`)
    return sql`when ${written} in (${join(names)}) then ${verdict(country)}`
  })
  return check(settings.postalCode, sql`case when not ${isFilled(column)} then null ${join(branches, ' ')} end`)
}

const check = (column: string, verdict: Sql): Check => ({
  column,
  dimension: 'validity',
  rules: POSTAL_CODE_RULES,
  verdict,
})

/** 0 where the code is right, else the number of the broken rule. */
function verdictFor(
  column: Column,
  country: Country,
  list: Table | undefined,
  { postalCodeList }: PostalSettings,
): Sql {
  const plain = sql`coalesce(${postal(wholeNumber(column), country)}, '')`
  // A numeric column has lost the zeros itself, whatever the customers wrote.
  const code = isNumeric(column) ? padded(plain, country.postalDigits) : plain
  const restored = padded(code, country.postalDigits)
  const hasForm = (text: Sql) => sql`(regexp_full_match(${text}, ${country.postal}) and ltrim(${text}, '0') <> '')`
  const exists = list ? sql`${restored} in (${codesOf(list, postalCodeList, country)})` : hasForm(restored)
  const unknown = list ? sql`when ${hasForm(code)} then 3` : sql``
  return sql`case when ${exists} then case when length(${code}) = length(${restored}) then 0 else 2 end ${unknown} else 1 end`
}

const codesOf = (list: Table, column: string, country: Country): Sql => {
  const code = padded(postal(wholeNumber(columnNamed(list, column)), country), country.postalDigits)
  return sql`select code from (select ${code} as code from ${list}) where code is not null`
}
