/** A line of two texts laid side by side: in both, only in the first, or only in the second. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

const mark = (kind: DiffLine['kind']) => (text: string) => ({ kind, text })

// The table below takes this many cells at most; longer changes are shown as taken out and put in.
const largest = 4_000_000

/** How long the longest common subsequence of the rests from `[row][column]` on is. */
const commonLengths = (before: readonly string[], after: readonly string[]): Uint32Array[] => {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1))
  for (let row = before.length - 1; row >= 0; row -= 1) {
    const [here, below] = [lengths[row] as Uint32Array, lengths[row + 1] as Uint32Array] // both were just made
    for (let column = after.length - 1; column >= 0; column -= 1)
      here[column] =
        before[row] === after[column]
          ? (below[column + 1] ?? 0) + 1
          : Math.max(below[column] ?? 0, here[column + 1] ?? 0)
  }
  return lengths
}

const changed = (before: readonly string[], after: readonly string[]): DiffLine[] => {
  if (before.length * after.length > largest) return [...before.map(mark('removed')), ...after.map(mark('added'))]
  const lengths = commonLengths(before, after)
  const lines: DiffLine[] = []
  let [row, column] = [0, 0]
  while (row < before.length || column < after.length) {
    const [old, fresh] = [before[row], after[column]]
    if (old !== undefined && old === fresh) {
      lines.push({ kind: 'same', text: old })
      row += 1
      column += 1
    } else if (
      fresh === undefined ||
      (old !== undefined && (lengths[row + 1]?.[column] ?? 0) >= (lengths[row]?.[column + 1] ?? 0))
    ) {
      lines.push({ kind: 'removed', text: old ?? '' })
      row += 1
    } else {
      lines.push({ kind: 'added', text: fresh })
      column += 1
    }
  }
  return lines
}

/** The lines of two texts by their longest common subsequence: the fewest lines taken out and put in. */
export const diffLines = (before: string, after: string): DiffLine[] => {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1
  let end = 0
  while (end < Math.min(old.length, fresh.length) - start && old.at(-1 - end) === fresh.at(-1 - end)) end += 1
  return [
    ...old.slice(0, start).map(mark('same')),
    ...changed(old.slice(start, old.length - end), fresh.slice(start, fresh.length - end)),
    ...old.slice(old.length - end).map(mark('same')),
  ]
}
