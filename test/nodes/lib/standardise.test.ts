import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inOriginalUnits, standardise } from '../../../nodes/lib/standardise.ts'

describe('standardise', () => {
  test('gives z-scores by the population deviation, row by row', () => {
    const { x, width, means, deviations, constant } = standardise([
      Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9),
      Float64Array.of(1, 1, 1, 1, 1, 1, 1, 1),
    ])
    expect([width, ...means, ...deviations]).toEqual([2, 5, 1, 2, 0])
    expect([...x]).toEqual([-1.5, 0, -0.5, 0, -0.5, 0, -0.5, 0, 0, 0, 0, 0, 1, 0, 2, 0])
    expect(constant).toEqual([1])
  })

  test('takes logarithms of all columns or of some', () => {
    const columns = [Float64Array.of(0, Math.E - 1), Float64Array.of(0, 10)]
    const all = standardise(columns, { log: true })
    expect(all.means[0]).toBeCloseTo(0.5, 14)
    expect(all.means[1]).toBeCloseTo(Math.log(11) / 2, 14)
    const first = standardise(columns, { log: [true, false] })
    expect(first.means[0]).toBeCloseTo(0.5, 14)
    expect(first.means[1]).toBe(5)
    expect(first.log).toEqual([true, false])
  })

  test('a constant that has no exact sum is still constant', () => {
    const { x, constant } = standardise([
      new Float64Array(1000).fill(0.1),
      Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i)),
    ])
    expect(constant).toEqual([0])
    expect(x.filter((_, i) => i % 2 === 0).every((value) => value === 0)).toBe(true)
    expect([...standardise([Float64Array.of(5)]).x]).toEqual([0])
  })

  test('values close together beside a large mean keep their spread', () => {
    const { deviations } = standardise([Float64Array.of(1e9 + 1, 1e9 + 2, 1e9 + 3)])
    expect(deviations[0]).toBeCloseTo(Math.sqrt(2 / 3), 12)
  })

  test('says which value it cannot take', () => {
    expect(() => standardise([])).toThrow('at least one')
    expect(() => standardise([new Float64Array(0)])).toThrow('at least one')
    expect(() => standardise([Float64Array.of(1, 2), Float64Array.of(1)])).toThrow('Column 1 has 1 rows instead of 2')
    expect(() => standardise([Float64Array.of(1, Number.NaN)])).toThrow('Column 0, row 1 is NaN')
    expect(() => standardise([Float64Array.of(3, -1)], { log: true })).toThrow('Column 0, row 1 is -1')
    expect(() => standardise([Float64Array.of(-1e200, 1e200)])).toThrow('too large')
    expect(standardise([Float64Array.of(3, -1)]).constant).toEqual([])
  })

  test('is undone by inOriginalUnits, and has mean 0 and deviation 1', () => {
    const column = fc.array(fc.double({ min: -0.9, max: 1e6, noNaN: true }), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(column, column, fc.boolean(), (a, b, log) => {
        fc.pre(Math.max(...a) - Math.min(...a) > 1e-3 && Math.max(...b) - Math.min(...b) > 1e-3)
        const result = standardise([Float64Array.from(a), Float64Array.from(b)], { log })
        inOriginalUnits(result, result.x).forEach((value, i) => {
          const original = (i % 2 === 0 ? a : b)[Math.floor(i / 2)] ?? Number.NaN
          expect(Math.abs(value - original)).toBeLessThan(1e-9 * Math.max(1, ...a, ...b))
        })
        const first = result.x.filter((_, i) => i % 2 === 0)
        expect(first.reduce((sum, z) => sum + z, 0)).toBeCloseTo(0, 6)
        expect(first.reduce((sum, z) => sum + z * z, 0)).toBeCloseTo(6, 6)
      }),
    )
  })
})
