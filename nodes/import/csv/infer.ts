import { compactDate, dateForms, givenFormat, timeForms } from './dates.ts'
import {
  type DecimalMark,
  type Form,
  foundNumber,
  givenBoolean,
  givenNumber,
  groupedNumber,
  text,
  trueFalse,
  wholeNumber,
} from './forms.ts'
import type { Settings } from './settings.ts'

/** How one column is read. */
export interface Reading {
  readonly form: Form
  /** Texts that mean a missing value, beside empty ones. */
  readonly nulls: readonly string[]
  /** What a person should know: a doubt that the sample could not settle. */
  readonly doubt?: string
  /** What nearly all values are, where the column is text because of the others. */
  readonly nearly?: string
}

const missingWords = new Set([
  'NA',
  'N/A',
  'n/a',
  '#N/A',
  'NULL',
  'null',
  'NaN',
  'nan',
  'None',
  '\\N',
  '-',
  '.',
  '0000-00-00',
])

const tests = new WeakMap<Form, RegExp>()
/** Whether a value is written in this form. */
export function fits(form: Form, value: string): boolean {
  let test = tests.get(form)
  if (!test) {
    test = new RegExp(`^(?:${form.pattern})$`)
    tests.set(form, test)
  }
  return test.test(value)
}

const point = foundNumber('.')
const comma = foundNumber(',')
const marked = {
  '.': { plain: point, byBlanks: groupedNumber('.', 'blanks'), byMark: groupedNumber('.', 'mark') },
  ',': { plain: comma, byBlanks: groupedNumber(',', 'blanks'), byMark: groupedNumber(',', 'mark') },
} as const
const marks: readonly DecimalMark[] = ['.', ',']

/** `1,234`: three digits after a single mark could be a fraction or a thousand. */
const threeAfter = /^[-+]?[1-9][0-9]{0,2}[.,][0-9]{3}$/
const isDoubtful = (values: readonly string[]): boolean => {
  const withMark = values.filter((value) => /[.,]/.test(value))
  return withMark.length > 0 && withMark.every((value) => threeAfter.test(value))
}

interface Judged {
  readonly form?: Form
  /** Set where the values would fit `form` but could mean another thing as well. */
  readonly doubtful?: boolean
}

const allFit = (form: Form, values: readonly string[]): boolean => values.every((value) => fits(form, value))

/** The number form that all values have, if there is one. */
function numberForm(values: readonly string[], decimal: DecimalMark | undefined): Judged {
  for (const mark of marks) {
    if (decimal !== undefined && decimal !== mark) continue
    const { plain, byBlanks, byMark } = marked[mark]
    if (allFit(plain, values)) return { form: plain, doubtful: mark === ',' && isDoubtful(values) }
    const groupedFor = (other: RegExp) => values.some((value) => other.test(value) && value.includes(mark))
    if (groupedFor(/[ \u00a0\u202f\u2009]/) && allFit(byBlanks, values)) return { form: byBlanks }
    if (groupedFor(mark === '.' ? /,/ : /\./) && allFit(byMark, values)) return { form: byMark }
  }
  return {}
}

function dateForm(values: readonly string[], form: Form | undefined): Judged {
  const dates = form ? [form] : dateForms
  const fitting = dates.filter((form) => allFit(form, values))
  if (fitting.length > 0) return { form: fitting[0], doubtful: fitting.length > 1 }
  const times = timeForms.filter((form) => allFit(form, values))
  // A format may also be read as its longer kin; only another order of day and month is a doubt.
  const orders = new Set(times.map((form) => form.label.split(' ')[2]))
  return { form: times[0], doubtful: orders.size > 1 }
}

function judge(values: readonly string[], decimal: DecimalMark | undefined, date: Form | undefined): Judged {
  if (values.length === 0) return {}
  if (date && allFit(date, values)) return { form: date }
  if (allFit(trueFalse, values)) return { form: trueFalse }
  if (allFit(wholeNumber, values)) return { form: wholeNumber }
  const number = numberForm(values, decimal)
  return number.form ? number : dateForm(values, date)
}

/** What ninety-five of a hundred values are, where a column is text because of the others. */
function nearly(values: readonly string[]): string | undefined {
  const some = values.slice(0, 1000)
  for (const form of [wholeNumber, point, comma, ...dateForms]) {
    if (!some.slice(0, 20).some((value) => fits(form, value))) continue
    const others = some.filter((value) => !fits(form, value)).length
    if (others > 0 && others <= some.length * 0.05) return form.label
  }
  return undefined
}

interface Inferred {
  readonly judged: Judged
  readonly values: readonly string[]
  readonly nulls: readonly string[]
}

function find(raw: readonly string[], settings: Settings, date: Form | undefined): Inferred {
  const values = raw.map((value) => value.trim()).filter((value) => value !== '' && !settings.nulls?.includes(value))
  const judged = judge(values, settings.decimal, date)
  if (judged.form || settings.nulls) return { judged, values, nulls: settings.nulls ?? [] }
  const nulls = [...new Set(values.filter((value) => missingWords.has(value)))].sort()
  if (nulls.length === 0) return { judged, values, nulls: [] }
  const present = values.filter((value) => !missingWords.has(value))
  const without = judge(present, settings.decimal, date)
  return without.form ? { judged: without, values: present, nulls } : { judged, values, nulls: [] }
}

function chooseReading({ judged, values, nulls }: Inferred, settings: Settings, commaFile: boolean): Reading {
  const { form } = judged
  const unread: Reading = { form: text, nulls: settings.nulls ?? [] }
  if (!form) return { ...unread, nearly: nearly(values) }
  const isNumber = form === point || form === comma
  // Where other columns have a decimal comma, 1.234 is likely a thousand: no guess.
  const doubtful = isNumber
    ? settings.decimal === undefined &&
      (form === point ? commaFile && isDoubtful(values) : judged.doubtful && !commaFile)
    : judged.doubtful
  if (!doubtful) return { form, nulls }
  const doubt = isNumber
    ? 'its marks could stand before fractions or between thousands, so it is text; set decimal'
    : 'its dates could be day before month or month before day, so it is text; set dateFormat'
  return { ...unread, doubt }
}

/** How each column is to be read, by the values that a sample has of it. */
export function inferReadings(sample: readonly (readonly string[])[], settings: Settings): Reading[] {
  const date = settings.dateFormat === undefined ? undefined : givenFormat(settings.dateFormat).form
  const inferred = sample.map((values) => find(values, settings, date))
  const commaFile = inferred.some(
    ({ judged: { form, doubtful } }) => form?.label.includes('decimal comma') && !doubtful,
  )
  return inferred.map((one) => chooseReading(one, settings, commaFile))
}

const types: Readonly<Record<string, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  decimal: 'DECIMAL(18,4)',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  boolean: 'BOOLEAN',
}
/** The DuckDB type of a type as settings name it. */
export const duckType = (typeName: string): string => types[typeName] ?? typeName.replaceAll(' ', '')

function givenForms(type: string, settings: Settings): readonly Form[] {
  if (type === 'VARCHAR') return [text]
  if (type === 'BOOLEAN') return [givenBoolean]
  const date = settings.dateFormat === undefined ? undefined : givenFormat(settings.dateFormat).form
  if (type === 'DATE') return date?.type === 'DATE' ? [date] : [...dateForms, compactDate]
  if (type === 'TIMESTAMP') return date?.type === 'TIMESTAMP' ? [date] : timeForms
  return (settings.decimal ? [settings.decimal] : marks).map((mark) => givenNumber(type, mark))
}

/** How a column of a type that was asked for is written: the form that most values of the sample have. */
export function givenReading(typeName: string, raw: readonly string[], settings: Settings): Reading {
  const forms = givenForms(duckType(typeName), settings)
  const values = raw.map((value) => value.trim()).filter((value) => value !== '')
  const [first = text] = forms
  const nulls =
    settings.nulls ?? (first === text ? [] : [...new Set(values.filter((value) => missingWords.has(value)))])
  const present = values.filter((value) => !nulls.includes(value))
  const counts = forms.map((form) => present.filter((value) => fits(form, value)).length)
  const most = Math.max(...counts)
  const tied = forms.filter((_, index) => counts[index] === most)
  const best = tied[0] ?? first
  const doubt =
    most > 0 && tied.length > 1 && present.some((value) => threeAfter.test(value) || /^\d+[/-]\d+[/-]\d+/.test(value))
      ? `read as ${best.label}, though ${tied[1]?.label} fits as well; set decimal or dateFormat`
      : undefined
  return { form: best, nulls, doubt }
}
