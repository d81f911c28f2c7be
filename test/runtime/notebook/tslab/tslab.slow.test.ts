// Slow: starts tslab's own kernel, which takes its time.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cellError } from '../../../../runtime/notebook/tslab/errors.ts'
import { Bench, outputsOf } from '../running.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(() => bench.remove())

/** A notebook that says the same under both kernels. */
const shared = [
  { source: 'const budget = 5000\nconst city: string | null = null', tags: ['parameters'] },
  "import * as tslab from 'tslab'\nimport { join } from 'node:path'\nconst words: string[] = [join('a', 'b'), `${budget}`, `${city}`]\nconsole.log(words.join(' '))",
  'interface Row { id: number }\nconst rows: Row[] = [1, 2, 3].map((id) => ({ id }))\nrows.length',
  'tslab.display.html("<b>bold</b>")\nconst later = await Promise.resolve(rows.length * 2)\nlater',
  'const rows = "declared anew"\nconsole.error(rows)',
  'for (let i = 0; i < 100_000; i++) console.log(i)',
]

describe.each(['tslab', 'polku'])('under %s', (kernel) => {
  test('a notebook gives its outputs whole and in order', async () => {
    bench.write(kernel, shared)
    const ran = await bench.run({ params: { city: 'Ä"\n😀' } })
    expect(ran.problem).toBeUndefined()
    expect(outputsOf(ran, 2)).toEqual([{ output_type: 'stream', name: 'stdout', text: 'a/b 5000 Ä"\n😀\n' }])
    expect(outputsOf(ran, 3)).toMatchObject([{ output_type: 'execute_result', data: { 'text/plain': '3' } }])
    expect(outputsOf(ran, 4)).toMatchObject([
      { output_type: 'display_data', data: { 'text/html': '<b>bold</b>' } },
      { output_type: 'execute_result', data: { 'text/plain': '6' } },
    ])
    expect(outputsOf(ran, 5)).toEqual([{ output_type: 'stream', name: 'stderr', text: 'declared anew\n' }])
    const lines = Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join('')
    expect(outputsOf(ran, 6)).toEqual([{ output_type: 'stream', name: 'stdout', text: lines }])
    expect(ran.notebook?.cells.map((cell) => cell.cell_type === 'code' && cell.execution_count)).toEqual([
      1, 2, 3, 4, 5, 6, 7,
    ])
  })

  test('an error stands in the notebook’s own lines, and after what was printed before it', async () => {
    bench.write(kernel, [
      'console.log("before")\n\nconst fail = (n: number): void => {\n  throw new RangeError(`no ${n}`)\n}\nfail(3)',
    ])
    const ran = await bench.run()
    expect(ran.problem?.message).toMatch(/^Cell 1 \(console\.log\("before"\)\) failed: RangeError: no 3\n/)
    expect(ran.problem?.message).toMatch(/^ {2}> {3}4 \| {3}throw new RangeError/m)
    expect(outputsOf(ran, 0)).toMatchObject([
      { output_type: 'stream', text: 'before\n' },
      { output_type: 'error', ename: 'RangeError', evalue: 'no 3' },
    ])
  })

  test('a mistake of types is found before the cell runs, with line and column', async () => {
    bench.write(kernel, ['console.log("never")\nconst n: string = 5'])
    const ran = await bench.run()
    expect(ran.problem?.message).toMatch(/not assignable to type 'string'/)
    expect(ran.problem?.message).toMatch(/^ {2}> {3}2 \| const n/m)
    expect(outputsOf(ran, 0)).toHaveLength(1)
  })

  test('an endless loop and an endless wait are stopped', async () => {
    for (const cell of ['while (true) {}', 'await new Promise(() => setInterval(() => {}, 1000))']) {
      bench.write(kernel, [cell])
      const env = { JUPYTER_PATH: bench.folder, POLKU_KERNEL_CHECK: 'off' } // it would take most of the time
      expect((await bench.run({ cellTimeout: 4000, env })).problem).toMatchObject({
        code: 'NOTEBOOK_CELL_TIMEOUT',
        message: expect.stringMatching(/^Cell 1/),
      })
    }
  })

  test('a run is resumed after a failure, with what is pure cached', async () => {
    const cells = ['const n = 2', { source: 'console.log(Date.now())', tags: ['pure'] }, 'console.log(n)', 'n.missing']
    bench.write(kernel, cells)
    const failed = await bench.run()
    expect(failed.problem?.code).toBe('NOTEBOOK_CELL_FAILED')
    bench.write(kernel, [...cells.slice(0, 3), 'n + 1'])
    const ran = await bench.run({ resume: true })
    expect(ran.problem).toBeUndefined()
    expect(ran.ended).toEqual(['1 done', '2 cached', '3 done', '4 done'])
    expect(outputsOf(ran, 1)).toEqual(outputsOf(failed, 1))
    expect(outputsOf(ran, 3)).toMatchObject([{ data: { 'text/plain': '3' } }])
    const again = await bench.run({ resume: true })
    expect(again.ended).toEqual([])
    expect(again.notes).toEqual(['Nothing is left to do: the earlier run had finished.'])
    expect(again.notebook?.cells.map((_, index) => outputsOf(again, index))).toEqual(
      ran.notebook?.cells.map((_, index) => outputsOf(ran, index)),
    )
  })
})

test('a kernel that uses up its memory is told, with that as the reason', async () => {
  bench.write('tslab', ['const all: number[][] = []\nwhile (true) all.push(new Array(1e6).fill(1))'])
  const { problem } = await bench.run({ env: { NODE_OPTIONS: '--max-old-space-size=150' } })
  expect(problem).toMatchObject({
    code: 'KERNEL_DIED',
    message: expect.stringMatching(/it ran out of memory, and it was ended by SIGABRT.*heap out of memory/s),
  })
  expect(problem?.message).not.toContain('0x')
})

describe('what tslab says of an error', () => {
  test('a value that is no Error is shown, and of a place that is nowhere in the cell its code', () => {
    expect(cellError([['oops']], 'throw "oops"', '', 3)).toEqual({
      ename: 'Thrown',
      evalue: "'oops'",
      traceback: ["Thrown: 'oops'"],
    })
    const error = new Error('no')
    error.stack =
      'Error: no\n    at f (evalmachine.<anonymous>:1:7)\n    at g (evalmachine.<anonymous>:2:1)\n    at x (node:internal/y)'
    expect(
      cellError([[error]], 'a\nf(x)', 'const made = up;\nexports.tsLastExpr = (0, exports.f)(exports.x);', 3).traceback,
    ).toEqual(['Error: no', '    at f (cell 3, compiled to: const made = up)', '    at g (cell 3:2:1)'])
  })
})
