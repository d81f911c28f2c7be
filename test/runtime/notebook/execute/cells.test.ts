import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, outputsOf, processesOf, type Ran, withinTime } from '../running.ts'

// What a run makes of its cells, with Polku's own kernel; python.slow.test.ts tries it with another one.

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(() => bench.remove())

const env = () => ({ JUPYTER_PATH: bench.folder, POLKU_KERNEL_CHECK: 'off' })

test('a failure names the cell, its line and the error, saves what ran, and runs nothing more', async () => {
  bench.write('polku', [
    { source: 'const n = 1', tags: ['parameters'] },
    'console.log("saved", n)\nn + 1',
    { source: 'throw new Error("expected")', tags: ['raises-exception'] },
    'const a = 1\na.b.c',
    'console.log("never")',
  ])
  const ran = await bench.run({ params: { n: '7' }, env: env() })
  expect(ran.problem?.code).toBe('NOTEBOOK_CELL_FAILED')
  expect(ran.problem?.message).toMatch(
    /^Cell 5 \(const a = 1\) failed: TypeError: .*\n {6}1 \| const a = 1\n {2}> {3}2 \| a\.b\.c\n/m,
  )
  expect(ran.ended).toEqual(['1 done', '2 done', '3 done', '4 done', '5 failed'])
  expect(outputsOf(ran, 2)).toMatchObject([{ text: 'saved 7\n' }, { data: { 'text/plain': '8' } }])
  expect(outputsOf(ran, 3)).toMatchObject([{ ename: 'Error', evalue: 'expected' }])
  expect(outputsOf(ran, 5)).toEqual([])
  expect(ran.notebook?.metadata.polku).toMatchObject({
    run: { status: 'failed', kernel: 'polku', parameters: { n: 7 }, problem: { code: 'NOTEBOOK_CELL_FAILED' } },
  })
})

test('an endless cell is stopped by its own time, with what it had to say', async () => {
  bench.write('polku', ['1', 'console.log("on"); while (true) {}'])
  const ran = await withinTime(
    500,
    (cellTimeout) => bench.run({ cellTimeout, env: env() }),
    (one: Ran) => one.ended[0] === '1 done' && outputsOf(one, 1).length > 1,
  )
  expect(ran.problem).toMatchObject({
    code: 'NOTEBOOK_CELL_TIMEOUT',
    message: expect.stringMatching(new RegExp(`^Cell 2 .* ${ran.limit / 1000} s`)),
  })
  expect(ran.ended).toEqual(['1 done', '2 stopped'])
  expect(outputsOf(ran, 1)).toMatchObject([{ text: 'on\n' }, { ename: 'KeyboardInterrupt' }])
})

test.skipIf(process.platform !== 'linux')('a cancelled run says where it was, and leaves no kernel', async () => {
  const pid = `${bench.folder}/pid`
  bench.write('polku', [
    `require('node:fs').writeFileSync(${JSON.stringify(pid)}, String(process.pid))`,
    'while (true) {}',
  ])
  const { problem } = await bench.run({ env: env() }, (cell, cancel) => {
    if (cell === 2) cancel()
  })
  expect(problem).toMatchObject({
    code: 'NOTEBOOK_CANCELLED',
    message: 'The notebook was cancelled in cell 2 (while (true) {}).',
  })
  expect(processesOf(Number(readFileSync(pid, 'utf8')))).toEqual([])
})
