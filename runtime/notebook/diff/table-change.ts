import type { FindingTable } from '../../../nodes/node.ts'
import { type Pair, pairUp } from './pairs.ts'

type Table = Pick<FindingTable, 'title' | 'columns' | 'rows'>
type Row = Table['rows'][number]

/** A table of two runs, its changed rows only. */
export interface TableChange {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly Pair<Row>[]
  readonly same: number
}

const isUnique = (rows: readonly Row[]): boolean => new Set(rows.map(([first]) => first)).size === rows.length

/** What names a row: its first value, where that is unlike in every row; its place otherwise. */
const keyed = (tables: readonly Table[]): ((row: Row) => string) => {
  if (tables.every(({ rows }) => isUnique(rows))) return ([first]) => JSON.stringify(first ?? null)
  const places = new Map(tables.flatMap(({ rows }) => rows.map((row, index) => [row, String(index)] as const)))
  return (row) => places.get(row) ?? ''
}

/** What changed in a table, or nothing where no row did. */
export const tableChange = ({ a, b }: Pair<Table>): TableChange | undefined => {
  const tables = [a, b].filter((table) => table !== undefined)
  const pairs = pairUp(a?.rows ?? [], b?.rows ?? [], keyed(tables))
  const rows = pairs.filter((pair) => JSON.stringify(pair.a) !== JSON.stringify(pair.b))
  const { title = '', columns = [] } = a ?? b ?? {}
  return rows.length === 0 ? undefined : { title, columns, rows, same: pairs.length - rows.length }
}
