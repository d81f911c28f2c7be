import type { Row, Table } from '../../nodes/node.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'

const hole = /\$\{\s*item(?:\.([^}]*?))?\s*\}/g
const onlyHole = /^\$\{\s*item(?:\.([^}]*?))?\s*\}$/

type Value = Row[string] | undefined

const valueOfItem = (item: string | Row, column: string | undefined): Value => {
  if (typeof item === 'string') return item
  return column === undefined || !Object.hasOwn(item, column) ? undefined : item[column]
}

/**
 * Parameters with what an item gives in place of `${item}` or, of a row, `${item.COLUMN}`. A parameter that is nothing
 * but an empty value is left away, so that its default holds.
 */
export function fillItem(params: Readonly<Record<string, unknown>>, item: string | Row): Record<string, unknown> {
  const filled: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(params)) {
    const filledValue = fill(value, item)
    if (filledValue !== undefined && filledValue !== null) filled[name] = filledValue
  }
  return filled
}

function fill(value: unknown, item: string | Row): unknown {
  if (Array.isArray(value)) return value.map((part: unknown) => fill(part, item))
  if (typeof value !== 'string') return value
  const whole = onlyHole.exec(value)
  if (whole) return valueOfItem(item, whole[1])
  return value.replaceAll(hole, (_, column: string | undefined) => String(valueOfItem(item, column) ?? ''))
}

/** The columns, or an empty text for the item itself, that a value names. */
export const itemsIn = (value: unknown): string[] =>
  [value]
    .flat()
    .flatMap((part: unknown) =>
      typeof part === 'string' ? [...part.matchAll(hole)].map(([, column = '']) => column) : [],
    )

/** The fault of parameters that name a column where the items are single values. */
export function needlessColumn(params: Readonly<Record<string, unknown>>): PolkuError | undefined {
  const [column] = Object.values(params)
    .flatMap(itemsIn)
    .filter((name) => name !== '')
  const reference = `\${item.${column}}`
  const values = { reference, actual: reference, nearest: '${item}: the items are single values.' }
  return column === undefined ? undefined : new PolkuError('REFERENCE_UNKNOWN', values)
}

/** The fault of parameters that name what rows of this table do not have. */
export function unknownColumn(params: Readonly<Record<string, unknown>>, { columns }: Table): PolkuError | undefined {
  const names = columns.map(({ name }) => name)
  const wrong = Object.values(params)
    .flatMap(itemsIn)
    .find((column) => !names.includes(column))
  if (wrong === undefined) return undefined
  const reference = wrong === '' ? '${item}' : `\${item.${wrong}}`
  const near = wrong === '' ? `\${item.${names[0]}}, or another column.` : nearest(wrong, names, 'column')
  return new PolkuError('REFERENCE_UNKNOWN', { reference, actual: reference, nearest: near })
}
