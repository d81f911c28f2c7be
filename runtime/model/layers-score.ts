import * as tf from '@tensorflow/tfjs'
import { PolkuError } from '../errors/errors.ts'
import type { LayersWeights, Request } from './network-message.ts'

type ScoreRequest = Extract<Request, { readonly kind: 'score' }>

// A prediction runs in pieces of this many rows: fast, and small also for wide layers.
const batchSize = 4096

let last: { readonly hash: string; readonly model: tf.LayersModel } | undefined

const damaged = (reason: string): never => {
  throw new PolkuError('MODEL_DAMAGED', { model: 'layers', reason })
}

async function loaded({ topology, specs, data }: LayersWeights): Promise<tf.LayersModel> {
  const weightData = Uint8Array.from(Buffer.from(data, 'base64')).buffer
  const artifacts = { modelTopology: topology, weightSpecs: specs, weightData } as tf.io.ModelArtifacts // as they were saved
  try {
    return await tf.loadLayersModel(tf.io.fromMemory(artifacts))
  } catch (error) {
    return damaged(`TF.js does not load it: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
  }
}

/** What the model of a request gives to its rows. Throws MODEL_DAMAGED where it does not load or takes or gives something else. */
export async function scoreLayers({ weights, hash, x, width }: ScoreRequest): Promise<Float32Array<ArrayBuffer>> {
  if (last?.hash !== hash) {
    last?.model.dispose()
    last = undefined
    last = { hash, model: await loaded(weights) }
  }
  const { model } = last
  const rows = x.length / width
  const input = tf.tensor2d(x, [rows, width])
  try {
    const output = model.predict(input, { batchSize })
    if (Array.isArray(output)) return damaged('it has several outputs')
    if (output.size !== rows) damaged(`it gives ${output.size / rows} numbers for a row instead of one`)
    const probabilities = Float32Array.from(await output.data())
    output.dispose()
    return probabilities
  } catch (error) {
    if (error instanceof PolkuError) throw error
    return damaged(`it does not take rows of ${width} numbers: ${error instanceof Error ? error.message : error}`)
  } finally {
    input.dispose()
  }
}
