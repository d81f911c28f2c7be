import * as tf from '@tensorflow/tfjs-core'
import { crossEntropy, dense, sigmoid, withTensors } from './network-forward.ts'
import type { Layer } from './network-message.ts'

// A product with a transpose flag takes the WASM backend's slow path (2 GFLOP/s against 9–25), which
// is what TF.js's own gradients use: here matrices are turned round first and multiplied plainly.

/** Rows as a step is fed with them: `x` is row-major rows × width. */
export interface Batch {
  readonly x: Float32Array
  readonly y: Float32Array
  readonly weights: Float32Array
}

/** The slopes of the loss for one layer's parameters. */
export interface Gradient {
  readonly kernel: Float32Array
  readonly bias: Float32Array
}

export interface Dropout {
  readonly share: number
  /** Sets units to 0, each with the chance `share`. */
  drop(units: Float32Array): void
}

/** What flows into each layer, and the logits that come out. */
interface Pass {
  readonly inputs: readonly tf.Tensor[]
  readonly z: Float32Array
}

const forward = (layers: readonly Layer[], x: tf.Tensor, dropout: Dropout): Pass => {
  const inputs = [x]
  for (const layer of layers.slice(0, -1)) {
    let active = dense(inputs.at(-1)!, layer, false)
    if (dropout.share > 0) {
      const values = active.dataSync<'float32'>()
      dropout.drop(values)
      active = tf.tensor(values, active.shape)
    }
    inputs.push(active)
  }
  return { inputs, z: dense(inputs.at(-1)!, layers.at(-1)!, true).dataSync<'float32'>() }
}

const product = (a: tf.Tensor, b: tf.Tensor): Float32Array => tf.matMul(a, b).dataSync<'float32'>()

const backward = (layers: readonly Layer[], { inputs }: Pass, lastDelta: Float32Array): Gradient[] => {
  const rows = lastDelta.length
  const ones = tf.ones([1, rows])
  const gradients: Gradient[] = []
  let delta: tf.Tensor = tf.tensor2d(lastDelta, [rows, 1])
  for (let index = layers.length - 1; index >= 0; index--) {
    const { inputs: width, units, kernel } = layers[index]!
    const input = inputs[index]!
    gradients[index] = { kernel: product(tf.transpose(input), delta), bias: product(ones, delta) }
    if (index === 0) break
    const across = tf.transpose(tf.tensor2d(kernel, [width, units]))
    // What ReLU or dropout stopped is 0 in the input, and step(0) is 0.
    delta = tf.mul(tf.matMul(delta, across), tf.step(input))
  }
  return gradients
}

const scaled = (values: Float32Array, factor: number): Float32Array => values.map((value) => value * factor)

/**
 * The weighted loss summed over a batch, and the gradient of its mean for every layer, by
 * backpropagation: δ of the last layer is weight·(σ(z) − y)/rows, a kernel's gradient is inputsᵀ·δ, and
 * δ of the layer before is δ·kernelᵀ where its ReLU let the number through.
 * Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", algorithms 6.3 and 6.4.
 * Dropped units are 0 and the others count for them, by 1/(1 − share) (Srivastava et al. 2014, JMLR 15, section 10).
 */
export function gradients(
  layers: readonly Layer[],
  { x, y, weights }: Batch,
  dropout: Dropout,
): { loss: number; gradients: Gradient[] } {
  // The factor stands before the next layer's kernel: there are fewer of those numbers than of units.
  const factor = 1 / (1 - dropout.share)
  const boosted = (index: number) => index > 0 && factor !== 1
  const used = layers.map((layer, i) => (boosted(i) ? { ...layer, kernel: scaled(layer.kernel, factor) } : layer))
  let loss = 0
  let result: Gradient[] = []
  withTensors(() => {
    const pass = forward(used, tf.tensor2d(x, [y.length, x.length / y.length]), dropout)
    loss = crossEntropy(pass.z, y, weights)
    const delta = pass.z.map((logit, i) => (weights[i]! * (sigmoid(logit) - y[i]!)) / y.length)
    result = backward(used, pass, delta)
  })
  return { loss, gradients: result.map((g, i) => (boosted(i) ? { ...g, kernel: scaled(g.kernel, factor) } : g)) }
}
