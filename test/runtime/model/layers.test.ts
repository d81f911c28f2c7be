import { afterAll, describe, expect, test } from 'vitest'
import { predictLayers } from '../../../runtime/model/layers.ts'
import { close } from '../../../runtime/model/network.ts'
import type { LayersWeights } from '../../../runtime/model/network-message.ts'

afterAll(() => close())

const dense = (units: number, width: number) => ({
  class_name: 'Sequential',
  config: {
    name: 'model',
    layers: [
      {
        class_name: 'Dense',
        config: { name: 'layer1', units, activation: 'sigmoid', use_bias: true, batch_input_shape: [null, width] },
      },
    ],
  },
})
const base64 = (numbers: readonly number[]) => Buffer.from(Float32Array.from(numbers).buffer).toString('base64')

/** σ(w·x + b) as TF.js stores it. */
const model = (weights: readonly number[], bias: number): LayersWeights => ({
  topology: dense(1, weights.length),
  specs: [
    { name: 'layer1/kernel', shape: [weights.length, 1], dtype: 'float32' },
    { name: 'layer1/bias', shape: [1], dtype: 'float32' },
  ],
  data: base64([...weights, bias]),
})

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z))

describe('a LayersModel', () => {
  test('gives what its formula gives, for many models in turn', async () => {
    for (const bias of [0.5, -1, 0.5]) {
      const rows = Array.from({ length: 10_000 }, (_, row) => [Math.sin(row), Math.cos(row * 3)])
      const scores = await predictLayers(model([2, -1], bias), Float32Array.from(rows.flat()), 2)
      expect(scores).toHaveLength(10_000)
      const off = rows.map(([a = 0, b = 0], row) => Math.abs((scores[row] ?? Number.NaN) - sigmoid(2 * a - b + bias)))
      expect(Math.max(...off)).toBeLessThan(1e-6)
    }
  })

  test('gives nothing for no row', async () =>
    expect(await predictLayers(model([1], 0), new Float32Array(), 1)).toHaveLength(0))

  test.each<[string, LayersWeights, string]>([
    ['has no weights', {} as LayersWeights, 'its weights are missing'],
    [
      'is cut short',
      { ...model([2, -1], 0), data: base64([1]) },
      'its weights are 4 bytes long, and their shapes say 12',
    ],
    [
      'has a layer that TF.js lacks',
      {
        ...model([2, -1], 0),
        topology: { class_name: 'Sequential', config: { layers: [{ class_name: 'Nothing', config: {} }] } },
      },
      'does not load',
    ],
    ['is no model', { ...model([2, -1], 0), topology: null }, 'does not load'],
    [
      'has a weight of another layer',
      { ...model([2, -1], 0), specs: [{ name: 'x', shape: [3], dtype: 'float32' }] },
      'does not load',
    ],
    ['takes other rows', model([1, 2, 3], 0), 'does not take rows of 2 numbers'],
    [
      'gives two numbers',
      {
        topology: dense(2, 2),
        specs: [
          { name: 'layer1/kernel', shape: [2, 2], dtype: 'float32' },
          { name: 'layer1/bias', shape: [2], dtype: 'float32' },
        ],
        data: base64([1, 2, 3, 4, 5, 6]),
      },
      'gives 2 numbers for a row',
    ],
  ])('that %s is told as damaged, and the next one works', async (_, weights, said) => {
    const error: unknown = await predictLayers(weights, Float32Array.from([1, 2]), 2).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'MODEL_DAMAGED', message: expect.stringContaining(said) })
    expect(await predictLayers(model([0, 0], 0), Float32Array.from([1, 2]), 2)).toEqual(Float32Array.from([0.5]))
  })

  test('refuses numbers that are none', async () =>
    expect(predictLayers(model([1], 0), Float32Array.from([Number.NaN]), 1)).rejects.toMatchObject({
      code: 'STEP_FAILED',
    }))
})
