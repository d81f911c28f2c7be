import type { Table } from '../node.ts'

/** The DuckDB type of a column; empty where the table has no such column. */
export const typeOf = (table: Table, name: string): string =>
  table.columns.find((column) => column.name === name)?.type ?? ''

const kinds: readonly (readonly [RegExp, string])[] = [
  [/\[\d*\]$|^(STRUCT|MAP|UNION|LIST)/, 'a nested value'],
  [/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL|DOUBLE|FLOAT|BIGNUM)/, 'a number'],
  [/^(DATE|TIMESTAMP)/, 'a date'],
  [/^BOOLEAN$/, 'true or false'],
  [/^(VARCHAR|ENUM|UUID)/, 'text'],
]

/** What a person calls values of a DuckDB type: `a number`, `text`. Types that have no such word are called by their own name. */
export const kindOf = (type: string): string => kinds.find(([pattern]) => pattern.test(type))?.[1] ?? type

/** Whether DuckDB compares values of two types without converting texts, which fails on the first that is no number. */
export const comparable = (one: string, other: string): boolean =>
  one === other || (kindOf(one) === kindOf(other) && kindOf(one) !== 'a nested value')
