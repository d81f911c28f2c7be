import type { Column, Table } from './table.ts'

/** The column of that name. Throws a RangeError where the table has none: the checker finds that earlier. */
export const columnNamed = (table: Table, name: string): Column => {
  const column = table.columns.find((column) => column.name === name)
  if (!column) throw new RangeError(`The table has no column ${name}.`)
  return column
}
