// Slow: needs Jupyter with its Python kernel.
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench, hasPythonKernel, outputsOf, processesOf, type Ran, withinTime } from '../running.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(() => {
  bench.remove()
  // A kernel's connection file goes with it, however it ends.
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith('polku-kernel-'))
  expect(
    left.filter((name) => readFileSync(`${tmpdir()}/${name}/connection.json`, 'utf8').includes(bench.folder)),
  ).toEqual([])
})

describe.skipIf(!hasPythonKernel())('with Debian’s Python kernel', () => {
  test('outputs, counts and times come as nbformat has them, and the parameters in a cell of their own', async () => {
    bench.write('python3', [
      { source: 'n = 1\nname = "x"', tags: ['parameters'] },
      '',
      'print(n, repr(name)); print("more")\nn',
      { source: 'print("never")', tags: ['skip-execution'] },
      'from IPython.display import display, clear_output\nh = display("a", display_id=True)',
      'h.update("b")\nprint("gone"); clear_output()\nprint("shown")',
      { source: '1 / 0', tags: ['raises-exception'] },
    ])
    const ran = await bench.run({ params: { n: '7', name: 'a"\n\\😀\u2028' } })
    expect(ran.problem).toBeUndefined()
    expect(ran.ended).toEqual(['1 done', '2 done', '3 done', '4 done', '5 done', '6 done'])
    expect(ran.notebook?.cells.map((cell) => cell.cell_type === 'code' && cell.execution_count)).toEqual([
      1,
      2,
      null,
      3,
      null,
      4,
      5,
      6,
    ])
    expect(outputsOf(ran, 3)).toEqual([
      { output_type: 'stream', name: 'stdout', text: "7 'a\"\\n\\\\😀\\u2028'\nmore\n" },
      { output_type: 'execute_result', data: { 'text/plain': '7' }, metadata: {}, execution_count: 3 },
    ])
    expect(outputsOf(ran, 4)).toEqual([])
    expect(outputsOf(ran, 5)).toMatchObject([{ data: { 'text/plain': "'b'" } }])
    expect(outputsOf(ran, 6)).toEqual([{ output_type: 'stream', name: 'stdout', text: 'shown\n' }])
    expect(outputsOf(ran, 7)).toMatchObject([{ ename: 'ZeroDivisionError' }])
    expect(ran.notebook?.cells[1]?.metadata.tags).toEqual(['injected-parameters'])
    expect(ran.notebook?.cells[3]?.metadata.polku).toMatchObject({
      status: 'done',
      milliseconds: expect.any(Number),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(ran.notebook?.metadata.polku).toMatchObject({
      run: { status: 'done', kernel: 'python3', parameters: { n: 7, name: 'a"\n\\😀\u2028' } },
      notebook: { path: bench.file, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
  })

  test('a failure names the cell, its line and the error, keeps what ran, and runs nothing more', async () => {
    bench.write('python3', ['print("kept")', 'a = 1\nb = a / 0', 'print("never")'])
    const ran = await bench.run()
    expect(ran.problem?.code).toBe('NOTEBOOK_CELL_FAILED')
    expect(ran.problem?.message).toMatch(
      /^Cell 2 \(a = 1\) failed: ZeroDivisionError: division by zero\n {6}1 \| a = 1\n {2}> {3}2 \| b = a \/ 0\n/m,
    )
    expect(ran.problem?.message).not.toContain('\u001b')
    expect(outputsOf(ran, 0)).toMatchObject([{ text: 'kept\n' }])
    expect(outputsOf(ran, 1)).toMatchObject([{ output_type: 'error', ename: 'ZeroDivisionError' }])
    expect(outputsOf(ran, 2)).toEqual([])
    expect(ran.notebook?.metadata.polku).toMatchObject({
      run: { status: 'failed', problem: { code: 'NOTEBOOK_CELL_FAILED' } },
    })
  })

  test('what ran is in the file while the next cell runs', async () => {
    bench.write('python3', [
      'print("first")',
      'import json; print(json.load(open("given.run.ipynb"))["cells"][0]["outputs"][0]["text"])',
    ])
    expect(outputsOf(await bench.run(), 1)).toMatchObject([{ text: "['first\\n']\n" }])
  })

  test('a cell that ends the kernel is told at once, with what it printed before', async () => {
    // Its publishing thread needs a moment: what it has not sent when it ends, nobody can hear.
    const lastWords = 'import os, threading\nprint("last words", flush=True)\nthreading.Event().wait(0.5)\nos._exit(7)'
    bench.write('python3', [lastWords, 'print("never")'])
    const ran = await bench.run()
    expect(ran.problem).toMatchObject({
      code: 'KERNEL_DIED',
      message: expect.stringMatching(/cell 1 \(import os, threading\).*code 7/s),
    })
    expect(outputsOf(ran, 0)).toMatchObject([{ text: 'last words\n' }])
  })

  test('a kernel that the system kills is told, with why that may be', async () => {
    bench.write('python3', ['import os, signal\nos.kill(os.getpid(), signal.SIGKILL)'])
    expect((await bench.run()).problem).toMatchObject({
      code: 'KERNEL_DIED',
      message: expect.stringMatching(/SIGKILL.*memory/s),
    })
  })

  test('an endless cell is stopped by its own time, and by the whole notebook’s', async () => {
    bench.write('python3', ['print("kept", flush=True)', 'while True: pass'])
    const isReached = ({ ended }: Ran) => ended[0] === '1 done'
    const own = await withinTime(1500, (cellTimeout) => bench.run({ cellTimeout }), isReached)
    expect(own.problem).toMatchObject({
      code: 'NOTEBOOK_CELL_TIMEOUT',
      message: expect.stringMatching(new RegExp(`^Cell 2 .* ${own.limit / 1000} s`)),
    })
    expect(own.ended).toEqual(['1 done', '2 stopped'])
    expect(outputsOf(own, 0)).toMatchObject([{ text: 'kept\n' }])
    expect(outputsOf(own, 1)).toMatchObject([{ ename: 'KeyboardInterrupt' }])
    const whole = await withinTime(6000, (timeout) => bench.run({ timeout }), isReached)
    expect(whole.problem).toMatchObject({ code: 'NOTEBOOK_TIMEOUT' })
  })

  test('a cell that takes no interrupt is killed', async () => {
    bench.write('python3', ['import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass'])
    expect((await bench.run({ cellTimeout: 1000 })).problem).toMatchObject({ code: 'NOTEBOOK_CELL_TIMEOUT' })
  })

  test.skipIf(process.platform !== 'linux')('memory is counted with that of what the kernel starts', async () => {
    bench.write('python3', [
      'import subprocess\nsubprocess.run(["/usr/bin/python3", "-c", "x = bytearray(600_000_000)\\nwhile True: pass"])',
    ])
    const { problem } = await bench.run({ memory: 400_000_000 })
    expect(problem).toMatchObject({ code: 'NOTEBOOK_MEMORY', message: expect.stringMatching(/may take 400 MB/) })
  })

  test('a flood is cut, and the notebook goes on', async () => {
    bench.write('python3', [
      'for i in range(300): print("x" * 100_000)',
      'from IPython.display import HTML\nHTML("y" * 50_000_000)',
      '"after"',
    ])
    const ran = await bench.run()
    expect(ran.problem).toBeUndefined()
    expect(outputsOf(ran, 0).at(-1)).toMatchObject({ text: expect.stringMatching(/left out 20000300 more/) })
    expect(outputsOf(ran, 1)).toMatchObject([
      { data: { 'text/plain': expect.stringMatching(/left out an output of 500000\d\d/) } },
    ])
    expect(outputsOf(ran, 2)).toMatchObject([{ data: { 'text/plain': "'after'" } }])
  })

  test.skipIf(process.platform !== 'linux')('a cancelled run says where it was, and leaves no kernel', async () => {
    bench.write('python3', [`import os; open("${bench.folder}/pid", "w").write(str(os.getpid()))`, 'while True: pass'])
    const { problem } = await bench.run({}, (cell, cancel) => {
      if (cell === 2) cancel()
    })
    expect(problem).toMatchObject({
      code: 'NOTEBOOK_CANCELLED',
      message: 'The notebook was cancelled in cell 2 (while True: pass).',
    })
    expect(processesOf(Number(readFileSync(`${bench.folder}/pid`, 'utf8')))).toEqual([])
  })
})
