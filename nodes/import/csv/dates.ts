import { join, sql } from '../../lib/sql.ts'
import type { Sql } from '../../node.ts'
import type { Form } from './forms.ts'

const day = '(?:0?[1-9]|[12][0-9]|3[01])'
const month = '(?:0?[1-9]|1[0-2])'
const year = '[1-9][0-9]{3}'
const clock = '(?:[01]?[0-9]|2[0-3])[:.][0-5][0-9](?:[:.][0-5][0-9](?:\\.[0-9]{1,6})?)?'
const halfDays = '(?:0?[1-9]|1[0-2]):[0-5][0-9](?::[0-5][0-9])? ?[AaPp][Mm]'

interface Order {
  readonly words: string
  readonly format: string
  readonly pattern: string
}

// What stands first is tried first; day/month and month/day exclude each other by their ranges.
const orders: readonly Order[] = [
  { words: 'd.m.yyyy', format: '%d.%m.%Y', pattern: `${day}\\.${month}\\.${year}` },
  { words: 'd/m/yyyy', format: '%d/%m/%Y', pattern: `${day}/${month}/${year}` },
  { words: 'm/d/yyyy', format: '%m/%d/%Y', pattern: `${month}/${day}/${year}` },
  { words: 'd-m-yyyy', format: '%d-%m-%Y', pattern: `${day}-${month}-${year}` },
  { words: 'm-d-yyyy', format: '%m-%d-%Y', pattern: `${month}-${day}-${year}` },
  { words: 'yyyy/m/d', format: '%Y/%m/%d', pattern: `${year}/${month}/${day}` },
]

const strptime = (value: Sql, formats: readonly string[]): Sql =>
  sql`try_strptime(${value}, [${join(formats.map((format) => sql`${format}`))}])`

const dateForm = ({ words, format, pattern }: Order): Form => ({
  label: `date as ${words}`,
  type: 'DATE',
  expected: `a date as ${words}`,
  pattern,
  cast: (value) => sql`cast(${strptime(value, [format])} as date)`,
})

const isoDate: Form = {
  label: 'date as yyyy-mm-dd',
  type: 'DATE',
  expected: 'a date as yyyy-mm-dd',
  pattern: `${year}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])`,
  cast: (value) => sql`try_cast(${value} as date)`,
  canonical: (value) => sql`cast(try_cast(${value} as date) as varchar) = ${value}`,
}

const times = ['%H:%M:%S.%f', '%H:%M:%S', '%H:%M', '%H.%M.%S', '%H.%M']

/** A moment: a date, then a clock time that some values may lack. */
const timeForm = ({ words, format, pattern }: Order): Form => ({
  label: `time as ${words} hh:mm`,
  type: 'TIMESTAMP',
  expected: `a time as ${words} hh:mm`,
  pattern: `${pattern}(?: ${clock})?`,
  cast: (value) => strptime(value, [...times.map((time) => `${format} ${time}`), format]),
})

const halfDayForm = ({ words, format, pattern }: Order): Form => ({
  label: `time as ${words} h:mm am/pm`,
  type: 'TIMESTAMP',
  expected: `a time as ${words} h:mm am/pm`,
  pattern: `${pattern}(?: ${halfDays})?`,
  cast: (value) =>
    strptime(value, [
      ...['%I:%M:%S %p', '%I:%M %p', '%I:%M:%S%p', '%I:%M%p'].map((time) => `${format} ${time}`),
      format,
    ]),
})

const isoClock = '(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]{1,9})?)?'
const isoTime: Form = {
  label: 'time as yyyy-mm-dd hh:mm',
  type: 'TIMESTAMP',
  expected: 'a time as yyyy-mm-dd hh:mm',
  pattern: `${isoDate.pattern}(?:[ T]${isoClock})?`,
  cast: (value) => sql`try_cast(${value} as timestamp)`,
}
const zonedTime: Form = {
  label: 'time as yyyy-mm-dd hh:mm with a zone, turned to UTC',
  type: 'TIMESTAMP',
  expected: 'a time as yyyy-mm-dd hh:mm with a zone',
  pattern: `${isoDate.pattern}[ T]${isoClock}(?: ?(?:Z|[-+][0-9]{2}(?::?[0-9]{2})?))?`,
  // DuckDB drops the zone without a word where it casts to TIMESTAMP at once.
  cast: (value) => sql`cast(try_cast(${value} as timestamp with time zone) at time zone 'UTC' as timestamp)`,
}

export const dateForms: readonly Form[] = [isoDate, ...orders.map(dateForm)]
export const timeForms: readonly Form[] = [isoTime, zonedTime, ...orders.map(timeForm), ...orders.map(halfDayForm)]

/** Only for dates that were asked for: eight digits could be anything. */
export const compactDate: Form = dateForm({
  words: 'yyyymmdd',
  format: '%Y%m%d',
  pattern: `${year}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])`,
})

const codes: Readonly<Record<string, string>> = {
  '%': '%',
  Y: year,
  y: '[0-9]{2}',
  m: month,
  '-m': month,
  d: day,
  '-d': day,
  H: '(?:[01]?[0-9]|2[0-3])',
  '-H': '(?:[01]?[0-9]|2[0-3])',
  I: '(?:0?[1-9]|1[0-2])',
  '-I': '(?:0?[1-9]|1[0-2])',
  M: '[0-5]?[0-9]',
  '-M': '[0-5]?[0-9]',
  S: '[0-5]?[0-9]',
  '-S': '[0-5]?[0-9]',
  f: '[0-9]{1,6}',
  g: '[0-9]{1,3}',
  n: '[0-9]{1,9}',
  p: '[AaPp][Mm]',
  b: '[A-Za-z]{3}',
  B: '[A-Za-z]+',
  a: '[A-Za-z]{3}',
  A: '[A-Za-z]+',
  j: '[0-9]{1,3}',
  z: '[-+][0-9]{2}(?::?[0-9]{2})?',
  Z: '[A-Za-z/_]+',
}

export interface GivenFormat {
  readonly form?: Form
  /** What is wrong with the format. */
  readonly fault?: string
}

/** The form of a strptime format: a date, or a time where it has a clock. */
export function givenFormat(format: string): GivenFormat {
  const pieces = format.match(/%-?.|[^%]+|%$/gs) ?? []
  const unknown = pieces.find((piece) => piece.startsWith('%') && !Object.hasOwn(codes, piece.slice(1)))
  if (unknown !== undefined) return { fault: `there is no ${unknown}` }
  if (!/%[Yy]/.test(format) || !(/%j/.test(format) || (/%-?m|%[bB]/.test(format) && /%-?d/.test(format))))
    return { fault: 'it lacks a year, a month or a day' }
  const pattern = pieces
    .map((piece) =>
      piece.startsWith('%') ? (codes[piece.slice(1)] ?? '') : piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('')
  const timed = /%-?[HI]/.test(format)
  const form = dateForm({ words: format, format, pattern })
  if (!timed) return { form }
  return {
    form: {
      ...form,
      label: `time as ${format}`,
      type: 'TIMESTAMP',
      expected: `a time as ${format}`,
      cast: (value) => strptime(value, [format]),
    },
  }
}
