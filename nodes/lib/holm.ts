/**
 * p-values adjusted for being several, so that the chance of any false finding among them stays at the level they are
 * read at: Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6,
 * pp. 65–70. A null (no test was possible) stays null and counts as no test.
 */
export const holm = (values: readonly (number | null)[]): (number | null)[] => {
  const tests = values.flatMap((p, index) => (p === null ? [] : [{ p, index }])).sort((a, b) => a.p - b.p)
  const adjusted: (number | null)[] = values.map(() => null)
  let largest = 0
  for (const [rank, { p, index }] of tests.entries()) {
    largest = Math.max(largest, Math.min(1, p * (tests.length - rank)))
    adjusted[index] = largest
  }
  return adjusted
}
