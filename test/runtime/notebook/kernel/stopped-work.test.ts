import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resultOf, TestKernel } from './harness.ts'

let kernel: TestKernel
let workspace: string

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'polku-stopped-'))
  writeFileSync(
    join(workspace, 'client.yaml'),
    'client: testi\ntitle: Testi\ntimezone: Europe/Helsinki\ncurrency: EUR\n',
  )
  kernel = await TestKernel.start(['--check=off'], workspace)
  const opened = await kernel.run("import { open } from 'polku'\nconst workspace = await open(); var kept = 0")
  expect(opened.reply.status).toBe('ok')
})
afterAll(async () => {
  await kernel.close()
  rmSync(workspace, { recursive: true, force: true })
})

/** Interrupts a cell once it has written something, and gives what came of it. */
async function interrupted(code: string) {
  const id = await kernel.send('execute_request', { code })
  await Promise.race([kernel.whenPublished(id, 'stream'), kernel.answer(id)])
  await kernel.request('interrupt_request', {}, 'control')
  return kernel.answer(id)
}

/** The cell's result, or how it failed. */
async function result(code: string): Promise<unknown> {
  const answer = await kernel.run(code)
  return resultOf(answer) ?? answer.reply
}

const stopped = { status: 'error', ename: 'KeyboardInterrupt', evalue: 'The cell was interrupted.' }
const endless = 'workspace.sql`select max(a.range * b.range % 7) as most from range(10000000) a, range(10000000) b`'

test('a query that a cell waits for ends as an interrupt, and the next query is done', async () => {
  const { reply } = await interrupted(`kept = 1
async function ask() {
  console.log('on')
  return await ${endless}
}
await Promise.all([ask(), ask()])`)
  expect(reply).toMatchObject(stopped)
  expect(await result('[kept, await (await workspace.sql`select 2 as two`).toRows()]')).toBe('[ 1, [ { two: 2 } ] ]')
})

test('a cell that an interrupt meets while it is compiled does not run', async () => {
  const id = await kernel.send('execute_request', { code: 'kept = 99' })
  await kernel.whenPublished(id, 'execute_input')
  await kernel.request('interrupt_request', {}, 'control')
  const { reply } = await kernel.answer(id)
  // It may have been through before the interrupt came.
  const ran = reply.status === 'ok'
  if (!ran) expect(reply).toMatchObject(stopped)
  expect(resultOf(await kernel.run('kept'))).toBe(ran ? '99' : '1')
})

test('a query that an endless loop was in the way of holds up none after it', async () => {
  const { reply } = await interrupted('workspace.sql`select 3 as three`; console.log("on"); while (true) {}')
  expect(reply).toMatchObject(stopped)
  expect(await result('await (await workspace.sql`select 4 as four`).toRows()')).toBe('[ { four: 4 } ]')
})

test('training ends at its batch, the model can be trained again, and TF.js is left in order', async () => {
  await kernel.run(`import * as tf from '@tensorflow/tfjs'
var model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] })
model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' })
var [x, y, batches] = [tf.ones([64, 2]), tf.ones([64, 1]), 0]
const onBatchEnd = () => { batches += 1; console.log('on') }`)
  const fit = 'await model.fit(x, y, { epochs: 100_000, batchSize: 4, verbose: 0, callbacks: { onBatchEnd } })'
  expect((await interrupted(fit)).reply).toMatchObject(stopped)
  const { reply } = await interrupted('tf.tidy(() => { tf.ones([9]); console.log("on"); while (true) {} })')
  expect(reply).toMatchObject(stopped)
  const after = await kernel.run(`const before = batches
const { history } = await model.fit(x, y, { epochs: 1, verbose: 0 })
;[batches === before, history.loss.length, tf.engine().state.scopeStack.length]`)
  expect(resultOf(after)).toBe('[ true, 1, 0 ]')
})
