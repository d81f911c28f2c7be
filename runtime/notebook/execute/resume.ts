import { type Cell, type CodeCell, hasTag, metadataPart, type Notebook } from '../nbformat/cells.ts'
import { definedNames, mentionedNames } from '../parameters/typescript-cell.ts'

// A kernel's values end with it. So a run that is resumed runs the finished cells again, too: all but those tagged `pure`,
// whose author promises that they change nothing but their own outputs and values. Such a cell is cached: taken as it is
// stored, where its code and all before it are unchanged, and no cell that is run mentions a name that it defines.

/** What a run keeps of an earlier one, by the cells' index, and what there is to say about the others. */
export interface Resumption {
  readonly reused: ReadonlyMap<number, CodeCell>
  /** Whether the earlier run had finished, so that nothing is left to do. */
  readonly finished: boolean
  readonly notes: readonly string[]
}

interface Wanted {
  readonly cells: readonly Cell[]
  readonly hashes: ReadonlyMap<number, string>
  readonly language: string
  /** How a person calls the cell of an index. */
  readonly nameOf: (index: number) => string
}

/** What of an earlier run's notebook can stand. */
export function resumption(earlier: Notebook, { cells, hashes, language, nameOf }: Wanted): Resumption {
  const stored = new Map<string, CodeCell>()
  for (const cell of earlier.cells)
    if (cell.cell_type === 'code') {
      const { hash, status } = metadataPart(cell.metadata, 'polku')
      if (typeof hash === 'string' && isFinished(status)) stored.set(hash, cell)
    }
  const finishedCell = (index: number): CodeCell | undefined => stored.get(hashes.get(index) ?? '')
  const indexes = [...hashes.keys()]
  const unfinished = indexes.find((index) => !finishedCell(index))
  if (unfinished === undefined) return { reused: cellsOf(indexes, finishedCell), finished: true, notes: [] }

  const over = (why: string): Resumption => ({
    reused: new Map(),
    finished: false,
    notes: [`The run starts over: ${why}`],
  })
  const finished = indexes.filter(finishedCell)
  const pure = finished.filter((index) => cells[index] && hasTag(cells[index], 'pure'))
  if (finished.length === 0) return over(`cell ${nameOf(unfinished)} was not finished, or something has changed since.`)
  if (pure.length === 0)
    return over('no finished cell is tagged pure, and the values of the others ended with their kernel.')
  if (!/^(type|java)script$/i.test(language))
    return over(`Polku cannot tell which names a cell in ${language || 'an unknown language'} defines.`)

  const reused = new Set<number>()
  const notes: string[] = []
  // From the last to the first: whether a cell is cached depends on the cells after it that are run.
  for (const index of pure.toReversed()) {
    const defined = definedNames(cells[index]?.source ?? '')
    const user = indexes.find((later) => later > index && !reused.has(later) && mentions(cells[later], defined))
    if (user === undefined) reused.add(index)
    else {
      const names = [...mentionedNames(cells[user]?.source ?? '')].filter((name) => defined.has(name))
      notes.unshift(
        `Cell ${nameOf(index)} is tagged pure and is run again all the same: cell ${nameOf(user)} uses its ${names.join(', ')}.`,
      )
    }
  }
  if (reused.size === 0) return { reused: new Map(), finished: false, notes: [...notes, 'The run starts over.'] }
  const summary = `The run resumes at cell ${nameOf(unfinished)}. Finished cells tagged pure are cached: ${reused.size}. Values end with their kernel, so the others are run again: ${finished.length - reused.size}.`
  return { reused: cellsOf([...reused], finishedCell), finished: false, notes: [summary, ...notes] }
}

const isFinished = (status: unknown): boolean => ['done', 'cached'].includes(String(status))

const mentions = (cell: Cell | undefined, names: ReadonlySet<string>): boolean =>
  cell !== undefined && [...mentionedNames(cell.source)].some((name) => names.has(name))

const cellsOf = (
  indexes: readonly number[],
  finishedCell: (index: number) => CodeCell | undefined,
): ReadonlyMap<number, CodeCell> =>
  new Map(
    indexes.flatMap((index) => {
      const cell = finishedCell(index)
      return cell ? [[index, cell] as const] : []
    }),
  )
