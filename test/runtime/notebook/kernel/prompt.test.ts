import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentsOf, resultOf, streamed, TestKernel } from './harness.ts'

let kernel: TestKernel
beforeAll(async () => {
  kernel = await TestKernel.start(['--check=off'])
})
afterAll(() => kernel.close())

const attended = { silent: false, store_history: true, allow_stdin: true }

test('a cell asks, waits as in a browser, and goes on with the answer', async () => {
  const code = `console.log('before')
const [name, city] = [prompt('Whose?'), await prompt('Where?', 'Oulu')]
console.log('after'); ({ name, city })`
  const id = await kernel.send('execute_request', { code, ...attended })
  expect(await kernel.prompted(id, 'Aino Äijälä')).toEqual({ prompt: 'Whose? ', password: false })
  expect(await kernel.prompted(id, '')).toEqual({ prompt: 'Where? [Oulu] ', password: false })
  const answer = await kernel.answer(id)
  expect(streamed(answer)).toBe('before\nafter\n')
  expect(resultOf(answer)).toBe("{ name: 'Aino Äijälä', city: 'Oulu' }")
})

test('a prompt that is interrupted ends, and its late answer is none to the next', async () => {
  const id = await kernel.send('execute_request', { code: 'console.log("on"); prompt("Endless?")', ...attended })
  await kernel.whenPublished(id, 'stream')
  await kernel.request('interrupt_request', {}, 'control')
  expect((await kernel.answer(id)).reply).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
  await kernel.prompted(id, 'late')
  const next = await kernel.send('execute_request', { code: 'prompt("Now?")', ...attended })
  await kernel.prompted(next, 'in time')
  expect(resultOf(await kernel.answer(next))).toBe("'in time'")
})

test('where nobody answers, that is an error which says so', async () => {
  const answer = await kernel.run('const name = prompt("Whose?")', { allow_stdin: false })
  expect(answer.reply).toMatchObject({ status: 'error', ename: 'INPUT_UNATTENDED' })
  expect(answer.reply.evalue).toMatch(/nobody is there.*--param/)
  const later = await kernel.run('setImmediate(() => prompt("After the cell?"))', attended)
  expect(later.reply.status).toBe('ok')
  expect(resultOf(await kernel.run('"on"'))).toBe("'on'")
})

test('a comm to what the kernel does not know is closed', async () => {
  const id = await kernel.send('comm_open', { comm_id: 'c1', target_name: 'jupyter.widget', data: {} })
  await kernel.whenPublished(id, 'comm_close')
  const published = kernel.published.filter(({ parent }) => 'msg_id' in parent && parent.msg_id === id)
  expect(contentsOf({ published, reply: {} }, 'comm_close')).toEqual([{ comm_id: 'c1', data: {} }])
  expect((await kernel.request('comm_info_request', { target_name: 'jupyter.widget' })).reply).toEqual({
    status: 'ok',
    comms: {},
  })
})
