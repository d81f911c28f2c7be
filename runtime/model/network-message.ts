import type { NetworkSpec, NetworkWeights } from '../../nodes/node.ts'
import type { ErrorCode, ErrorValues } from '../errors/errors.ts'

// What the process and its worker threads say to each other. A worker has one request at a time and
// answers it with any number of `epoch` and exactly one of the others.

/** A layer while it is worked with: `kernel` is row-major inputs × units. */
export interface Layer {
  readonly inputs: number
  readonly units: number
  readonly kernel: Float32Array
  readonly bias: Float32Array
}

/** A TF.js LayersModel as it is stored: one row of numbers in, one probability out. */
export interface LayersWeights {
  /** What `toJSON` of the model gives. */
  readonly topology: unknown
  readonly specs: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[]
  /** The weights in the order of `specs`, base64. */
  readonly data: string
}

export interface NetworkProgress {
  /** From 1. */
  readonly epoch: number
  /** The most there can be: patience may end the training earlier. */
  readonly epochs: number
  readonly loss: number
  readonly validationLoss: number
}

export interface TrainedNetwork extends Omit<NetworkWeights, 'layers'> {
  readonly layers: readonly Layer[]
}

export type Request =
  /** `stop[0]` becomes 1 when the training is no longer wanted; the memory is shared. */
  | { readonly kind: 'train'; readonly spec: NetworkSpec; readonly stop: Int32Array }
  | { readonly kind: 'predict'; readonly layers: readonly Layer[]; readonly x: Float32Array; readonly width: number }
  /** A thread keeps the last model it made from `weights` under their `hash`. */
  | {
      readonly kind: 'score'
      readonly weights: LayersWeights
      readonly hash: string
      readonly x: Float32Array
      readonly width: number
    }

export type Reply =
  | { readonly kind: 'epoch'; readonly progress: NetworkProgress }
  | { readonly kind: 'trained'; readonly network: TrainedNetwork }
  | { readonly kind: 'predicted'; readonly probabilities: Float32Array }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly values: ErrorValues }
