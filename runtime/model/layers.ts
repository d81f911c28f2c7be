import { canonical, hashText } from '../data/hash.ts'
import { PolkuError } from '../errors/errors.ts'
import { predictRows } from './network.ts'
import { rowsOf } from './network-check.ts'
import type { LayersWeights } from './network-message.ts'

// Weights are read-only and scored with again and again, chunk after chunk of rows.
const hashes = new WeakMap<LayersWeights, string>()

const hashOfWeights = (weights: LayersWeights): string => {
  const cached = hashes.get(weights)
  if (cached !== undefined) return cached
  checkLayersWeights(weights)
  const hash = hashText(canonical(weights))
  hashes.set(weights, hash)
  return hash
}

/** Throws MODEL_DAMAGED unless what is stored has the parts of weights. */
function asWeights(stored: unknown): LayersWeights {
  const { specs, data } = (stored ?? {}) as Partial<LayersWeights> // looked at in the next line
  if (Array.isArray(specs) && specs.every(({ shape }) => Array.isArray(shape)) && typeof data === 'string')
    return stored as LayersWeights // it was just looked at
  throw new PolkuError('MODEL_DAMAGED', { model: 'layers', reason: 'its weights are missing' })
}

/** Throws MODEL_DAMAGED unless stored weights are as long as their shapes say. */
function checkLayersWeights({ specs, data }: LayersWeights): void {
  const bytes = specs.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, size) => product * size, 1), 0)
  const actual = Buffer.byteLength(data, 'base64')
  if (bytes !== actual)
    throw new PolkuError('MODEL_DAMAGED', {
      model: 'layers',
      reason: `its weights are ${actual} bytes long, and their shapes say ${bytes}`,
    })
}

/**
 * Probabilities that a TF.js LayersModel gives, one for each row of `x` (row-major rows × width), computed in a
 * worker thread. Rejects with MODEL_DAMAGED, STEP_FAILED for numbers that do not fit, or MODEL_WORKER_DIED.
 */
export async function predictLayers(stored: unknown, x: Float32Array, width: number): Promise<Float32Array> {
  const weights = asWeights(stored)
  const hash = hashOfWeights(weights)
  rowsOf(x, width)
  return predictRows(x, width, (piece) => ({ kind: 'score', weights, hash, x: piece, width }))
}
