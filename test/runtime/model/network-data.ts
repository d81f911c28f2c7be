import { random } from '../../../nodes/lib/random.ts'
import type { NetworkSpec } from '../../../nodes/node.ts'

/** Rows whose class depends on the signs of two columns together, as no straight line can tell: `x1·x2 > 0`. */
export function crossed(rows: number, seed: number, width = 4): { x: Float32Array; y: Float32Array; width: number } {
  const source = random(seed)
  const x = Float32Array.from({ length: rows * width }, () => source.normal())
  const y = Float32Array.from({ length: rows }, (_, row) => (x[row * width]! * x[row * width + 1]! > 0 ? 1 : 0))
  return { x, y, width }
}

/** A small and quick training. */
export const specOf = (
  data: Pick<NetworkSpec, 'x' | 'y' | 'width'>,
  changes: Partial<NetworkSpec> = {},
): NetworkSpec => ({
  hidden: [16, 8],
  dropout: 0.1,
  learningRate: 0.01,
  batchSize: 128,
  epochs: 6,
  patience: 6,
  validationShare: 0.2,
  seed: 7,
  ...data,
  ...changes,
})
