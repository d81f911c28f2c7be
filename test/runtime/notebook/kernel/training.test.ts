import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { stopTraining, watchTraining } from '../../../../runtime/notebook/kernel/training.ts'

type Tf = typeof import('@tensorflow/tfjs')

test('a training is waited for a while, stopped at its batch, and forgotten where it was cut off', async () => {
  const patience = new Int32Array(1)
  watchTraining(patience)
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as Tf // as a cell's import loads it
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] })
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' })
  const [x, y] = [tf.ones([8, 2]), tf.ones([8, 1])]
  const tensors = tf.memory().numTensors
  let batches = 0
  const patient: number[] = []
  const onBatchEnd = () => {
    batches += 1
    patient.push(Atomics.load(patience, 0))
    if (batches < 3) return
    // As if the batch had been cut off in the midst of its gradients.
    tf.engine().startScope('cut')
    tf.ones([1000])
    stopTraining(true)
  }
  await model.fit(x, y, { epochs: 1000, batchSize: 4, verbose: 0, callbacks: { onBatchEnd } })
  expect(batches).toBe(3)
  expect(patient).toEqual([2000, 2000, 2000])
  expect(Atomics.load(patience, 0)).toBe(0)
  expect(tf.memory().numTensors).toBe(tensors)
  const { history } = await model.fit(x, y, { epochs: 1, verbose: 0 })
  expect(history.loss).toHaveLength(1)
})
