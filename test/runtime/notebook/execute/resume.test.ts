import { describe, expect, test } from 'vitest'
import { chainHashes } from '../../../../runtime/notebook/execute/execute.ts'
import { resumption } from '../../../../runtime/notebook/execute/resume.ts'
import type { CodeCell, Notebook } from '../../../../runtime/notebook/nbformat/cells.ts'

type Given = readonly [source: string, tag?: string]

const cellsOf = (sources: readonly Given[]): CodeCell[] =>
  sources.map(([source, tag], index) => ({
    cell_type: 'code',
    id: `c${index}`,
    metadata: tag ? { tags: [tag] } : {},
    source,
    outputs: [{ output_type: 'stream', name: 'stdout', text: `of ${index}` }],
    execution_count: index + 1,
  }))

/** The notebook that a run left whose first cells ended as said. */
const left = (sources: readonly Given[], statuses: readonly string[], start = ''): Notebook => {
  const cells = cellsOf(sources)
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

const resumed = (earlier: Notebook, sources: readonly Given[], { start = '', language = 'typescript' } = {}) => {
  const cells = cellsOf(sources)
  const resumed = resumption(earlier, {
    cells,
    hashes: chainHashes(cells, start),
    language,
    nameOf: (index) => `${index + 1}`,
  })
  return { cached: [...resumed.reused.keys()].sort(), finished: resumed.finished, notes: resumed.notes }
}

const cells: Given[] = [
  ["import { open } from 'polku'"],
  ['const workspace = await open()'],
  ['const chart = await workspace.explore()\nchart', 'pure'],
  ['const total = 5'],
  ['total / missing'],
]
const statuses = ['done', 'done', 'done', 'done', 'failed']

test('finished pure cells that nobody needs are cached, the others run again', () => {
  expect(resumed(left(cells, statuses), cells)).toEqual({
    cached: [2],
    finished: false,
    notes: [
      'The run resumes at cell 5. Finished cells tagged pure are cached: 1. Values end with their kernel, so the others are run again: 3.',
    ],
  })
})

test('mending the failed cell keeps what stands before it', () => {
  expect(resumed(left(cells, statuses), [...cells.slice(0, 4), ['total / 2']]).cached).toEqual([2])
})

test('a cached cell is cached again, also where the resumed run ended before it came to it', () => {
  expect(resumed(left(cells, ['', '', 'cached']), cells).cached).toEqual([2])
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
  ).toMatchObject({ finished: true, cached: [0, 1, 2, 3, 4] })
})

describe('a pure cell is run again where', () => {
  test.each([
    ['a later cell uses what it declares', ['chart.title'], /Cell 3 is tagged pure .*cell 5 uses its chart/],
    ['a later cell uses it in a shorthand', ['show({ chart })'], /uses its chart/],
  ])('%s', (_, [source], note) => {
    const sources: Given[] = [...cells.slice(0, 4), [source ?? '']]
    const again = resumed(left(sources, ['done', 'done', 'done', 'done', 'failed']), sources)
    expect(again.cached).toEqual([])
    expect(again.notes[0]).toMatch(note)
    expect(again.notes.at(-1)).toBe('The run starts over.')
  })

  test.each([
    ['it changes a name that a later cell uses', 'count += 1', 'count'],
    ['it assigns to a part of it', 'settings.depth = 2', 'settings'],
    ['it imports what a later cell uses', "import { plot as draw } from 'polku'", 'draw(1)'],
    ['it takes it out of an object', 'const { a: [b] } = find()', 'b'],
    ['it declares a function that a later cell calls', 'function twice(n: number) { return 2 * n }', 'twice(2)'],
    ['it declares a type that a later cell names', 'interface Row { id: number }', 'const row: Row = { id: 1 }'],
  ])('%s', (_, source, later) => {
    const sources: Given[] = [['1'], [source, 'pure'], [later]]
    expect(resumed(left(sources, ['done', 'done', 'failed']), sources).cached).toEqual([])
  })

  test('but a property of the same name is another thing, and so is the use by a cell that is cached too', () => {
    const sources: Given[] = [['const chart = draw()', 'pure'], ['chart.title', 'pure'], ['x.chart']]
    expect(resumed(left(sources, ['done', 'done', 'failed']), sources).cached).toEqual([0, 1])
  })

  test.each([
    ['a cell before it changed', [['import a'], ...cells.slice(1)] as Given[], {}],
    ['its own code changed', [...cells.slice(0, 2), ['chart', 'pure'], ...cells.slice(3)] as Given[], {}],
    ['the kernel or what it was given changed', cells, { start: 'other' }],
  ])('%s', (_, sources, options) => {
    const again = resumed(left(cells, ['done', 'done', 'done', 'done', 'failed']), sources, options)
    expect(again.cached).toEqual([])
    expect(again.notes.join()).toMatch(/starts over/)
  })
})

test.each([
  [[['1'], ['2']] as Given[], 'typescript', /no finished cell is tagged pure/],
  [[['1', 'pure'], ['2']] as Given[], 'python', /cannot tell which names a cell in python defines/],
])('it is said plainly why a run starts over', (sources, language, why) => {
  expect(resumed(left(sources, ['done', 'failed']), sources, { language }).notes.join()).toMatch(why)
})
