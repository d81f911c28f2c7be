import { columnClass } from './column-class.ts'
import type { Country } from './countries.ts'
import { id, sql } from './sql.ts'
import type { Column, Sql } from './table.ts'

/**
 * How two writings of the same thing are made equal:
 * `exact` not at all; `text` case, punctuation and runs of blanks; `name` also blanks and hyphens between
 * parts (Anna-Maija, Annamaija); `email` case; `phone` the E.164 form; `postal` blanks, hyphens, country
 * prefix and lost leading zeros; `date` the ISO form. What cannot be an e-mail address, a telephone number
 * or a date becomes NULL, as does what is blank.
 */
export const NORMALISATIONS = ['exact', 'text', 'name', 'email', 'phone', 'postal', 'date'] as const
export type Normalisation = (typeof NORMALISATIONS)[number]

export interface NormaliseOptions {
  /** Where numbers without a country code are from, and whose postal codes have lost their zeros. */
  readonly country: Country
  /** `ignore` makes ä the same as a; `keep` tells them apart. */
  readonly accents: 'ignore' | 'keep'
}

const asText = (value: Sql): Sql => sql`cast(${value} as varchar)`

// Blanks of all widths and the byte order mark, which people paste around values.
const blanks = '\\s\\v\\x{a0}\\x{2000}-\\x{200f}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
const hasContent = (text: Sql): Sql => sql`regexp_matches(${text}, ${`[^${blanks}]`})`

/** A value as text without blanks around it; NULL where nothing is left. Most values have none, so that is asked first. */
export const filledText = (value: Sql): Sql =>
  sql`case when regexp_full_match(${asText(value)}, ${`[^${blanks}](.*[^${blanks}])?`}) then ${asText(value)}
    else nullif(regexp_replace(${asText(value)}, ${`^[${blanks}]+|[${blanks}]+$`}, '', 'g'), '') end`

/** Whether a column holds numbers. */
export const isNumeric = ({ type }: Column): boolean => columnClass(type) === 'number'

/** Whether a column's value is there: not NULL, not NaN, and not a text of blanks. */
export const isFilled = (column: Column, value: Sql = id(column.name)): Sql => {
  if (/^(DOUBLE|FLOAT)$/.test(column.type)) return sql`(${value} is not null and not isnan(${value}))`
  return column.type === 'VARCHAR' ? sql`coalesce(${hasContent(value)}, false)` : sql`(${value} is not null)`
}

/** A column's value; of a numeric column without its decimals, so that 180.0 is written 180. */
export const wholeNumber = (column: Column): Sql =>
  isNumeric(column) ? sql`try_cast(${id(column.name)} as bigint)` : id(column.name)

// Letters that have no accent in Unicode and yet are one to a keyboard without them; ø as ö, both are written o.
const baseLetters = (text: Sql): Sql =>
  sql`replace(replace(replace(translate(strip_accents(${text}), 'øłđðı', 'olddi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')`

/** `text` in lower case with everything but letters and digits replaced by `gap`; texts of ASCII take a short way. */
const lettersAndDigits = (text: Sql, gap: string, accents: NormaliseOptions['accents']): Sql => {
  const lower = accents === 'ignore' ? baseLetters(sql`lower(${text})`) : sql`nfc_normalize(lower(${text}))`
  return sql`case when strlen(${text}) = length(${text})
    then regexp_replace(lower(${text}), '[^a-z0-9]+', ${gap}, 'g')
    else regexp_replace(${lower}, '[^\\pL\\pM\\pN]+', ${gap}, 'g') end`
}

// The valid e-mail address of the WHATWG's HTML Living Standard (4.10.5.1.5), with letters of every script
// in the domain (RFC 6531), a dot in it, no two dots together, and the lengths of RFC 5321, 4.5.3.1.
const atom = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
const letter = 'a-z0-9\\x{a1}-\\x{1fff}\\x{2070}-\\x{2fff}\\x{3001}-\\x{d7ff}\\x{f900}-\\x{fdff}\\x{10000}-\\x{10ffff}'
const label = `[${letter}]([${letter}-]*[${letter}])?`
const emailPattern = `${atom}(\\.${atom})*@(${label}\\.)+${label}`

/** An e-mail address in lower case; NULL where the text cannot be one. */
export const email = (value: Sql): Sql => {
  const lower = sql`lower(${filledText(value)})`
  return sql`case when length(${lower}) <= 254 and strpos(${lower}, '@') <= 65
    and regexp_full_match(${lower}, ${emailPattern}) then ${lower} end`
}

/**
 * A telephone number as `+` and 7 to 15 digits (ITU-T E.164, 2010, section 6.2.1: at most 15), NULL where the
 * text cannot be one. A number without + or 00 is one of `country`, with or without its trunk prefix.
 */
export const phone = (value: Sql, { calling, trunk }: Country): Sql => {
  // A chain in which each link is used once: what stands in several places is computed several times.
  const link = (text: Sql, pattern: string, by: string) => sql`regexp_replace(${text}, ${pattern}, ${by})`
  const written = sql`regexp_replace(replace(${asText(value)}, '(0)', ''), '[^0-9+]', '', 'g')`
  const international = link(link(written, '^00', '+'), `^${calling}([0-9]{8,})$`, `+${calling}\\1`)
  const whole = link(international, `^(${trunk})?([0-9])`, `+${calling}\\2`)
  // "+358 040 …": the trunk prefix has stayed behind the calling code.
  const clean = trunk === '0' ? link(whole, `^\\+${calling}0`, `+${calling}`) : whole
  return sql`nullif(regexp_extract(${clean}, '^\\+[1-9][0-9]{6,14}$'), '')`
}

/**
 * A postal code in capitals without blanks, hyphens and country prefix (FI-00100, FIN-00100, D-10115); NULL where
 * nothing is left.
 */
export const postal = (value: Sql, { code, aliases, postalStart }: Country): Sql => {
  const plain = sql`upper(regexp_replace(${asText(value)}, '[^0-9A-Za-z]', '', 'g'))`
  if (postalStart === 'letter') return sql`nullif(${plain}, '')`
  const prefix = [code, aliases[0], code.charAt(0)].join('|')
  return sql`case when regexp_full_match(${asText(value)}, '[0-9]+') then ${asText(value)}
    else nullif(regexp_replace(${plain}, ${`^(${prefix})([0-9])`}, '\\2'), '') end`
}

/** A postal code of digits with the leading zeros that a spreadsheet or a numeric column has dropped. */
export const padded = (code: Sql, digits: number | undefined): Sql =>
  digits === undefined
    ? code
    : sql`case when length(${code}) < ${digits} and regexp_full_match(${code}, '[0-9]+')
        then lpad(${code}, ${digits}, '0') else ${code} end`

/**
 * A column's value as a DATE: a date or a time as it is, a number as yyyymmdd, a text in ISO form (a time after
 * it is dropped), as d.m.yyyy, d/m/yyyy or yyyymmdd. NULL where it is none of these, or the year has two digits.
 */
export const dateOf = (column: Column): Sql => {
  const value = id(column.name)
  if (columnClass(column.type) === 'date') return sql`cast(${value} as date)`
  const written = isNumeric(column) ? asText(wholeNumber(column)) : filledText(value)
  const european = sql`regexp_replace(${written}, '^(\\d{1,2})([./])(\\d{1,2})[./](\\d{4})$', '\\4-\\3-\\1')`
  const iso = sql`regexp_replace(${european}, '^(\\d{4})(\\d\\d)(\\d\\d)$', '\\1-\\2-\\3')`
  return sql`try_cast(regexp_extract(${iso}, '^(\\d{4}-\\d{1,2}-\\d{1,2})([T ].*)?$', 1) as date)`
}

/** A column's value in the form in which equal things are equal texts; NULL where there is nothing to compare. */
export const normalised = (column: Column, as: Normalisation, options: NormaliseOptions): Sql => {
  const value = id(column.name)
  switch (as) {
    case 'exact':
      return sql`case when ${isFilled(column)} then ${asText(value)} end`
    case 'text':
      return sql`nullif(trim(${lettersAndDigits(asText(value), ' ', options.accents)}), '')`
    case 'name':
      return sql`nullif(${lettersAndDigits(asText(value), '', options.accents)}, '')`
    case 'email':
      return email(value)
    case 'phone':
      return phone(wholeNumber(column), options.country)
    case 'postal':
      return padded(postal(wholeNumber(column), options.country), options.country.postalDigits)
    case 'date':
      return sql`strftime(${dateOf(column)}, '%Y-%m-%d')`
  }
}
