import { join, sql } from '../../lib/sql.ts'
import type { Sql } from '../../node.ts'

/**
 * A way in which values of a type are written. `pattern` is the whole rule of what fits, in the syntax
 * that RE2 and JavaScript share: the sample is judged in TypeScript and the file in SQL, alike.
 */
export interface Form {
  /** As a person calls it: `date as d.m.yyyy`. */
  readonly label: string
  readonly type: string
  /** What a value should be: `is not a whole number`. */
  readonly expected: string
  readonly pattern: string
  /** The typed value of text that fits; NULL where there is none, such as 31.2. */
  readonly cast: (text: Sql) => Sql
  /** A cheap test for most texts that fit, which spares the pattern; it may let through more than a sample shows. */
  readonly canonical?: (text: Sql) => Sql
  /** The value of such text; `cast` where it is not given. */
  readonly quick?: (text: Sql) => Sql
}

const decimalNames = { '.': 'decimal point', ',': 'decimal comma' } as const
export type DecimalMark = keyof typeof decimalNames

const as = (text: Sql, type: string): Sql => sql`try_cast(${text} as ${{ strings: [type], values: [] }})`
const same = (text: Sql, type: string): Sql => sql`cast(${as(text, type)} as varchar) = ${text}`
const groups = ' \u00a0\u202f\u2009'

export const text: Form = {
  label: 'text',
  type: 'VARCHAR',
  expected: 'text',
  pattern: '[\\s\\S]*',
  cast: (value) => value,
}

export const trueFalse: Form = {
  label: 'true or false',
  type: 'BOOLEAN',
  expected: 'true or false',
  pattern: 'true|false|True|False|TRUE|FALSE',
  cast: (value) => as(value, 'boolean'),
}

// 4.0128e+10, as R writes a round number among others: whole as long as a DOUBLE holds it exactly.
const scientific = '[1-9](?:\\.[0-9]{1,15})?[eE]\\+[0-9]{1,2}'
const wholeOf = (value: Sql): Sql => sql`case when ${value} = trunc(${value}) and abs(${value}) < 9007199254740992
  then cast(${value} as bigint) end`

/** Whole numbers as they are found: a leading zero makes a code of it (00100 is a postal code), and so do more digits than BIGINT holds. */
export const wholeNumber: Form = {
  label: 'whole number',
  type: 'BIGINT',
  expected: 'a whole number without leading zeros',
  pattern: `-?(?:0|[1-9][0-9]{0,17}|${scientific})`,
  cast: (value) =>
    sql`case when contains(lower(${value}), 'e') then ${wholeOf(as(value, 'double'))} else ${as(value, 'bigint')} end`,
  canonical: (value) => same(value, 'bigint'),
  quick: (value) => as(value, 'bigint'),
}

const escaped = (mark: string): string => (mark === '.' ? '\\.' : mark)

/** Text of a number with `mark` as DuckDB reads it: without groups, with a decimal point. */
const plainNumber = (value: Sql, mark: DecimalMark, removed: string): Sql => {
  const ungrouped = removed === '' ? value : sql`translate(${value}, ${removed}, '')`
  return mark === '.' ? ungrouped : sql`replace(${ungrouped}, ',', '.')`
}

const finite = (value: Sql): Sql => sql`case when isfinite(${value}) then ${value} end`

/** Numbers as they are found, with at most fifteen digits before the mark: more would lose some of them. */
export const foundNumber = (mark: DecimalMark): Form => {
  const m = escaped(mark)
  const whole = '(?:0|[1-9][0-9]{0,14})'
  return {
    label: `number with ${decimalNames[mark]}`,
    type: 'DOUBLE',
    expected: `a number with ${decimalNames[mark]}`,
    // A plus before digits alone begins a telephone number.
    pattern: `-?(?:${whole}(?:${m}[0-9]*)?|${m}[0-9]+)(?:[eE][-+][0-9]+)?|\\+${whole}${m}[0-9]+`,
    cast: (value) => finite(as(plainNumber(value, mark, ''), 'double')),
    ...(mark === '.'
      ? { canonical: (value) => sql`isfinite(${as(value, 'double')})`, quick: (value) => as(value, 'double') }
      : {}),
  }
}

/** Numbers with digits in groups of three, by blanks or by the other mark. */
export const groupedNumber = (mark: DecimalMark, by: 'blanks' | 'mark'): Form => {
  const other = by === 'blanks' ? groups : mark === '.' ? ',' : '.'
  return {
    label: `number with ${decimalNames[mark]} and grouped thousands`,
    type: 'DOUBLE',
    expected: `a number with ${decimalNames[mark]} and grouped thousands`,
    pattern: `-?(?:0|[1-9][0-9]{0,14}|[1-9][0-9]{0,2}(?:[${other}][0-9]{3})+)(?:${escaped(mark)}[0-9]*)?`,
    cast: (value) => finite(as(plainNumber(value, mark, other), 'double')),
  }
}

/** Numbers of a type that was asked for: leading zeros and blanks between groups are no hindrance. */
export function givenNumber(type: string, mark: DecimalMark): Form {
  const whole = /INT$|^INTEGER$/.test(type)
  const m = escaped(mark)
  const digits = `(?:[0-9]+|[0-9]{1,3}(?:[${groups}][0-9]{3})+)`
  const fraction = whole ? `(?:${m}0*)?` : `(?:${m}[0-9]*)?(?:[eE][-+]?[0-9]+)?`
  const value = (text: Sql): Sql => as(plainNumber(text, mark, groups), type)
  return {
    label: whole ? 'whole number' : `number with ${decimalNames[mark]}`,
    type,
    expected: whole ? `a whole number that fits ${type}` : `a number with ${decimalNames[mark]} that fits ${type}`,
    pattern: whole ? `[-+]?${digits}${fraction}` : `[-+]?(?:${digits}${fraction}|${m}[0-9]+)`,
    cast: (text) => (type === 'DOUBLE' ? finite(value(text)) : value(text)),
    ...(whole ? { canonical: (text) => same(text, type) } : {}),
  }
}

const yes = ['true', 't', 'yes', 'y', '1', 'kyllä', 'k']
const no = ['false', 'f', 'no', 'n', '0', 'ei', 'e']
const anyCase = (word: string): string =>
  [...word]
    .map((letter) => (letter.toLowerCase() === letter.toUpperCase() ? letter : `[${letter}${letter.toUpperCase()}]`))
    .join('')

/** Truth values that were asked for: true, yes, y, 1 and kyllä against false, no, n, 0 and ei. */
export const givenBoolean: Form = {
  label: 'true or false',
  type: 'BOOLEAN',
  expected: 'true or false (also yes/no, kyllä/ei, 1/0)',
  pattern: [...yes, ...no].map(anyCase).join('|'),
  cast: (value) => sql`lower(${value}) in (${join(yes.map((word) => sql`${word}`))})`,
}
