import type { Random } from '../../nodes/lib/random.ts'

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
  const parts = [0, 1].map((value) => {
    const members = source.shuffle(rows.filter((row) => y[row] === value))
    const held = Math.min(members.length - 1, Math.max(1, Math.round(members.length * share)))
    return { validate: members.subarray(0, held), learn: members.subarray(held) }
  })
  const [cases, others] = [parts[1]!, parts[0]!]
  return {
    learn: concatenated(others.learn, cases.learn),
    validate: concatenated(others.validate, cases.validate),
  }
}
