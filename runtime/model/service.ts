import type { ModelContent, Models, NetworkSpec, NetworkWeights } from '../../nodes/node.ts'
import { predictLayers } from './layers.ts'
import { close, predictNetwork, trainNetwork } from './network.ts'
import type { ModelRegistry, StoredModel } from './registry.ts'

/** What nodes may do with models: train and score networks, store and load versions. */
export class ModelService implements Models {
  readonly #registry: ModelRegistry
  constructor(registry: ModelRegistry) {
    this.#registry = registry
  }

  trainNetwork(spec: NetworkSpec, options?: { readonly signal?: AbortSignal }): Promise<NetworkWeights> {
    return trainNetwork(spec, options)
  }

  predictNetwork(weights: NetworkWeights, x: Float32Array, width: number): Promise<Float32Array> {
    return predictNetwork(weights, x, width)
  }

  predictLayers(weights: unknown, x: Float32Array, width: number): Promise<Float32Array> {
    return predictLayers(weights, x, width)
  }

  async publish(name: string, content: ModelContent): Promise<{ version: number }> {
    return this.#registry.publish(name, content)
  }

  async load(reference: string): Promise<StoredModel> {
    return this.#registry.load(reference)
  }

  async close(): Promise<void> {
    await close()
  }
}
