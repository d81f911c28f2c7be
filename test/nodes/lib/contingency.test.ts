import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contingency, indexNumber } from '../../../nodes/lib/contingency.ts'

// Contract (month-to-month, one year, two years) by churn (no, yes) of the Telco data.
const contracts = [
  [2220, 1655],
  [1307, 166],
  [1647, 48],
]

describe('contingency', () => {
  test('a table of the Telco data, by scipy.stats.chi2_contingency without correction', () => {
    const result = contingency(contracts)
    expect(result.chiSquare).toBeCloseTo(1184.5965720837926, 9)
    expect(result.df).toBe(2)
    expect(result.p / 5.863038300673391e-258).toBeCloseTo(1, 10)
    expect(result.log10p).toBeCloseTo(Math.log10(5.863038300673391e-258), 10)
    expect(result.cramersV).toBeCloseTo(0.4101, 4)
    expect(result.n).toBe(7043)
    expect(result.sparse).toBe(false)
  })

  test('a sparse table, by scipy; residuals by numpy from Haberman’s formula', () => {
    const result = contingency([
      [12, 5, 7],
      [3, 9, 14],
      [0, 6, 4],
      [20, 18, 25],
    ])
    expect(result.chiSquare).toBeCloseTo(15.277967005425651, 12)
    expect([result.df, result.sparse]).toEqual([6, true])
    expect(result.p).toBeCloseTo(0.018201509773355218, 12)
    expect(result.cramersV).toBeCloseTo(0.24920986523936928, 12)
    expect(result.smallestExpected).toBeCloseTo(2.845528455284553, 12)
    expect(result.residuals[0]![0]).toBeCloseTo(2.6074206156322544, 12)
    expect(result.residuals[2]![1]).toBeCloseTo(2.0782371288064523, 12)
  })

  test('of a 2 × 2 table the residuals squared are χ²', () => {
    const { chiSquare, residuals, p } = contingency([
      [10, 20],
      [30, 15],
    ])
    for (const residual of residuals.flat()) expect(residual ** 2).toBeCloseTo(chiSquare, 10)
    expect(p).toBeLessThan(0.01)
  })

  test('a p-value below every double is still told apart by its logarithm', () => {
    const huge = contingency([
      [1_000_000, 0],
      [0, 1_000_000],
    ])
    expect(huge.p).toBe(0)
    expect(huge.log10p).toBeLessThan(-400_000)
    expect(huge.cramersV).toBe(1)
  })

  test('says where the approximation is doubtful', () => {
    const small = [
      [3, 1],
      [1, 3],
    ]
    expect(contingency(small).sparse).toBe(true)
    expect(contingency(small.map((row) => row.map((count) => count * 10))).sparse).toBe(false)
  })

  test('with nothing to compare there is no association and no NaN', () => {
    for (const table of [
      [],
      [[]],
      [
        [0, 0],
        [0, 0],
      ],
      [[5, 7]],
      [[5], [7]],
      [
        [5, 0],
        [7, 0],
      ],
      [
        [0, 0],
        [5, 7],
      ],
    ]) {
      const { chiSquare, df, p, log10p, cramersV } = contingency(table)
      expect({ chiSquare, df, p, log10p, cramersV }).toEqual({ chiSquare: 0, df: 0, p: 1, log10p: 0, cramersV: 0 })
    }
  })

  test('refuses what is no table of counts', () => {
    expect(() => contingency([[1, 2], [3]])).toThrow('Every row needs 2 counts')
    for (const count of [-1, Number.NaN, Infinity]) expect(() => contingency([[1, count]])).toThrow('A count is')
  })

  const tables = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
    .chain(([rows, columns]) =>
      fc.array(fc.array(fc.nat(200), { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
    )

  test('does not depend on the order of rows and columns, on their roles or on empty ones', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const { chiSquare, df, p, cramersV } = contingency(table)
        const turned = table[0]!.map((_, j) => table.map((row) => row[j]!))
        for (const other of [
          table.toReversed(),
          turned,
          [...table, table[0]!.map(() => 0)],
          table.map((row) => [0, ...row]),
        ]) {
          const result = contingency(other)
          expect(result.chiSquare).toBeCloseTo(chiSquare, 8)
          expect(result.df).toBe(df)
          expect(result.p).toBeCloseTo(p, 8)
          expect(result.cramersV).toBeCloseTo(cramersV, 8)
        }
        expect(p).toBeGreaterThanOrEqual(0)
        expect(p).toBeLessThanOrEqual(1)
        expect(cramersV).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('grows in proportion to the counts while V stays', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 2, max: 50 }), (table, factor) => {
        const [small, large] = [contingency(table), contingency(table.map((row) => row.map((n) => n * factor)))]
        expect(large.chiSquare).toBeCloseTo(small.chiSquare * factor, 6)
        expect(large.cramersV).toBeCloseTo(small.cramersV, 10)
      }),
    )
  })

  test('has none where the rows are alike', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 5 }), (row) => {
        const { chiSquare, p } = contingency([row, row.map((count) => count * 3)])
        expect(chiSquare).toBeCloseTo(0, 10)
        expect(p).toBeCloseTo(1, 6)
      }),
    )
  })
})

describe('indexNumber', () => {
  test('the Telco contracts against the base rate of 26.537 %', () => {
    const index = contracts.map(([stayed, left]) => indexNumber(left!, stayed! + left!, 1869, 7043))
    expect(index.map((value) => value?.toFixed(2))).toEqual(['160.94', '42.47', '10.67'])
  })

  test('is 100 for the same share and null where there is none', () => {
    expect(indexNumber(5, 50, 100, 1000)).toBeCloseTo(100, 12)
    expect(indexNumber(0, 50, 100, 1000)).toBe(0)
    expect([indexNumber(0, 0, 1, 10), indexNumber(1, 10, 0, 10), indexNumber(1, 10, 0, 0)]).toEqual([null, null, null])
  })
})
