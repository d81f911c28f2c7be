import type { ColumnClass } from '../node.ts'

export const isNested = (type: string): boolean => /\]$|^(STRUCT|MAP|UNION|LIST)/.test(type)

/** What a DuckDB type means to an analyst; `other` is a list, a structure or the like. */
export function columnClass(type: string): Exclude<ColumnClass, 'any'> | 'other' {
  if (isNested(type)) return 'other'
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL|DOUBLE|FLOAT|BIGNUM)/.test(type)) return 'number'
  if (/^(DATE|TIMESTAMP)/.test(type)) return 'date'
  if (type === 'BOOLEAN') return 'boolean'
  if (/^(VARCHAR|ENUM|UUID)/.test(type)) return 'text'
  return 'other'
}
