import { type Preprocessing, totalWidth } from '../../../nodes/lib/features.ts'
import { PolkuError } from '../../errors/errors.ts'
import type { LayersWeights } from '../../model/network-message.ts'

type Shape = readonly (number | null)[]

interface SavedModel {
  readonly modelTopology?: unknown
  readonly weightSpecs?: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[]
  readonly weightData?: ArrayBuffer | readonly ArrayBuffer[]
}

/** What is asked of a TF.js LayersModel, whichever copy of TF.js it is of. */
export interface LayersModel {
  readonly inputs: readonly { readonly shape: Shape }[]
  readonly outputs: readonly { readonly shape: Shape }[]
  save(handler: { save(saved: SavedModel): Promise<{ modelArtifactsInfo: SavedInfo }> }): Promise<unknown>
}

interface SavedInfo {
  readonly dateSaved: Date
  readonly modelTopologyType: 'JSON'
}

/** @internal */
export const isLayersModel = (value: unknown): value is LayersModel =>
  typeof value === 'object' &&
  value !== null &&
  'save' in value &&
  typeof value.save === 'function' &&
  'inputs' in value &&
  Array.isArray(value.inputs) &&
  'outputs' in value &&
  Array.isArray(value.outputs)

const words = (shape: Shape | undefined): string => (shape ?? []).map((size) => size ?? 'rows').join(' × ')

/** @internal Throws MODEL_MISFIT unless the model takes the numbers that the preprocessing gives and gives one for each row. */
export function checkShapes(name: string, { inputs, outputs }: LayersModel, preprocessing: Preprocessing): void {
  const misfit = (reason: string, right: string) => new PolkuError('MODEL_MISFIT', { model: name, reason, right })
  const width = totalWidth(preprocessing)
  const [input, output] = [inputs[0]?.shape, outputs[0]?.shape]
  if (inputs.length !== 1 || input?.length !== 2)
    throw misfit(`it takes ${inputs.map(({ shape }) => words(shape)).join(' and ')}`, 'One input of rows × numbers')
  if (outputs.length !== 1 || output?.length !== 2 || output[1] !== 1)
    throw misfit(
      `it gives ${outputs.map(({ shape }) => words(shape)).join(' and ')}`,
      'One probability for each row: a last layer of one unit with a sigmoid',
    )
  if (input[1] !== width)
    throw misfit(
      `it takes ${input[1]} numbers, and its preprocessing gives ${width}`,
      'A preprocessing that lists each column the model learnt from, in its order',
    )
}

/** @internal A LayersModel as it is stored. The same layers and weights give the same, whatever TF.js called them. Throws MODEL_MISFIT. */
export async function layersWeights(name: string, model: LayersModel): Promise<LayersWeights> {
  const { promise, resolve } = Promise.withResolvers<SavedModel>()
  await model.save({
    save: async (saved) => {
      resolve(saved)
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } } // nobody reads when
    },
  })
  const { modelTopology, weightSpecs = [], weightData = [] } = await promise
  const other = weightSpecs.find(({ dtype }) => dtype !== 'float32')
  if (other)
    throw new PolkuError('MODEL_MISFIT', {
      model: name,
      reason: `its weight ${other.name} is ${other.dtype}`,
      right: 'Weights of float32',
    })
  const buffers: readonly ArrayBuffer[] = weightData instanceof ArrayBuffer ? [weightData] : weightData
  const data = Buffer.concat(buffers.map((buffer) => Buffer.from(buffer)))
  checkFinite(name, new Float32Array(Uint8Array.from(data).buffer))
  const names = layerNames(modelTopology)
  return {
    topology: renamed(JSON.parse(JSON.stringify(modelTopology)), names),
    specs: weightSpecs.map(({ name: weight, shape, dtype }) => ({ name: weightName(weight, names), shape, dtype })),
    data: data.toString('base64'),
  }
}

function checkFinite(name: string, weights: Float32Array): void {
  if (!weights.every(Number.isFinite))
    throw new PolkuError('MODEL_MISFIT', {
      model: name,
      reason: 'a weight of it is not a number, so its training did not settle',
      right: 'A model whose training settled: a lower learning rate, or columns without extreme values',
    })
}

// TF.js counts the layers a process ever made, `dense_Dense7`: the same model trained again is called otherwise.

/** A model's own name and its layers' names, each with one that tells only its place. */
function layerNames(topology: unknown): Map<string, string> {
  const { config } = topology as { config?: { name?: string; layers?: { config?: { name?: string } }[] } } // TF.js's own form
  const layers = (config?.layers ?? []).flatMap((layer) => layer.config?.name ?? [])
  const names = new Map(layers.map((layer, index) => [layer, `layer${index + 1}`]))
  if (config?.name !== undefined) names.set(config.name, 'model')
  return names
}

const named = new Set(['name', 'inbound_nodes', 'input_layers', 'output_layers'])

/** A topology in which layers go by their new names; only where TF.js names layers, so that no activation is renamed. */
function renamed(value: unknown, names: ReadonlyMap<string, string>, inside = false): unknown {
  if (typeof value === 'string') return inside ? (names.get(value) ?? value) : value
  if (Array.isArray(value)) return value.map((part) => renamed(part, names, inside))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, renamed(part, names, named.has(key))]))
}

function weightName(weight: string, names: ReadonlyMap<string, string>): string {
  for (const [before, after] of names) if (weight.startsWith(`${before}/`)) return after + weight.slice(before.length)
  return weight
}
