import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'

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
