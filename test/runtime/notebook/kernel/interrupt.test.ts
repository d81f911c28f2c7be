import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentsOf, resultOf, TestKernel } from './harness.ts'

let kernel: TestKernel
beforeAll(async () => {
  kernel = await TestKernel.start()
})
afterAll(() => kernel.close())

describe('interrupts', () => {
  const loops = {
    'an endless loop': 'kept = 1; console.log("on"); while (true) {}',
    'a loop after an await': 'kept = 2; await new Promise((r) => setImmediate(r)); console.log("on"); while (true) {}',
    'an endless wait': 'kept = 3; console.log("on"); await new Promise(() => {})',
    'a loop that waits': 'kept = 4; for (;;) { console.log("on"); await new Promise((r) => setImmediate(r)) }',
    'a flood': 'kept = 5; while (true) console.log("on")',
  }
  for (const [index, [what, code]] of Object.entries(loops).entries())
    test(`stop ${what}, and the session goes on`, async () => {
      await kernel.run('var kept: number = 0')
      const id = await kernel.send('execute_request', { code })
      await kernel.whenPublished(id, 'stream')
      const interrupted = await kernel.request('interrupt_request', {}, 'control')
      expect(interrupted.reply.status).toBe('ok')
      const answer = await kernel.answer(id)
      expect(answer.reply).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
      expect(contentsOf(answer, 'error')[0]?.ename).toBe('KeyboardInterrupt')
      expect(resultOf(await kernel.run('kept'))).toBe(String(index + 1))
    })

  test('come as SIGINT too', async () => {
    const id = await kernel.send('execute_request', { code: 'console.log("on"); while (true) {}' })
    await kernel.whenPublished(id, 'stream')
    kernel.process.kill('SIGINT')
    expect((await kernel.answer(id)).reply.ename).toBe('KeyboardInterrupt')
    expect(resultOf(await kernel.run('"on"'))).toBe("'on'")
  })
})

describe('the editor', () => {
  const ask = async (type: string, content: Record<string, unknown>) => (await kernel.request(type, content)).reply

  test('completes members, names of earlier cells and imports, counting characters', async () => {
    await kernel.run('const customers = [{ name: "Aino", city: "Oulu" }]')
    const code = '"😀"; customers[0]!.na'
    const members = await ask('complete_request', { code, cursor_pos: [...code].length })
    expect(members).toMatchObject({ status: 'ok', matches: ['name'], cursor_start: 19, cursor_end: 21 })
    expect((await ask('complete_request', { code: 'custo', cursor_pos: 5 })).matches).toContain('customers')
  })

  test('inspects', async () => {
    await kernel.run('/** Doubles it. */\nfunction double(x: number) { return 2 * x }')
    const { found: hasMatch, data } = await ask('inspect_request', {
      code: 'double(1)',
      cursor_pos: 3,
      detail_level: 0,
    })
    expect(hasMatch).toBe(true)
    expect(data).toMatchObject({ 'text/plain': expect.stringMatching(/double\(x: number\): number[\s\S]*Doubles it/) })
    expect(await ask('inspect_request', { code: '  ', cursor_pos: 1 })).toMatchObject({ status: 'ok', found: false })
  })

  test.each([
    ['1 + 1', 'complete'],
    ['if (true) {', 'incomplete'],
    ['f(1,', 'incomplete'],
    ['`text', 'incomplete'],
    ['/* note', 'incomplete'],
    ['const = 5', 'invalid'],
    ['f(])', 'invalid'],
    ['', 'complete'],
  ])('knows whether %j is complete', async (code, status) => {
    expect(await ask('is_complete_request', { code })).toMatchObject({ status })
  })
})

describe('the end', () => {
  test('a shutdown is answered, and the process ends well, even while a cell computes', async () => {
    const other = await TestKernel.start(['--check=off'])
    try {
      expect(resultOf(await other.run('const n: number = "unchecked"; n'))).toBe("'unchecked'")
      const id = await other.send('execute_request', { code: 'console.log("on"); while (true) {}' })
      await other.whenPublished(id, 'stream')
      const exit = once(other.process, 'exit')
      await other.send('shutdown_request', { restart: false }, 'control')
      expect(await exit).toEqual([0, null])
    } finally {
      await other.close()
    }
  })

  test('a cell that ends the process has its output sent', async () => {
    const other = await TestKernel.start(['--check=off'])
    try {
      const exit = once(other.process, 'exit')
      const id = await other.send('execute_request', { code: 'console.log("farewell"); process.exit(3)' })
      await other.whenPublished(id, 'stream')
      expect(await exit).toEqual([3, null])
    } finally {
      await other.close()
    }
  })
})
