import { closest, distance } from 'fastest-levenshtein'

/** “Did you mean …” for a wrong name, or the list of what there is. Names the kind where nothing exists. */
export function nearest(wrong: string, names: readonly string[], kind: string): string {
  if (names.length === 0) return `There is no ${kind} here.`
  const lower = new Map(names.map((name) => [name.toLowerCase(), name]))
  const match = closest(wrong.toLowerCase(), [...lower.keys()])
  const near = distance(wrong.toLowerCase(), match) <= Math.max(2, Math.floor(wrong.length / 2.5))
  const shown = names.slice(0, 12).join(', ') + (names.length > 12 ? `, … (${names.length} in all)` : '')
  return near ? `Did you mean ${lower.get(match)}?` : `One of: ${shown}.`
}
