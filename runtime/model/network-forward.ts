import * as tf from '@tensorflow/tfjs-core'
import type { Layer } from './network-message.ts'

const batchBytes = 2 ** 26

/** As many rows as are fed at once where nothing is learnt: fast, and small even for wide layers. */
export const forwardRows = (layers: readonly Layer[]): number => {
  const numbersPerRow = layers.reduce((sum, { inputs, units }) => sum + inputs + units, 0)
  return Math.max(1, Math.min(4096, Math.floor(batchBytes / (4 * numbersPerRow))))
}

/** `a` through one layer: a·kernel + bias, and ReLU unless it is the last. */
export const dense = (a: tf.Tensor, { inputs, units, kernel, bias }: Layer, last: boolean): tf.Tensor =>
  tf.fused.matMul({
    a,
    b: tf.tensor2d(kernel, [inputs, units]),
    bias: tf.tensor1d(bias),
    activation: last ? 'linear' : 'relu',
  })

/**
 * Runs `work` and frees the tensors it made. It returns nothing: what leaves `tf.tidy` is searched for
 * tensors element by element, which for a typed array takes longer than the network.
 */
export function withTensors(work: () => void): void {
  tf.tidy(() => {
    work()
  })
}

/** The logit of every row of `x`, row-major rows × width. */
export function logits(layers: readonly Layer[], x: Float32Array, width: number): Float32Array {
  let result: Float32Array = new Float32Array()
  withTensors(() => {
    let a: tf.Tensor = tf.tensor2d(x, [x.length / width, width])
    layers.forEach((layer, index) => {
      a = dense(a, layer, index === layers.length - 1)
    })
    result = a.dataSync<'float32'>()
  })
  return result
}
