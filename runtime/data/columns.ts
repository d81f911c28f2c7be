import { columnClass } from '../../nodes/lib/column-class.ts'
import type { Column, ColumnClass } from '../../nodes/node.ts'

/** Whether a column of `type` serves where `wanted` is asked for. */
export const fits = (type: string, expected: ColumnClass): boolean =>
  expected === 'any' || columnClass(type) === expected

/** The words a person knows: “text (VARCHAR)”. */
export const describeType = (type: string): string => `${columnClass(type)} (${type})`

export const sameColumns = (left: readonly Column[], right: readonly Column[]): boolean =>
  left.length === right.length &&
  left.every((column, index) => column.name === right[index]?.name && column.type === right[index]?.type)
