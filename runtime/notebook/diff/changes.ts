import type { Figure, Metric } from '../../../nodes/node.ts'
import type { Notebook } from '../cells.ts'
import { runMetadata } from '../render/document.ts'
import { type Contents, contentsOf } from './contents.ts'
import { type Pair, pairUp } from './pairs.ts'
import { type TableChange, tableChange } from './table-change.ts'

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
  const found: Pair<NumberedCell>[] = []
  let [left, right] = [a, b]
  for (const key of keys) {
    const pairs = pairUp(left, right, key)
    found.push(...pairs.filter((pair) => pair.a && pair.b))
    left = pairs.flatMap((pair) => (pair.a && !pair.b ? [pair.a] : []))
    right = pairs.flatMap((pair) => (pair.b && !pair.a ? [pair.b] : []))
  }
  const alone = [...left.map((one) => ({ a: one })), ...right.map((one) => ({ b: one }))]
  const place = ({ a: one, b: other }: Pair<NumberedCell>) => one?.number ?? other?.number ?? 0
  return [...found, ...alone].sort((one, other) => place(one) - place(other))
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
