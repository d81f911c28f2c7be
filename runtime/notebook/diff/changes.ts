import type { Figure, FindingTable, Metric } from '../../../nodes/node.ts'
import type { Notebook } from '../nbformat/cells.ts'
import { runMetadata } from '../render/document.ts'
import { type Contents, contentsOf } from './contents.ts'

/** The same thing in two runs of a notebook; one side is absent where only one run has it. */
export interface Pair<T> {
  readonly a?: T
  readonly b?: T
}

/**
 * Pairs things by their keys, the first of a key with the first, the second with the second. In the order of `a`;
 * what only `b` has comes last.
 */
export const pairUp = <T>(a: readonly T[], b: readonly T[], keyOf: (thing: T) => string): Pair<T>[] => {
  const waiting = new Map<string, T[]>()
  for (const thing of b) waiting.set(keyOf(thing), [...(waiting.get(keyOf(thing)) ?? []), thing])
  const paired = new Set<T>()
  const pairs: Pair<T>[] = a.map((thing) => {
    const match = waiting.get(keyOf(thing))?.shift()
    if (match !== undefined) paired.add(match)
    return { a: thing, b: match }
  })
  return [...pairs, ...b.filter((thing) => !paired.has(thing)).map((thing) => ({ b: thing }))]
}

type NumberedCell = Contents['cells'][number]

interface Named {
  readonly name: string
  readonly value: unknown
}

/** What differs between two runs of a notebook, `a` and `b`. */
export interface Changes {
  readonly parameters: readonly Pair<Named>[]
  /** All of them: those that stayed the same are an answer too. */
  readonly metrics: readonly Pair<Metric>[]
  readonly tables: readonly TableChange[]
  readonly figures: readonly Pair<Figure>[]
  readonly sameFigures: number
  readonly cells: readonly Pair<NumberedCell>[]
  /** False where the two have no cell in common. */
  readonly related: boolean
}

const named = (values: object): Named[] => Object.entries(values).map(([name, value]) => ({ name, value }))

/** Cells by their ids, what is left by equal text, then by place: ids may be new where a program wrote none. */
const pairCells = (a: readonly NumberedCell[], b: readonly NumberedCell[]): Pair<NumberedCell>[] => {
  const keys = [
    ({ cell }: NumberedCell) => `${cell.cell_type} ${cell.id}`,
    ({ cell }: NumberedCell) => `${cell.cell_type} ${cell.source}`,
    ({ cell, number }: NumberedCell) => `${cell.cell_type} ${number}`,
  ]
  const matches: Pair<NumberedCell>[] = []
  let [left, right] = [a, b]
  for (const key of keys) {
    const pairs = pairUp(left, right, key)
    matches.push(...pairs.filter((pair) => pair.a && pair.b))
    left = pairs.flatMap((pair) => (pair.a && !pair.b ? [pair.a] : []))
    right = pairs.flatMap((pair) => (pair.b && !pair.a ? [pair.b] : []))
  }
  const alone = [...left.map((one) => ({ a: one })), ...right.map((one) => ({ b: one }))]
  const position = ({ a: one, b: other }: Pair<NumberedCell>) => one?.number ?? other?.number ?? 0
  return [...matches, ...alone].sort((one, other) => position(one) - position(other))
}

const drawn = ({ data, layout }: Figure) => JSON.stringify([data, layout])

/** Compares two executed notebooks. */
export const changesBetween = (a: Notebook, b: Notebook): Changes => {
  const [before, after] = [contentsOf(a), contentsOf(b)]
  const [from, to] = [runMetadata(a), runMetadata(b)]
  const cells = pairCells(before.cells, after.cells)
  const figures = pairUp(before.figures, after.figures, ({ title }) => title)
  const changedFigures = figures.filter((pair) => !(pair.a && pair.b && drawn(pair.a) === drawn(pair.b)))
  return {
    parameters: pairUp(named(from.parameters), named(to.parameters), ({ name }) => name),
    metrics: pairUp(before.metrics, after.metrics, ({ name }) => name),
    tables: pairUp(before.tables, after.tables, ({ title, columns }) => JSON.stringify([title, columns])).flatMap(
      (pair) => tableChange(pair) ?? [],
    ),
    figures: changedFigures,
    sameFigures: figures.length - changedFigures.length,
    cells: cells.filter((pair) => pair.a?.cell.source !== pair.b?.cell.source),
    related:
      cells.length === 0 ||
      cells.some((pair) => pair.a?.cell.source === pair.b?.cell.source) ||
      cells.some((pair) => pair.a?.cell.id === pair.b?.cell.id),
  }
}

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
const tableChange = ({ a, b }: Pair<Table>): TableChange | undefined => {
  const tables = [a, b].filter((table) => table !== undefined)
  const pairs = pairUp(a?.rows ?? [], b?.rows ?? [], keyed(tables))
  const rows = pairs.filter((pair) => JSON.stringify(pair.a) !== JSON.stringify(pair.b))
  const { title = '', columns = [] } = a ?? b ?? {}
  return rows.length === 0 ? undefined : { title, columns, rows, same: pairs.length - rows.length }
}
