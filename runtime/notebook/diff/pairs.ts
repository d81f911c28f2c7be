/** The same thing in two runs of a notebook; one side is absent where only one run has it. */
export interface Pair<T> {
  readonly a?: T
  readonly b?: T
}

/**
 * Pairs things by their keys, the first of a key with the first, the second with the second. In the order of `a`;
 * what only `b` has comes last.
 */
export const pairUp = <T>(a: readonly T[], b: readonly T[], keyOf: (thing: T) => string): Pair<T>[] => {
  const waiting = new Map<string, T[]>()
  for (const thing of b) waiting.set(keyOf(thing), [...(waiting.get(keyOf(thing)) ?? []), thing])
  const taken = new Set<T>()
  const pairs: Pair<T>[] = a.map((thing) => {
    const match = waiting.get(keyOf(thing))?.shift()
    if (match !== undefined) taken.add(match)
    return { a: thing, b: match }
  })
  return [...pairs, ...b.filter((thing) => !taken.has(thing)).map((thing) => ({ b: thing }))]
}
