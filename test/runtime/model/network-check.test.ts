import { afterAll, describe, expect, test } from 'vitest'
import type { NetworkSpec, NetworkWeights } from '../../../nodes/node.ts'
import { close, predictNetwork, trainNetwork } from '../../../runtime/model/network.ts'
import { crossed, specOf } from './network-data.ts'

afterAll(close)

const spec = specOf(crossed(60, 1))
const changed = (values: Float32Array, index: number, value: number) => {
  const copy = values.slice()
  copy[index] = value
  return copy
}
const ones = new Float32Array(60).fill(1)

describe('a spec that cannot be is refused with what was found', () => {
  test.each<[string, Partial<NetworkSpec>, string]>([
    ['ragged rows', { x: spec.x.subarray(1) }, '239 numbers, which are no rows of 4'],
    ['a width of 0', { width: 0 }, 'width is 0'],
    ['a missing value', { x: changed(spec.x, 9, Number.NaN) }, 'input column 2 is NaN in row 3'],
    ['an infinite value', { x: changed(spec.x, 0, Number.POSITIVE_INFINITY) }, 'input column 1 is Infinity in row 1'],
    ['too few targets', { y: spec.y.subarray(1) }, '60 rows and 59 targets'],
    ['a target between', { y: changed(spec.y, 5, 0.5) }, 'target is 0.5 in row 6'],
    ['a missing target', { y: changed(spec.y, 5, Number.NaN) }, 'target is NaN in row 6'],
    ['one class', { y: ones }, 'Of 60 rows 0 have the target 0'],
    ['one row of a class', { y: changed(ones, 3, 0) }, 'Of 60 rows 1 have the target 0'],
    ['no rows', { x: new Float32Array(0), y: new Float32Array(0) }, 'Of 0 rows 0 have the target 0'],
    ['too few weights', { weights: ones.subarray(1) }, '60 rows and 59 weights'],
    ['a weight of 0', { weights: changed(ones, 2, 0) }, 'weight is 0 in row 3'],
    ['a missing weight', { weights: changed(ones, 2, Number.NaN) }, 'weight is NaN in row 3'],
    ['half a unit', { hidden: [8, 1.5] }, 'hidden layer is 1.5'],
    ['no batch', { batchSize: 0 }, 'batch size is 0'],
    ['no epoch', { epochs: 0 }, 'number of epochs is 0'],
    ['no patience', { patience: 0 }, 'patience is 0'],
    ['no learning', { learningRate: 0 }, 'learning rate is 0'],
    ['a learning rate that is no number', { learningRate: Number.NaN }, 'learning rate is NaN'],
    ['all dropped', { dropout: 1 }, 'dropout is 1'],
    ['nothing to validate with', { validationShare: 0 }, 'validation share is 0'],
    ['half a seed', { seed: 0.5 }, 'seed is 0.5'],
    ['a network larger than its memory', { hidden: [9000, 9000] }, '4, 9000, 9000, 1 units would need 2.4 GB'],
  ])('%s', async (_, changes, message) => {
    await expect(trainNetwork({ ...spec, ...changes })).rejects.toMatchObject({
      code: 'STEP_FAILED',
      message: expect.stringContaining(message),
      values: { right: expect.stringMatching(/\w\.$/) },
    })
  })

  test('and one that can be is trained, with as few as two rows of a class', async () => {
    const y = new Float32Array(60)
    y.fill(1, 0, 2)
    expect((await trainNetwork({ ...spec, y, epochs: 1 })).history.length).toBe(1)
  })
})

describe('weights or numbers that do not fit are refused', () => {
  const layer = { inputs: 2, units: 1, kernel: [0.5, -0.5], bias: [0] }
  const weightsOf = (...layers: NetworkWeights['layers']): NetworkWeights => ({ layers, history: [], bestEpoch: 1 })
  const x = new Float32Array([1, 2])

  test.each<[string, NetworkWeights, string]>([
    ['no layers', weightsOf(), 'last layer does not have one unit'],
    ['two results', weightsOf({ inputs: 1, units: 2, kernel: [1, 2], bias: [0, 0] }), 'does not have one unit'],
    ['a kernel too short', weightsOf({ ...layer, kernel: [0.5] }), 'layer 1 after 2 units is 2 × 1 with 1 and 1'],
    ['layers that do not meet', weightsOf({ ...layer, units: 1 }, layer), 'layer 2 after 1 units is 2 × 1'],
    [
      'a weight lost to JSON',
      weightsOf(JSON.parse('{"inputs":2,"units":1,"kernel":[1,null],"bias":[0]}')),
      'not a number',
    ],
  ])('%s', async (_, weights, message) => {
    await expect(predictNetwork(weights, x, 2)).rejects.toMatchObject({
      code: 'MODEL_DAMAGED',
      message: expect.stringContaining(message),
    })
  })

  test.each<[string, Float32Array, number, string]>([
    ['other columns', new Float32Array(3), 3, 'trained on 2 columns and got 3'],
    ['ragged rows', new Float32Array(3), 2, '3 numbers, which are no rows of 2'],
    ['a missing value', new Float32Array([1, Number.NaN]), 2, 'input column 2 is NaN in row 1'],
  ])('%s', async (_, numbers, width, message) => {
    await expect(predictNetwork(weightsOf(layer), numbers, width)).rejects.toMatchObject({
      code: 'STEP_FAILED',
      message: expect.stringContaining(message),
    })
  })

  test('and those that fit are scored', async () => {
    const [p] = await predictNetwork(weightsOf(layer), x, 2)
    expect(p).toBeCloseTo(1 / (1 + Math.exp(0.5)), 6)
  })
})
