import { chiSquareLog10P, chiSquareUpperTail } from './distributions.ts'

export interface Contingency {
  /** Pearson's χ², without a continuity correction. */
  readonly chiSquare: number
  /** (rows − 1)(columns − 1) of the rows and columns that have cases. */
  readonly df: number
  readonly p: number
  /** log₁₀ of p, also where p itself is below the smallest double and shows as 0. */
  readonly log10p: number
  /** Strength of association, 0–1. */
  readonly cramersV: number
  readonly n: number
  readonly smallestExpected: number
  /**
   * True where the χ² approximation is doubtful: an expected count below 1, or below 5 in more than a fifth of
   * the cells (Cochran 1954, "Some methods for strengthening the common χ² tests", Biometrics 10, p. 420).
   */
  readonly sparse: boolean
  /**
   * How far each cell lies from its expectation in standard errors, in the table's shape; beyond ±1.96 it differs at
   * the 5 % level (adjusted residuals, Haberman 1973, "The analysis of residuals in cross-classified tables",
   * Biometrics 29). 0 where nothing can differ.
   */
  readonly residuals: readonly (readonly number[])[]
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

const checked = (table: readonly (readonly number[])[]): number => {
  const width = table[0]?.length ?? 0
  for (const row of table) {
    if (row.length !== width) throw new RangeError(`Every row needs ${width} counts, one has ${row.length}.`)
    for (const count of row)
      if (!(count >= 0 && count < Number.POSITIVE_INFINITY))
        throw new RangeError(`A count is a number from 0 up, got ${count}.`)
  }
  return width
}

/**
 * Pearson's test that rows and columns of a table of counts are independent (Pearson 1900, "On the criterion…",
 * Philosophical Magazine 50) with Cramér's V = √(χ² / (n · (min(rows, columns) − 1))) (Cramér 1946, Mathematical
 * Methods of Statistics, p. 282). Empty rows and columns are left out; where then fewer than two rows or columns
 * remain there is nothing to test: χ² and V are 0, df 0 and p 1. Throws a RangeError on a ragged table or on what
 * is no count.
 */
export const contingency = (table: readonly (readonly number[])[]): Contingency => {
  const width = checked(table)
  const rowTotals = table.map(total)
  const columnTotals = Array.from({ length: width }, (_, j) => total(table.map((row) => row[j]!)))
  const n = total(rowTotals)
  const rows = rowTotals.filter((count) => count > 0).length
  const columns = columnTotals.filter((count) => count > 0).length
  const df = Math.max(0, rows - 1) * Math.max(0, columns - 1)

  let chiSquare = 0
  let smallestExpected = n > 0 ? Number.POSITIVE_INFINITY : 0
  let below5 = 0
  const residuals = table.map((row, i) =>
    row.map((observed, j) => {
      const [across, down] = [rowTotals[i]!, columnTotals[j]!]
      if (across === 0 || down === 0) return 0
      const expected = across * (down / n)
      chiSquare += (observed - expected) ** 2 / expected
      smallestExpected = Math.min(smallestExpected, expected)
      if (expected < 5) below5++
      const variance = expected * (1 - across / n) * (1 - down / n)
      return variance > 0 ? (observed - expected) / Math.sqrt(variance) : 0
    }),
  )
  const sparse = smallestExpected < 1 || below5 > 0.2 * rows * columns
  if (df === 0) return { chiSquare: 0, df: 0, p: 1, log10p: 0, cramersV: 0, n, smallestExpected, sparse, residuals }
  return {
    chiSquare,
    df,
    p: chiSquareUpperTail(chiSquare, df),
    log10p: chiSquareLog10P(chiSquare, df),
    cramersV: Math.min(1, Math.sqrt(chiSquare / n / (Math.min(rows, columns) - 1))),
    n,
    smallestExpected,
    sparse,
    residuals,
  }
}

/**
 * How a share compares with the base share, 100 meaning the same: 100 · (cases / n) / (baseCases / baseN).
 * Null where either share does not exist or the base share is 0.
 */
export const indexNumber = (cases: number, n: number, baseCases: number, baseN: number): number | null =>
  n > 0 && baseN > 0 && baseCases > 0 ? (100 * (cases / n)) / (baseCases / baseN) : null
