import { diffArrays } from 'diff'

/** A line of two texts laid side by side: in both, only in the first, or only in the second. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** Of more changes the shortest way is not looked for: the texts are shown as taken out and put in. */
const maxEditLength = 1000

/** The lines of two texts by the fewest lines taken out and put in. */
export const diffLines = (before: string, after: string): DiffLine[] => {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  const changes = diffArrays(old, fresh, { maxEditLength }) ?? [
    { value: old, removed: true },
    { value: fresh, added: true },
  ]
  return changes.flatMap(({ value, added = false, removed = false }) => {
    const kind = added ? 'added' : removed ? 'removed' : 'same'
    return value.map((text) => ({ kind, text }) as const)
  })
}
