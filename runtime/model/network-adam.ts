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
