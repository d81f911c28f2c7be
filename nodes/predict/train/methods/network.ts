import { singlePrecision } from '../../../lib/features.ts'
import type { NetworkWeights } from '../../../node.ts'
import { Type } from '../../../node.ts'
import type { Method } from './method.ts'

/** Settings of the dense network; the defaults suit tables of customers. */
export const networkSettings = Type.Object(
  {
    hidden: Type.Array(Type.Integer({ minimum: 1, maximum: 1024 }), {
      default: [32, 16],
      maxItems: 6,
      description: 'Units of each hidden layer',
    }),
    dropout: Type.Number({
      minimum: 0,
      maximum: 0.9,
      default: 0.2,
      description: 'Share of units left out in each step',
    }),
    learningRate: Type.Number({ exclusiveMinimum: 0, maximum: 1, default: 0.01, description: 'Step size of Adam' }),
    batchSize: Type.Integer({ minimum: 8, maximum: 16_384, default: 1024, description: 'Rows per step' }),
    epochs: Type.Integer({ minimum: 1, maximum: 1000, default: 60, description: 'Passes over the rows at the most' }),
    patience: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 8,
      description: 'Passes without a better validation loss before it stops',
    }),
    validationShare: Type.Number({
      minimum: 0.05,
      maximum: 0.5,
      default: 0.15,
      description: 'Share of rows kept aside to see when to stop',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Settings of the network' },
)

interface Settings {
  readonly hidden: readonly number[]
  readonly dropout: number
  readonly learningRate: number
  readonly batchSize: number
  readonly epochs: number
  readonly patience: number
  readonly validationShare: number
}

/** A dense network on TF.js with early stopping. */
export const network = (settings: Settings): Method => ({
  kind: 'network',
  fit: ({ x, width, y, weights }, { models, seed }) =>
    models.trainNetwork({
      ...settings,
      width,
      seed,
      x: singlePrecision(x),
      y: Float32Array.from(y),
      ...(weights ? { weights: Float32Array.from(weights) } : {}),
    }),
  // `fit` above made the weights.
  predict: async (parameters, x, width, { models }) =>
    Float64Array.from(await models.predictNetwork(parameters as NetworkWeights, singlePrecision(x), width)),
})
