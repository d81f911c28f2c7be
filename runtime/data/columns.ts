import type { Column, ColumnClass } from '../../nodes/node.ts'

/** What a DuckDB type means to an analyst. */
export function columnClass(type: string): Exclude<ColumnClass, 'any'> | 'other' {
  if (/\[\]$|^(STRUCT|MAP|UNION|LIST)/.test(type)) return 'other'
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL|DOUBLE|FLOAT|BIGNUM)/.test(type)) return 'number'
  if (/^(DATE|TIMESTAMP)/.test(type)) return 'date'
  if (type === 'BOOLEAN') return 'boolean'
  if (/^(VARCHAR|ENUM|UUID)/.test(type)) return 'text'
  return 'other'
}

/** Whether a column of `type` serves where `wanted` is asked for. */
export const fits = (type: string, wanted: ColumnClass): boolean => wanted === 'any' || columnClass(type) === wanted

/** The words a person knows: “text (VARCHAR)”. */
export const describeType = (type: string): string => `${columnClass(type)} (${type})`

export const sameColumns = (left: readonly Column[], right: readonly Column[]): boolean =>
  left.length === right.length &&
  left.every((column, index) => column.name === right[index]?.name && column.type === right[index]?.type)
