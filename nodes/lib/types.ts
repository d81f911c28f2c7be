import { columnClass, isNested } from './column-class.ts'
import type { Table } from './table.ts'

/** The DuckDB type of a column; empty where the table has no such column. */
export const typeOf = (table: Table, name: string): string =>
  table.columns.find((column) => column.name === name)?.type ?? ''

const words = { number: 'a number', date: 'a date', boolean: 'true or false', text: 'text', other: undefined }

/** What a person calls values of a DuckDB type: `a number`, `text`. Types that have no such word are called by their own name. */
export const kindOf = (type: string): string => words[columnClass(type)] ?? (isNested(type) ? 'a nested value' : type)

/** Whether DuckDB compares values of two types without converting texts, which fails on the first that is no number. */
export const comparable = (one: string, other: string): boolean =>
  one === other || (kindOf(one) === kindOf(other) && kindOf(one) !== 'a nested value')
