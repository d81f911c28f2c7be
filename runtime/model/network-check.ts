import type { NetworkSpec, NetworkWeights } from '../../nodes/node.ts'
import { PolkuError } from '../errors/errors.ts'
import type { Layer } from './network-message.ts'

/** What a batch with its gradients may take in TF.js, whose memory past some 4 GB is corrupted without an error. */
const memoryLimit = 2 ** 31

const refuse = (reason: string, right: string): never => {
  throw new PolkuError('STEP_FAILED', { reason: `${reason}.`, right: `${right}.` })
}

const whole = (name: string, value: number, minimum: number): void => {
  if (!Number.isSafeInteger(value) || value < minimum)
    refuse(`The network's ${name} is ${value}`, `A whole number of at least ${minimum}`)
}

/** How many rows `x` holds. Throws STEP_FAILED unless every number of it is finite. */
export const rowsOf = (x: Float32Array, width: number): number => {
  whole('width', width, 1)
  if (x.length % width !== 0)
    refuse(`The network got ${x.length} numbers, which are no rows of ${width}`, `A multiple of ${width} numbers`)
  for (let i = 0; i < x.length; i++)
    if (!Number.isFinite(x[i]!))
      refuse(
        `The network's input column ${(i % width) + 1} is ${x[i]} in row ${Math.floor(i / width) + 1}`,
        'Finite numbers: fill missing values before training and scoring',
      )
  return x.length / width
}

const checkTarget = (y: Float32Array, rows: number): void => {
  if (y.length !== rows) refuse(`The network got ${rows} rows and ${y.length} targets`, 'One target for each row')
  const counts = [0, 0]
  for (let row = 0; row < rows; row++) {
    const value = y[row]!
    if (value !== 0 && value !== 1) refuse(`The network's target is ${value} in row ${row + 1}`, '0 or 1')
    counts[value]!++
  }
  for (const value of [0, 1])
    if (counts[value]! < 2)
      refuse(
        `Of ${rows} rows ${counts[value]} have the target ${value}`,
        'At least two rows of each class: one to learn from, one to validate with',
      )
}

const checkWeights = (weights: Float32Array, rows: number): void => {
  if (weights.length !== rows)
    refuse(`The network got ${rows} rows and ${weights.length} weights`, 'One weight for each row')
  for (let row = 0; row < rows; row++)
    if (!(weights[row]! > 0 && weights[row]! < Number.POSITIVE_INFINITY))
      refuse(
        `The network's weight is ${weights[row]} in row ${row + 1}`,
        'A number above 0: leave out the rows that must not count',
      )
}

const checkMemory = ({ width, hidden, batchSize }: NetworkSpec, rows: number): void => {
  const widths = [width, ...hidden, 1]
  const parameters = hidden.reduce((sum, units, index) => sum + widths[index]! * units, widths.at(-2)!)
  const numbersPerRow = widths.reduce((sum, units) => sum + units, 0)
  // At most so many copies are in TF.js at once: of a layer's units the numbers, what dropout left, transposed,
  // and δ; of a kernel the numbers, packed, transposed, and its gradient. Heaps of 666 and 1122 MB were seen where this gives 680 and 1217.
  const bytes = 4 * (8 * parameters + 5 * numbersPerRow * Math.min(batchSize, rows))
  if (bytes > memoryLimit)
    refuse(
      `A batch of ${Math.min(batchSize, rows)} rows through layers of ${widths.join(', ')} units would need ${(bytes / 2 ** 30).toFixed(1)} GB`,
      'At most 2 GB: a smaller batch or smaller hidden layers',
    )
}

/** Throws STEP_FAILED, saying what is wrong and what would be right, unless a network can be trained as `spec` says. */
export function checkSpec(spec: NetworkSpec): void {
  const rows = rowsOf(spec.x, spec.width)
  checkTarget(spec.y, rows)
  if (spec.weights !== undefined) checkWeights(spec.weights, rows)
  for (const units of spec.hidden) whole('hidden layer', units, 1)
  whole('batch size', spec.batchSize, 1)
  whole('number of epochs', spec.epochs, 1)
  whole('patience', spec.patience, 1)
  whole('seed', spec.seed, Number.MIN_SAFE_INTEGER)
  if (!(spec.learningRate > 0 && spec.learningRate <= 1))
    refuse(`The network's learning rate is ${spec.learningRate}`, 'A number above 0 and at most 1')
  if (!(spec.dropout >= 0 && spec.dropout <= 0.9))
    refuse(`The network's dropout is ${spec.dropout}`, 'A share from 0 to 0.9')
  if (!(spec.validationShare > 0 && spec.validationShare <= 0.9))
    refuse(`The network's validation share is ${spec.validationShare}`, 'A share above 0 and at most 0.9')
  checkMemory(spec, rows)
}

const damaged = (reason: string): never => {
  throw new PolkuError('MODEL_DAMAGED', { model: 'network', reason })
}

/** Throws MODEL_DAMAGED unless the layers of stored `weights` fit each other and are all numbers. */
export function checkLayers({ layers }: NetworkWeights): void {
  if (layers.at(-1)?.units !== 1) damaged('its last layer does not have one unit')
  layers.forEach(({ inputs, units, kernel, bias }, index) => {
    const before = layers[index - 1]?.units ?? inputs
    if (inputs !== before || kernel.length !== inputs * units || bias.length !== units)
      damaged(
        `its layer ${index + 1} after ${before} units is ${inputs} × ${units} with ${kernel.length} and ${bias.length} weights`,
      )
    if (!kernel.every(Number.isFinite) || !bias.every(Number.isFinite))
      damaged(`a weight of its layer ${index + 1} is not a number`)
  })
}

/** Throws STEP_FAILED unless `x` holds finite rows of `width` numbers that `layers` can score. */
export function checkInput(layers: readonly Layer[], x: Float32Array, width: number): void {
  rowsOf(x, width)
  if (layers[0]?.inputs !== width)
    refuse(`The network was trained on ${layers[0]?.inputs} columns and got ${width}`, 'The columns it was trained on')
}
