import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import type { Layer } from './network-message.ts'

/**
 * Makes TF.js compute on its WASM backend, with SIMD where the processor has it. The binaries are
 * taken from node_modules, never from the network. Throws where the backend does not start, rather
 * than falling back to the twenty times slower JavaScript one.
 */
export async function startBackend(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(dirname(entry) + sep)
  if (!(await tf.setBackend('wasm')))
    throw new Error(`The WASM backend of TF.js does not start from ${dirname(entry)}.`)
}

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

/** σ(z) = 1 / (1 + e^−z), 0 or 1 where z is very far from 0. */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/**
 * Σ weight · binary cross-entropy, taken from the logit z as max(z, 0) − z·y + ln(1 + e^−|z|), which
 * neither overflows nor takes the logarithm of 0: −ln σ(z) for y = 1 and −ln(1 − σ(z)) for y = 0, rearranged.
 */
export function crossEntropy(z: Float32Array, y: Float32Array, weights: Float32Array): number {
  let sum = 0
  for (let i = 0; i < z.length; i++) {
    const logit = z[i]!
    sum += weights[i]! * (Math.max(logit, 0) - logit * y[i]! + Math.log1p(Math.exp(-Math.abs(logit))))
  }
  return sum
}
