/** σ(z) = 1 / (1 + e^−z), 0 or 1 where z is very far from 0. */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/**
 * Σ weight · binary cross-entropy, taken from the logit z as max(z, 0) − z·y + ln(1 + e^−|z|), which
 * neither overflows nor takes the logarithm of 0: −ln σ(z) for y = 1 and −ln(1 − σ(z)) for y = 0, rearranged.
 */
export function crossEntropy(z: Float32Array, y: Float32Array, weights: Float32Array): number {
  let sum = 0
  for (let i = 0; i < z.length; i++) {
    const logit = z[i]!
    sum += weights[i]! * (Math.max(logit, 0) - logit * y[i]! + Math.log1p(Math.exp(-Math.abs(logit))))
  }
  return sum
}
