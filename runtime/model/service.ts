import type { ModelContent, Models, NetworkSpec, NetworkWeights } from '../../nodes/node.ts'
import type { ModelRegistry, StoredModel } from './registry.ts'

/** What nodes may do with models: train and score networks, store and load versions. */
export class ModelService implements Models {
  readonly #registry: ModelRegistry
  #network: Promise<typeof import('./network.ts')> | undefined

  constructor(registry: ModelRegistry) {
    this.#registry = registry
  }

  // TF.js takes most of a second to load, and most runs train no network.
  #loadNetwork(): Promise<typeof import('./network.ts')> {
    this.#network ??= import('./network.ts')
    return this.#network
  }

  async trainNetwork(spec: NetworkSpec): Promise<NetworkWeights> {
    return (await this.#loadNetwork()).trainNetwork(spec)
  }

  async predictNetwork(weights: NetworkWeights, x: Float32Array, width: number): Promise<Float32Array> {
    return (await this.#loadNetwork()).predictNetwork(weights, x, width)
  }

  async publish(name: string, content: ModelContent): Promise<{ version: number }> {
    return this.#registry.publish(name, content)
  }

  async load(reference: string): Promise<StoredModel> {
    return this.#registry.load(reference)
  }

  async close(): Promise<void> {
    await (await this.#network)?.close()
  }
}
