import { nearestName } from '../../lib/nearest-name.ts'
import { wholeNumber } from './forms.ts'
import { fits, givenReading, inferReadings } from './infer.ts'
import type { Fail, Settings } from './settings.ts'

type Values = readonly string[]

export const columnOf = (rows: readonly Values[], field: number): string[] => rows.map((row) => row[field] ?? '')

const isYear = (value: string): boolean => /^(19|20)[0-9]{2}$/.test(value)
const looksLikeData = (value: string): boolean => /^[-+\d.,:/ ]+$|@/.test(value)

/** Years as column names stand over values that are no years. */
const namesYears = (first: Values, rest: readonly Values[]): boolean => {
  const years = first.flatMap((value, field) => (isYear(value) ? [field] : []))
  const over = (field: number) => columnOf(rest, field).filter(isYear).length < rest.length / 10
  return (
    years.length > 1 &&
    years.length < first.length &&
    new Set(years.map((field) => first[field])).size === years.length &&
    years.every(over)
  )
}

/** Whether the first record names the columns: it does where it does not look like what stands below it. */
function looksLikeHeader(first: Values, rest: readonly Values[], settings: Settings): boolean {
  const names = first.map((value) => value.trim())
  const distinct = new Set(names.map((name) => name.toLowerCase())).size === names.length
  if (rest.length === 0) return names.every((name) => name !== '' && !looksLikeData(name)) && distinct
  const readings = inferReadings(
    first.map((_, field) => columnOf(rest, field)),
    settings,
  )
  const typed = readings.flatMap(({ form }, field) =>
    form.type === 'VARCHAR' ? [] : [{ form, value: names[field] ?? '' }],
  )
  // 0012 among numbers is data as well, if not of the same kind.
  const strange = typed.filter(({ form, value }) => value !== '' && !fits(form, value) && !looksLikeData(value))
  if (strange.length > 0) return true
  if (namesYears(names, rest)) return true
  return typed.length === 0 && names.some((name) => name !== '') && !names.some(looksLikeData) && distinct
}

/** Whether the first record is a header although `columns` names none of it: where a typed column's value could not be data. */
function isHeaderOfOthers(first: Values, columns: Readonly<Record<string, string>>, settings: Settings): boolean {
  const types = Object.values(columns)
  if (types.length !== first.length) return true
  const strange = types.map((type, field) => {
    const value = (first[field] ?? '').trim()
    const { form, nulls } = givenReading(type, [value], settings)
    return value !== '' && !nulls.includes(value) && !fits(form, value)
  })
  const isTyped = types.some((type) => !/^(text|VARCHAR)$/.test(type))
  return strange.includes(true) || !isTyped
}

export function hasHeader(records: readonly Values[], settings: Settings): boolean {
  const [first = [], ...rest] = records.slice(0, 200)
  if (settings.header !== undefined) return settings.header
  if (!settings.columns) return looksLikeHeader(first, rest, settings)
  const names = new Set(first.map((value) => value.trim()))
  return (
    Object.keys(settings.columns).some((name) => names.has(name)) || isHeaderOfOthers(first, settings.columns, settings)
  )
}

// DuckDB compares names without regard to the case of A to Z.
const folded = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

/** The names of a header. A field without one is called by its position. Fails with `duplicateHeader`. */
export function namesOf(first: Values, file: string, fail: Fail): string[] {
  const names = first.map((value, field) => value.replaceAll('\0', '').trim() || `column_${field + 1}`)
  requireDistinct(names, (duplicate) => fail('duplicateHeader', { file, actual: duplicate }))
  return names
}

export function requireDistinct(names: readonly string[], refuse: (duplicate: string) => never): void {
  const positions = new Map<string, number[]>()
  for (const [field, name] of names.entries())
    positions.set(folded(name), [...(positions.get(folded(name)) ?? []), field])
  const twice = [...positions.values()].filter((fields) => fields.length > 1)
  if (twice.length === 0) return
  refuse(
    twice
      .map(
        (fields) =>
          `${fields.map((field) => names[field]).join(' and ')} (columns ${fields.map((field) => field + 1).join(' and ')})`,
      )
      .join(', '),
  )
}

/** Names for fields that have none. Fails with `columnCount` or `numericNames` where `columns` does not fit them. */
export function namesByPosition(fields: number, { columns }: Settings, file: string, fail: Fail): string[] {
  if (!columns) return Array.from({ length: fields }, (_, field) => `column_${field + 1}`)
  const names = Object.keys(columns)
  const numeric = names.find((name) => fits(wholeNumber, name))
  if (numeric !== undefined) fail('numericNames', { actual: numeric })
  if (names.length !== fields) fail('columnCount', { file, actual: fields, given: names.length })
  return names
}

/** Fails where `columns` or `types` name what the file does not have. */
export function requireNamed(names: readonly string[], { columns, types }: Settings, file: string, fail: Fail): void {
  const missing = (settings: object = {}) => Object.keys(settings).find((name) => !names.includes(name))
  const unfound = missing(columns)
  const present = `${names.slice(0, 12).join(', ')}${names.length > 12 ? `, … (${names.length} in all)` : ''}`
  if (unfound !== undefined)
    fail('columnsDiffer', { file, column: unfound, actual: present, right: nearestName(unfound, names) })
  const untyped = missing(types)
  if (untyped !== undefined) fail('typesUnknown', { file, column: untyped, right: nearestName(untyped, names) })
}
