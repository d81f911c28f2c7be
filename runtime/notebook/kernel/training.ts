import { tracingChannel } from 'node:diagnostics_channel'

// Training with TF.js goes on in the background when nobody awaits it any more, and a model that trains takes no
// second training. So an interrupt ends it at its next batch, as a callback may.

/** Of TF.js's models what is used here. */
interface Model {
  stopTraining: boolean
  /** Whether it refuses to be trained once more. TF.js keeps it to itself. */
  isTraining: boolean
}

interface TfEngine {
  endScope(): void
  readonly state: {
    readonly scopeStack: readonly unknown[]
    readonly numDataMovesStack: unknown[]
    activeTape: unknown
    gradientDepth: number
    kernelDepth: number
  }
}

interface TfLayers {
  registerCallbackConstructor(verbosity: number, callback: new () => object): void
}

/** Milliseconds that a batch may take until an interrupt cuts it off. */
const batchTime = 2000

const trained = new Set<Model>()
const engines = new Set<() => TfEngine>()
const none = async (): Promise<void> => {}

/**
 * Watches trainings of every TF.js that is loaded from now on. While one runs, `patience` holds the milliseconds that
 * an interrupt waits for a batch to end.
 */
export function watchTraining(patience: Int32Array): void {
  class Watch {
    #model: Model | undefined
    setModel(model: Model): void {
      this.#model = model
    }
    setParams(): void {}
    async onTrainBegin(): Promise<void> {
      if (this.#model) trained.add(this.#model)
      Atomics.store(patience, 0, batchTime)
    }
    async onTrainEnd(): Promise<void> {
      if (this.#model) trained.delete(this.#model)
      if (trained.size === 0) Atomics.store(patience, 0, 0)
    }
    onEpochBegin = none
    onEpochEnd = none
    onBatchBegin = none
    onBatchEnd = none
  }
  tracingChannel('module.require').end.subscribe((event) => {
    const { id, result } = event as { id: string; result?: unknown } // as Node documents the channel
    if (result === undefined) return
    // A package of another version may lack them, and then is not watched.
    if (/@tensorflow\/tfjs-layers$/.test(id) && isLayers(result)) watchOnce(result, Watch)
    if (/@tensorflow\/tfjs-core$/.test(id) && isCore(result)) engines.add(result.engine)
  })
}

const watched = new WeakSet<object>()
function watchOnce(layers: TfLayers, Watch: new () => object): void {
  if (watched.has(layers)) return
  watched.add(layers)
  layers.registerCallbackConstructor(0, Watch)
}

const has = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && name in value && typeof Reflect.get(value, name) === 'function'
const isLayers = (value: unknown): value is TfLayers => has(value, 'registerCallbackConstructor')
const isCore = (value: unknown): value is { readonly engine: () => TfEngine } => has(value, 'engine')

/**
 * Ends the trainings that run. Where what ran was `cut` off, TF.js is left as if its operation had ended: else it would
 * go on to gather what that made, and refuse to train the model again.
 */
export function stopTraining(cut: boolean): void {
  for (const model of trained) {
    model.stopTraining = true
    if (cut) model.isTraining = false
  }
  trained.clear()
  if (!cut) return
  for (const engine of engines) {
    const { state } = engine()
    while (state.scopeStack.length > 0) engine().endScope()
    state.numDataMovesStack.length = 0
    state.activeTape = null
    state.gradientDepth = 0
    state.kernelDepth = 0
  }
}
