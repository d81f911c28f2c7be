import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentsOf, resultOf, streamed, TestKernel } from './harness.ts'

let kernel: TestKernel
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'polku-notebook-'))
  writeFileSync(join(folder, 'rates.ts'), 'export const rate: number = 0.25\nexport interface Rate { value: number }\n')
  writeFileSync(join(folder, 'faulty.ts'), 'export function fail(): never {\n  throw new Error("in a file")\n}\n')
  writeFileSync(join(folder, 'cities.json'), '["Oulu", "Vaasa"]')
  const typed = join(folder, 'node_modules', 'typed-by-exports')
  mkdirSync(join(typed, 'lib'), { recursive: true })
  const exports = { '.': { types: './lib/main.d.ts', default: './lib/main.js' } }
  writeFileSync(join(typed, 'package.json'), JSON.stringify({ name: 'typed-by-exports', type: 'module', exports }))
  writeFileSync(join(typed, 'lib', 'main.d.ts'), 'export declare const answer: number\n')
  writeFileSync(join(typed, 'lib', 'main.js'), 'export const answer = await Promise.resolve(42)\n')
  kernel = await TestKernel.start([], folder)
})
afterAll(async () => {
  await kernel.close()
  rmSync(folder, { recursive: true, force: true })
})

const error = (answer: Awaited<ReturnType<TestKernel['run']>>) => {
  const [content] = contentsOf(answer, 'error')
  // An error's traceback is a list of lines.
  return {
    name: content?.ename,
    text: content?.evalue,
    trace: (content?.traceback as string[] | undefined)?.join('\n'),
  }
}

describe('the protocol', () => {
  test('a cell is busy, then its input, its outputs, its result, then idle', async () => {
    const answer = await kernel.run('console.log("seen"); display.html("<b>shown</b>")\n1 + 1')
    expect(answer.published.map(({ header, content }) => content.execution_state ?? header.msg_type)).toEqual([
      'busy',
      'execute_input',
      'stream',
      'display_data',
      'execute_result',
      'idle',
    ])
    expect(answer.reply).toMatchObject({ status: 'ok', execution_count: 1 })
    expect(contentsOf(answer, 'execute_input')[0]).toMatchObject({ execution_count: 1 })
    expect(resultOf(answer)).toBe('2')
  })

  test('kernel_info says what it is', async () => {
    const { reply } = await kernel.request('kernel_info_request', {})
    expect(reply).toMatchObject({ status: 'ok', implementation: 'polku', language_info: { name: 'typescript' } })
  })

  test('a silent cell neither counts nor shows its result', async () => {
    const before = (await kernel.run('0')).reply.execution_count
    const silent = await kernel.run('var quiet = 5; quiet', { silent: true, store_history: false })
    expect(contentsOf(silent, 'execute_input')).toEqual([])
    expect(contentsOf(silent, 'execute_result')).toEqual([])
    const after = await kernel.run('quiet')
    expect(after.reply.execution_count).toBe(Number(before) + 1)
    expect(resultOf(after)).toBe('5')
  })

  test('user expressions are told, the wrong ones as errors', async () => {
    const { reply } = await kernel.run('let base = 20', { user_expressions: { good: 'base + 1', bad: 'nowhere' } })
    expect(reply.user_expressions).toMatchObject({
      good: { status: 'ok', data: { 'text/plain': '21' } },
      bad: { status: 'error', ename: 'ReferenceError' },
    })
  })

  test('what is queued behind a failing cell is aborted, unless it shall not stop', async () => {
    const ids = [
      await kernel.send('execute_request', { code: 'throw new Error("stop")', stop_on_error: true }),
      await kernel.send('execute_request', { code: '1' }),
      await kernel.send('is_complete_request', { code: '1' }),
    ]
    const replies = await Promise.all(ids.map((id) => kernel.answer(id)))
    expect(replies.map(({ reply }) => reply.status)).toEqual(['error', 'aborted', 'complete'])
    const going = [
      await kernel.send('execute_request', { code: 'throw new Error("go on")', stop_on_error: false }),
      await kernel.send('execute_request', { code: '1' }),
    ]
    const others = await Promise.all(going.map((id) => kernel.answer(id)))
    expect(others.map(({ reply }) => reply.status)).toEqual(['error', 'ok'])
  })

  test('history, comms and the heartbeat answer', async () => {
    await kernel.run('"remembered"')
    const { reply } = await kernel.request('history_request', { hist_access_type: 'tail', n: 1 })
    expect(reply.history).toEqual([[0, expect.any(Number), '"remembered"']])
    expect((await kernel.request('comm_info_request', {})).reply).toMatchObject({ comms: {} })
    expect(await kernel.heartbeat('alive')).toBe('alive')
  })
})

describe('TypeScript', () => {
  test('declarations live on, are written from other cells, and may be redeclared', async () => {
    await kernel.run('let counter: number = 1; const inc = () => ++counter; class Pair<T> { a!: T }')
    await kernel.run('counter += 10; inc()')
    expect(resultOf(await kernel.run('counter'))).toBe('12')
    await kernel.run('const counter = "now text"; interface Row { id: number }')
    expect(resultOf(await kernel.run('const row: Row = { id: counter.length }; ({ row, counter })'))).toBe(
      "{ row: { id: 8 }, counter: 'now text' }",
    )
    expect(error(await kernel.run('const p = new Pair<number>(); p.a = "x"')).text).toContain('TS2322')
  })

  test('type errors are told with cell, line and column, and the cell does not run', async () => {
    const answer = await kernel.run('console.log("ran")\nconst n: number = "x"')
    expect(error(answer)).toMatchObject({
      name: 'TypeScriptError',
      text: `cell ${answer.reply.execution_count}:2:7 - error TS2322: Type 'string' is not assignable to type 'number'.`,
    })
    expect(streamed(answer)).toBe('')
    expect(answer.reply.status).toBe('error')
  })

  test('an assignment to an earlier variable is checked, and to a constant refused', async () => {
    await kernel.run('let size: number = 1; const fixed: number = 1')
    expect(error(await kernel.run('size = "big"')).text).toContain('TS2322')
    expect(error(await kernel.run('fixed = 2')).name).toBe('TypeScriptError')
    expect(resultOf(await kernel.run('size + fixed'))).toBe('2')
  })

  test('imports files with and without extension, JSON, tslab, and packages typed by exports', async () => {
    const code = `import { rate, type Rate } from './rates'
      import { rate as again } from './rates.ts'
      import cities from './cities.json'
      import { answer } from 'typed-by-exports'
      const typed: [number, number, number, string] = [rate, again, answer, cities[0]!]
      typed`
    const answer = await kernel.run(code)
    expect(error(answer).text).toBeUndefined()
    expect(resultOf(answer)).toBe("[ 0.25, 0.25, 42, 'Oulu' ]")
    expect(
      resultOf(await kernel.run('const r: Rate = { value: rate }; (await import("./rates")).rate + r.value')),
    ).toBe('0.5')
    const display = await kernel.run('import * as tslab from "tslab"\ntslab.display.html("<i>old</i>")')
    expect(contentsOf(display, 'display_data')[0]?.data).toEqual({ 'text/html': '<i>old</i>' })
    expect(error(await kernel.run('import { absent } from "./nowhere"')).text).toContain('TS2307')
  })

  test('awaits at the top level, iterates asynchronously, disposes at the end of the cell', async () => {
    const code = `using held = { [Symbol.dispose]: () => console.log('released') }
      async function* three() { yield 1; yield 2; yield 3 }
      for await (const one of three()) console.log(one)
      await using later = { [Symbol.asyncDispose]: async () => console.log('released too') }
      await Promise.resolve('done')`
    const answer = await kernel.run(code)
    expect(streamed(answer)).toBe('1\n2\n3\nreleased too\nreleased\n')
    expect(resultOf(answer)).toBe("'done'")
  })

  test('a cell that fails half-way has declared what it had declared, and keeps the rest as it was', async () => {
    await kernel.run('const early = 1; const late = "before"')
    await kernel.run('const early = 2; throw new Error("half-way"); const late = "after"')
    expect(resultOf(await kernel.run('[early, late.toUpperCase()]'))).toBe("[ 2, 'BEFORE' ]")
  })

  test('errors have a stack in the notebook’s own lines', async () => {
    const first = await kernel.run(
      'interface Wide {\n  a: number\n}\nconst fail = (): never => {\n  throw new RangeError("deep")\n}',
    )
    const second = await kernel.run('type T = 1\n\nasync function outer() {\n  await null\n  fail()\n}\nawait outer()')
    const [declared, called] = [first.reply.execution_count, second.reply.execution_count]
    expect(error(second)).toMatchObject({ name: 'RangeError', text: 'deep' })
    expect(error(second).trace).toContain('--> 5 |   throw new RangeError("deep")')
    expect(error(second).trace).toMatch(
      new RegExp(`cell ${declared}:5:9[\\s\\S]*outer \\(cell ${called}:5:3\\)[\\s\\S]*async cell ${called}:7:1`),
    )
    expect(error(second).trace).not.toContain('runtime/notebook')
    expect(error(await kernel.run('import { fail as bad } from "./faulty"\nbad()')).trace).toContain('faulty.ts:2:9')
    expect(error(await kernel.run('throw "text"')).text).toBe("'text'")
  })

  test('an error with an endless message is cut, and still says where it was thrown', async () => {
    const { reply } = await kernel.run('throw new RangeError("e".repeat(5_000_000))')
    expect(String(reply.evalue)).toMatch(/^e{100000}… \(4900000 more characters\)$/)
    expect(JSON.stringify(reply).length).toBeLessThan(250_000)
    // A traceback is a list of lines.
    expect((reply.traceback as string[]).at(-1)).toMatch(/at cell \d+:1:7/)
  })

  test('hostile names and values stand', async () => {
    expect(resultOf(await kernel.run('const require = 1, __polkuX = 2, names = 3; [require, __polkuX, names]'))).toBe(
      '[ 1, 2, 3 ]',
    )
    const throwing = await kernel.run(
      '({ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("look away") } })',
    )
    expect(throwing.reply.status).toBe('error')
    expect(resultOf(await kernel.run('"still here"'))).toBe("'still here'")
  })

  test('what fails after its cell is told, and the session goes on', async () => {
    const answer = await kernel.run(
      'setImmediate(() => { throw new Error("late") }); await new Promise((r) => setImmediate(() => setImmediate(r))); 1',
    )
    expect(streamed(answer, 'stderr')).toContain('Error: late')
    expect(resultOf(answer)).toBe('1')
  })
})

describe('output', () => {
  test('a hundred thousand lines arrive whole and in order', async () => {
    const answer = await kernel.run('for (let i = 0; i < 100_000; i++) console.log("line", i)')
    expect(streamed(answer)).toBe(Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join(''))
  })

  test('both streams, bytes and displays keep their order', async () => {
    const answer = await kernel.run(
      'console.log("a"); console.error("b"); process.stdout.write(new Uint8Array([0xe2, 0x82])); process.stdout.write(new Uint8Array([0xac])); display.markdown("c"); console.log("d")',
    )
    const texts = answer.published.flatMap(({ content }) => content.text ?? (content.data ? ['shown'] : []))
    expect(texts).toEqual(['a\n', 'b\n', '€', 'shown', 'd\n'])
  })

  test('displays are updated, objects show themselves, figures are Plotly’s', async () => {
    const answer = await kernel.run(`const place = display.html('one', { display_id: 'here' }); place.html('two')
      display.plotly({ data: [{ y: new Float64Array([1, NaN]), x: [1n, 2n] }], layout: { title: '</script>' } })
      ;({ [Symbol.for('polku.mime')]: async () => ({ 'text/html': 'own' }) })`)
    expect(contentsOf(answer, 'display_data')[0]?.transient).toEqual({ display_id: 'here' })
    expect(contentsOf(answer, 'update_display_data')).toMatchObject([
      { data: { 'text/html': 'two' }, transient: { display_id: 'here' } },
    ])
    const figure = contentsOf(answer, 'display_data')[1]?.data as Record<string, unknown> // a MIME bundle
    expect(figure['application/vnd.plotly.v1+json']).toMatchObject({ data: [{ y: [1, null], x: [1, 2] }] })
    // A still drawing of its own, which fetches and runs nothing.
    expect(figure['text/html']).toContain('&lt;/script&gt;')
    expect(figure['text/html']).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/)
    expect(contentsOf(answer, 'execute_result')[0]?.data).toEqual({ 'text/html': 'own' })
  })
})
