import { describe, expect, test } from 'vitest'
import { chainHashes } from '../../../../runtime/notebook/execute/execute.ts'
import { resumption } from '../../../../runtime/notebook/execute/resume.ts'
import type { CodeCell, Notebook } from '../../../../runtime/notebook/nbformat/cells.ts'

type Given = readonly [source: string, tag?: string]

const cellsOf = (given: readonly Given[]): CodeCell[] =>
  given.map(([source, tag], index) => ({
    cell_type: 'code',
    id: `c${index}`,
    metadata: tag ? { tags: [tag] } : {},
    source,
    outputs: [{ output_type: 'stream', name: 'stdout', text: `of ${index}` }],
    execution_count: index + 1,
  }))

/** The notebook that a run left whose first cells ended as said. */
const left = (given: readonly Given[], statuses: readonly string[], start = ''): Notebook => {
  const cells = cellsOf(given)
  const hashes = chainHashes(cells, start)
  return {
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
    cells: cells.map((cell, index) => ({
      ...cell,
      metadata: {
        ...cell.metadata,
        ...(statuses[index] ? { polku: { status: statuses[index], hash: hashes.get(index) } } : {}),
      },
    })),
  }
}

const resumed = (earlier: Notebook, given: readonly Given[], { start = '', language = 'typescript' } = {}) => {
  const cells = cellsOf(given)
  const found = resumption(earlier, {
    cells,
    hashes: chainHashes(cells, start),
    language,
    nameOf: (index) => `${index + 1}`,
  })
  return { kept: [...found.kept.keys()].sort(), finished: found.finished, notes: found.notes }
}

const cells: Given[] = [
  ["import { open } from 'polku'"],
  ['const workspace = await open()'],
  ['const chart = await workspace.explore()\nchart', 'pure'],
  ['const total = 5'],
  ['total / missing'],
]
const statuses = ['done', 'done', 'done', 'done', 'failed']

test('finished pure cells that nobody needs are kept, the others run again', () => {
  expect(resumed(left(cells, statuses), cells)).toEqual({
    kept: [2],
    finished: false,
    notes: [
      'The run goes on from cell 5. Finished cells tagged pure are kept: 1. Values end with their kernel, so the others are run again: 3.',
    ],
  })
})

test('mending the failed cell keeps what stands before it', () => {
  expect(resumed(left(cells, statuses), [...cells.slice(0, 4), ['total / 2']]).kept).toEqual([2])
})

test('a kept cell is kept again, also where the run that went on ended before it came to it', () => {
  expect(resumed(left(cells, ['', '', 'kept']), cells).kept).toEqual([2])
})

test('a finished run has nothing left to do', () => {
  expect(
    resumed(
      left(
        cells,
        cells.map(() => 'done'),
      ),
      cells,
    ),
  ).toMatchObject({ finished: true, kept: [0, 1, 2, 3, 4] })
})

describe('a pure cell is run again where', () => {
  test.each([
    ['a later cell uses what it declares', ['chart.title'], /Cell 3 is tagged pure .*cell 5 uses its chart/],
    ['a later cell uses it in a shorthand', ['show({ chart })'], /uses its chart/],
  ])('%s', (_, [source], note) => {
    const given: Given[] = [...cells.slice(0, 4), [source ?? '']]
    const found = resumed(left(given, ['done', 'done', 'done', 'done', 'failed']), given)
    expect(found.kept).toEqual([])
    expect(found.notes[0]).toMatch(note)
    expect(found.notes.at(-1)).toBe('The run starts over.')
  })

  test.each([
    ['it changes a name that a later cell uses', 'count += 1', 'count'],
    ['it assigns to a part of it', 'settings.depth = 2', 'settings'],
    ['it imports what a later cell uses', "import { plot as draw } from 'polku'", 'draw(1)'],
    ['it takes it out of an object', 'const { a: [b] } = find()', 'b'],
    ['it declares a function that a later cell calls', 'function twice(n: number) { return 2 * n }', 'twice(2)'],
    ['it declares a type that a later cell names', 'interface Row { id: number }', 'const row: Row = { id: 1 }'],
  ])('%s', (_, source, later) => {
    const given: Given[] = [['1'], [source, 'pure'], [later]]
    expect(resumed(left(given, ['done', 'done', 'failed']), given).kept).toEqual([])
  })

  test('but a property of the same name is another thing, and so is the use by a cell that is kept too', () => {
    const given: Given[] = [['const chart = draw()', 'pure'], ['chart.title', 'pure'], ['x.chart']]
    expect(resumed(left(given, ['done', 'done', 'failed']), given).kept).toEqual([0, 1])
  })

  test.each([
    ['a cell before it changed', [['import a'], ...cells.slice(1)] as Given[], {}],
    ['its own code changed', [...cells.slice(0, 2), ['chart', 'pure'], ...cells.slice(3)] as Given[], {}],
    ['the kernel or what it was given changed', cells, { start: 'other' }],
  ])('%s', (_, given, options) => {
    const found = resumed(left(cells, ['done', 'done', 'done', 'done', 'failed']), given, options)
    expect(found.kept).toEqual([])
    expect(found.notes.join()).toMatch(/starts over/)
  })
})

test.each([
  [[['1'], ['2']] as Given[], 'typescript', /no finished cell is tagged pure/],
  [[['1', 'pure'], ['2']] as Given[], 'python', /cannot tell which names a cell in python defines/],
])('it is said plainly why a run starts over', (given, language, why) => {
  expect(resumed(left(given, ['done', 'failed']), given, { language }).notes.join()).toMatch(why)
})
