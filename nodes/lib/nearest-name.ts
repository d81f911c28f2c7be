import { closest, distance } from 'fastest-levenshtein'

/** “Did you mean …?” for a name that is nearly one of `names`; otherwise the first of them. */
export function nearestName(wrong: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const byLower = new Map(names.map((name) => [name.toLowerCase(), name]))
  const match = closest(wrong.toLowerCase(), [...byLower.keys()])
  const near = distance(wrong.toLowerCase(), match) <= Math.max(2, Math.floor(wrong.length / 2.5))
  const listed = names.slice(0, 12).join(', ') + (names.length > 12 ? `, … (${names.length} in all)` : '')
  return near ? `Did you mean ${byLower.get(match)}?` : `One of: ${listed}.`
}
