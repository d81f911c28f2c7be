import { type Random, random, xoshiro128 } from '../../nodes/lib/random.ts'
import type { NetworkSpec } from '../../nodes/node.ts'
import { PolkuError } from '../errors/errors.ts'
import { crossEntropy, forwardRows, logits } from './network-forward.ts'
import { type Batch, type Dropout, type Gradient, gradients } from './network-gradient.ts'
import type { Layer, NetworkProgress, TrainedNetwork } from './network-message.ts'

/** Weight decay of the kernels: the loss has ½·decay·Σ kernel² added to it. */
const decay = 1e-4

/** Thrown when `stopped` says that nobody waits for the training any more. */
export class Stopped extends Error {}

export interface TrainingHooks {
  /** Asked before every batch. */
  readonly stopped: () => boolean
  readonly onEpoch: (progress: NetworkProgress) => void
}

// He et al. 2015, "Delving deep into rectifiers", section 2.2, as a uniform distribution, for the layers
// before a ReLU; Glorot & Bengio 2010, equation 16, for the last.
const startingLayer = (inputs: number, units: number, last: boolean, source: Random): Layer => {
  const limit = Math.sqrt(6 / (last ? inputs + units : inputs))
  const kernel = Float32Array.from({ length: inputs * units }, () => limit * (2 * source.uniform() - 1))
  return { inputs, units, kernel, bias: new Float32Array(units) }
}

const startingLayers = ({ width, hidden }: NetworkSpec, share: number, source: Random): Layer[] => {
  const widths = [width, ...hidden, 1]
  const layers = hidden.map((units, index) => startingLayer(widths[index]!, units, false, source))
  const last = startingLayer(widths[hidden.length]!, 1, true, source)
  // Starting at the base rate saves the epochs in which a network on rare cases learns nothing else.
  last.bias[0] = Math.log(share / (1 - share))
  return [...layers, last]
}

const seededDropout = (share: number, source: Random): Dropout => {
  const bits = xoshiro128(Uint32Array.from({ length: 4 }, () => source.integer(2 ** 32)))
  const threshold = Math.round(share * 65536)
  return {
    share,
    // Each draw decides on two units, 16 bits for each.
    drop: (units) => {
      for (let i = 0; i < units.length; i += 2) {
        const draw = bits()
        if ((draw & 0xffff) < threshold) units[i] = 0
        if (draw >>> 16 < threshold && i + 1 < units.length) units[i + 1] = 0
      }
    },
  }
}

/** Weights whose mean over the rows `learn` is 1, so that they do not change the learning rate. */
const relativeWeights = ({ weights, y }: NetworkSpec, learn: Int32Array): Float32Array => {
  if (weights === undefined) return new Float32Array(y.length).fill(1)
  const mean = learn.reduce((sum, row) => sum + weights[row]!, 0) / learn.length
  return weights.map((weight) => weight / mean)
}

const gather = ({ x, y, width }: NetworkSpec, weights: Float32Array, rows: Int32Array): Batch => {
  const batch = {
    x: new Float32Array(rows.length * width),
    y: new Float32Array(rows.length),
    weights: new Float32Array(rows.length),
  }
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    for (let column = 0; column < width; column++) batch.x[i * width + column] = x[row * width + column]!
    batch.y[i] = y[row]!
    batch.weights[i] = weights[row]!
  }
  return batch
}

const diverged = (epoch: number, { learningRate }: NetworkSpec) =>
  new PolkuError('MODEL_DIVERGED', {
    reason: `the network is no longer made of numbers in epoch ${epoch} at a learning rate of ${learningRate}`,
  })

const isSound = ({ kernel, bias }: Layer): boolean => kernel.every(Number.isFinite) && bias.every(Number.isFinite)

const validationLoss = (
  spec: NetworkSpec,
  layers: readonly Layer[],
  weights: Float32Array,
  rows: Int32Array,
): number => {
  let loss = 0
  let total = 0
  const size = forwardRows(layers)
  for (let start = 0; start < rows.length; start += size) {
    const batch = gather(spec, weights, rows.subarray(start, start + size))
    loss += crossEntropy(logits(layers, batch.x, spec.width), batch.y, batch.weights)
    total += batch.weights.reduce((sum, weight) => sum + weight, 0)
  }
  return loss / total
}

// Adam's constants as its authors recommend them.
const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/** The running moments of one array of parameters. */
export interface Moments {
  readonly first: Float32Array
  readonly second: Float32Array
}

export const moments = (length: number): Moments => ({
  first: new Float32Array(length),
  second: new Float32Array(length),
})

/**
 * Moves `parameters` in place one step against `gradient`; `step` counts from 1.
 * Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", ICLR, algorithm 1, with the
 * bias corrections folded into the step size as at the end of its section 2.
 */
export function adam(
  parameters: Float32Array,
  gradient: Float32Array,
  { first, second }: Moments,
  step: number,
  learningRate: number,
): void {
  const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step)
  for (let i = 0; i < parameters.length; i++) {
    const slope = gradient[i]!
    const mean = beta1 * first[i]! + (1 - beta1) * slope
    const square = beta2 * second[i]! + (1 - beta2) * slope * slope
    first[i] = mean
    second[i] = square
    parameters[i]! -= (rate * mean) / (Math.sqrt(square) + epsilon)
  }
}

/** The layers while they learn, with Adam's memory. */
const learner = (layers: readonly Layer[], learningRate: number) => {
  const memory: { kernel: Moments; bias: Moments }[] = layers.map(({ kernel, bias }) => ({
    kernel: moments(kernel.length),
    bias: moments(bias.length),
  }))
  let step = 0
  return (slopes: readonly Gradient[]): void => {
    step++
    layers.forEach(({ kernel, bias }, index) => {
      const slope = slopes[index]!
      const { kernel: kernelMoments, bias: biasMoments } = memory[index]!
      const decayed = slope.kernel.map((value, i) => value + decay * kernel[i]!)
      adam(kernel, decayed, kernelMoments, step, learningRate)
      adam(bias, slope.bias, biasMoments, step, learningRate)
    })
  }
}

const concatenated = (first: Int32Array, second: Int32Array): Int32Array => {
  const both = new Int32Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/**
 * Rows to learn from and rows to validate with: each class of `y` (0 and 1) is divided by the same
 * `share`, with at least one row of each class on each side. Needs two rows of each class.
 */
export function splitByClass(
  y: Float32Array,
  share: number,
  source: Random,
): { learn: Int32Array; validate: Int32Array } {
  const rows = Int32Array.from(y, (_, row) => row)
  const classes = [0, 1].map((value) => {
    const members = source.shuffle(rows.filter((row) => y[row] === value))
    const held = Math.min(members.length - 1, Math.max(1, Math.round(members.length * share)))
    return { validate: members.subarray(0, held), learn: members.subarray(held) }
  })
  const [cases, others] = [classes[1]!, classes[0]!]
  return {
    learn: concatenated(others.learn, cases.learn),
    validate: concatenated(others.validate, cases.validate),
  }
}

const copied = (layers: readonly Layer[]): Layer[] =>
  layers.map((layer) => ({ ...layer, kernel: layer.kernel.slice(), bias: layer.bias.slice() }))

/**
 * Trains the network of a checked `spec` on the backend TF.js has: mini-batches in an order shuffled
 * every epoch, Adam on the weighted binary cross-entropy, until the validation loss has not been better
 * for `patience` epochs. Gives the weights of the best epoch. The same spec gives the same bits on the same machine.
 * Throws MODEL_DIVERGED when the loss is no longer a number, and `Stopped`.
 */
export function train(spec: NetworkSpec, { stopped, onEpoch }: TrainingHooks): TrainedNetwork {
  const { y, batchSize, epochs, patience } = spec
  const source = random(spec.seed)
  const { learn, validate } = splitByClass(y, spec.validationShare, source.stream('validation'))
  const weights = relativeWeights(spec, learn)
  const share = learn.reduce((sum, row) => sum + weights[row]! * y[row]!, 0) / learn.length
  const layers = startingLayers(spec, share, source.stream('layers'))
  const dropout = seededDropout(spec.dropout, source.stream('dropout'))
  const order = source.stream('order')
  const update = learner(layers, spec.learningRate)
  const history: TrainedNetwork['history'][number][] = []
  let best = { epoch: 0, loss: Number.POSITIVE_INFINITY, layers: copied(layers) }

  for (let epoch = 1; epoch <= epochs && epoch - best.epoch <= patience; epoch++) {
    order.shuffle(learn)
    let sum = 0
    // Batches of equal size rather than a small last one, whose gradient would be mostly chance.
    const batches = Math.ceil(learn.length / batchSize)
    for (let batch = 0; batch < batches; batch++) {
      if (stopped()) throw new Stopped()
      const from = Math.floor((batch * learn.length) / batches)
      const to = Math.floor(((batch + 1) * learn.length) / batches)
      const step = gradients(layers, gather(spec, weights, learn.subarray(from, to)), dropout)
      if (!Number.isFinite(step.loss)) throw diverged(epoch, spec)
      update(step.gradients)
      sum += step.loss
    }
    const progress = {
      epoch,
      loss: sum / learn.length,
      validationLoss: validationLoss(spec, layers, weights, validate),
    }
    if (!Number.isFinite(progress.validationLoss)) throw diverged(epoch, spec)
    history.push(progress)
    onEpoch({ ...progress, epochs })
    if (progress.validationLoss < best.loss) best = { epoch, loss: progress.validationLoss, layers: copied(layers) }
  }
  // ReLU turns a unit that is not a number into 0, so that a broken layer need not show in the loss.
  if (!best.layers.every(isSound)) throw diverged(best.epoch, spec)
  return { layers: best.layers, history, bestEpoch: best.epoch }
}
