import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../../nodes/lib/random.ts'
import { crossEntropy, sigmoid, startBackend } from '../../../runtime/model/network-forward.ts'
import { type Dropout, gradients } from '../../../runtime/model/network-gradient.ts'
import type { Layer } from '../../../runtime/model/network-message.ts'
import { adam, moments, splitByClass, train } from '../../../runtime/model/network-train.ts'
import { crossed, specOf } from './network-data.ts'

const noDropout: Dropout = { share: 0, drop: () => {} }
const hooks = { stopped: () => false, onEpoch: () => {} }

beforeAll(startBackend)

const layersOf = (widths: readonly number[], seed: number): Layer[] => {
  const source = random(seed)
  const numbers = (length: number) => Float32Array.from({ length }, () => source.normal() / 2)
  return widths
    .slice(1)
    .map((units, i) => ({ inputs: widths[i]!, units, kernel: numbers(widths[i]! * units), bias: numbers(units) }))
}

/** The mean weighted loss in double precision, as written in a textbook; every `drop`-th hidden unit is dropped. */
const meanLoss = (layers: readonly Layer[], x: Float32Array, y: Float32Array, weights: Float32Array, drop: number) => {
  let loss = 0
  y.forEach((target, row) => {
    const width = layers[0]!.inputs
    let values = Array.from(x.subarray(row * width, (row + 1) * width))
    layers.forEach(({ units, kernel, bias }, index) => {
      values = Array.from({ length: units }, (_, unit) => {
        const z = values.reduce((sum, value, input) => sum + value * kernel[input * units + unit]!, bias[unit]!)
        if (index === layers.length - 1) return z
        const dropped = drop > 0 && (row * units + unit) % drop === 0
        return dropped ? 0 : Math.max(0, z) / (drop > 0 ? 1 - 1 / drop : 1)
      })
    })
    const p = 1 / (1 + Math.exp(-values[0]!))
    loss -= weights[row]! * Math.log(target === 1 ? p : 1 - p)
  })
  return loss / y.length
}

describe('the gradient', () => {
  const { x, y, width } = crossed(23, 1, 5)
  const weights = Float32Array.from(y, (_, row) => 0.5 + (row % 4))

  test.each([
    { name: 'of a deep network', widths: [width, 7, 6, 1], drop: 0 },
    { name: 'with dropout', widths: [width, 7, 6, 1], drop: 4 },
    { name: 'without hidden layers', widths: [width, 1], drop: 0 },
  ])('$name equals central differences of the loss in double precision', ({ widths, drop }) => {
    const layers = layersOf(widths, 2)
    const dropout: Dropout = {
      share: drop > 0 ? 1 / drop : 0,
      drop: (units) => {
        for (let i = 0; i < units.length; i += drop) units[i] = 0
      },
    }
    const result = gradients(layers, { x, y, weights }, drop > 0 ? dropout : noDropout)
    expect(result.loss / y.length).toBeCloseTo(meanLoss(layers, x, y, weights, drop), 5)
    layers.forEach((layer, index) => {
      for (const part of ['kernel', 'bias'] as const)
        layer[part].forEach((value, position) => {
          // The step is one that single precision holds exactly on both sides.
          const [high, low] = [Math.fround(value + 1e-3), Math.fround(value - 1e-3)]
          layer[part][position] = high
          const above = meanLoss(layers, x, y, weights, drop)
          layer[part][position] = low
          const below = meanLoss(layers, x, y, weights, drop)
          layer[part][position] = value
          expect(Math.abs(result.gradients[index]![part][position]! - (above - below) / (high - low))).toBeLessThan(
            2e-4,
          )
        })
    })
  })

  test('takes the loss from the logit, where a probability would round to 0 or 1', () => {
    const one = new Float32Array([1])
    expect(crossEntropy(new Float32Array([-200]), one, one)).toBe(200)
    expect(crossEntropy(new Float32Array([200]), new Float32Array([0]), one)).toBe(200)
    expect(crossEntropy(new Float32Array([0]), one, one)).toBeCloseTo(Math.LN2, 15)
    expect([sigmoid(-2000), sigmoid(0), sigmoid(2000)]).toEqual([0, 0.5, 1])
  })
})

test('Adam moves as its algorithm says', () => {
  // Algorithm 1 of the paper in numpy, float64, learning rate 0.1, parameters (1, -2), gradients
  // (0.5, -3), (0.1, 2), (-0.2, 0.7): theta after each step.
  const expected = [
    [0.9, -1.9],
    [0.81969591, -1.88554795],
    [0.78526053, -1.88676643],
  ]
  const parameters = new Float32Array([1, -2])
  const memory = moments(2)
  const slopes = [
    [0.5, -3],
    [0.1, 2],
    [-0.2, 0.7],
  ]
  slopes.forEach((slope, index) => {
    adam(parameters, Float32Array.from(slope), memory, index + 1, 0.1)
    parameters.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[index]![i]!, 6)
    })
  })
})

describe('the split', () => {
  const y = Float32Array.from({ length: 103 }, (_, row) => (row < 11 ? 1 : 0))

  test('holds the same share of each class, every row once', () => {
    const { learn, validate } = splitByClass(y, 0.2, random(1))
    expect([...learn, ...validate].sort((a, b) => a - b)).toEqual([...y.keys()])
    expect([validate.length, validate.filter((row) => y[row] === 1).length]).toEqual([20, 2])
    expect(splitByClass(y, 0.2, random(1))).toEqual({ learn, validate })
    expect(splitByClass(y, 0.2, random(2)).validate).not.toEqual(validate)
  })

  test.each([0.001, 0.9])('keeps each class on each side at a share of %d', (share) => {
    const { learn, validate } = splitByClass(new Float32Array([1, 0, 0, 1]), share, random(1))
    for (const side of [learn, validate]) expect(Array.from(side, (row) => [1, 0, 0, 1][row]).sort()).toEqual([0, 1])
  })
})

test('fifty trainings leave no tensor and no memory behind', () => {
  expect(tf.getBackend()).toBe('wasm')
  const spec = specOf(crossed(200, 3), { epochs: 3, dropout: 0.2 })
  const before = tf.memory()
  const results = Array.from({ length: 50 }, () => train(spec, hooks))
  const { numTensors, numBytes } = tf.memory()
  expect({ numTensors, numBytes }).toEqual({ numTensors: before.numTensors, numBytes: before.numBytes })
  expect(results.at(-1)).toEqual(results[0])
})

test('a training that fails leaves no tensor behind', () => {
  const data = crossed(200, 4)
  const before = tf.memory().numTensors
  expect(() => train(specOf({ ...data, x: data.x.map((value) => Math.sign(value) * 3e38) }), hooks)).toThrow(
    'no longer made of numbers',
  )
  expect(tf.memory().numTensors).toBe(before)
})
