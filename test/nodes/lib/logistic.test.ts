import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { balancedWeights, fitLogistic, type LogisticFit, logisticProbabilities } from '../../../nodes/lib/logistic.ts'
import { random } from '../../../nodes/lib/random.ts'
import { design, labels } from './scored.ts'

const beta = ({ intercept, coefficients }: LogisticFit) => [intercept, ...coefficients]
const errors = ({ interceptError, standardErrors }: LogisticFit) => [interceptError, ...standardErrors]
const near = (values: readonly number[], reference: readonly number[], digits: number) => {
  expect(values.length).toBe(reference.length)
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(reference[i] ?? Number.NaN, digits)
  })
}
const finite = (fit: LogisticFit) => {
  for (const value of [...beta(fit), ...errors(fit), fit.deviance, fit.nullDeviance])
    expect(Number.isFinite(value)).toBe(true)
}

describe('fitLogistic', () => {
  test('without a ridge, by 60 Newton steps in numpy', () => {
    const fit = fitLogistic(design, 3, labels)
    expect(fit).toMatchObject({ status: 'converged', collinear: [], ridge: 0 })
    near(beta(fit), [-0.26049642353675845, 0.7752536736824824, -0.48432811276388776, 1.2196273412632908], 9)
    near(errors(fit), [0.17326035148825036, 0.2268188670445335, 0.11499004470119005, 0.4089964405770757], 5)
    expect(fit.deviance).toBeCloseTo(240.05642342079202, 9)
    expect(fit.nullDeviance).toBeCloseTo(277.23887189063146, 9)
    expect(fit.iterations).toBeLessThanOrEqual(6)
  })

  test('with a ridge and with class weights, by scikit-learn (newton-cg, tol 1e-14)', () => {
    const strong = fitLogistic(design, 3, labels, { ridge: 20 })
    near(beta(strong), [-0.0764740996630737, 0.37390860693679, -0.3482858357625826, 0.2874774635024851], 8)
    const balanced = fitLogistic(design, 3, labels, { ridge: 1, weights: balancedWeights(labels) })
    near(beta(balanced), [-0.2063329885970111, 0.7265969797928923, -0.46708647312112317, 1.0397365173014286], 8)
  })

  test('takes single precision and gives the same digits every time', () => {
    const single = Float32Array.from(design)
    expect(fitLogistic(single, 3, labels)).toEqual(fitLogistic(single, 3, labels))
    near(beta(fitLogistic(single, 3, labels)), beta(fitLogistic(design, 3, labels)), 6)
  })

  test('a weight counts as so many rows', () => {
    const weights = Int32Array.from(labels, (_, row) => row % 3)
    const rows = Array.from(weights, (weight, row) => Array.from({ length: weight }, () => row)).flat()
    const repeated = Float64Array.from(rows.flatMap((row) => [...design.subarray(row * 3, row * 3 + 3)]))
    const [weighted, plain] = [
      fitLogistic(design, 3, labels, { weights }),
      fitLogistic(
        repeated,
        3,
        Uint8Array.from(rows, (row) => labels[row] ?? 0),
      ),
    ]
    near(beta(weighted), beta(plain), 9)
    near(errors(weighted), errors(plain), 7)
    expect(weighted.deviance).toBeCloseTo(plain.deviance, 8)
  })

  test('of one yes-or-no column it is the log odds ratio of the table', () => {
    // 30 of 50 with, 20 of 80 without: ln(30·60 / (20·20)), its error √(1/30 + 1/20 + 1/20 + 1/60).
    const x = Float64Array.from({ length: 130 }, (_, i) => (i < 50 ? 1 : 0))
    const fit = fitLogistic(
      x,
      1,
      Uint8Array.from(x, (_, i) => (i < 30 || i >= 110 ? 1 : 0)),
    )
    near(beta(fit), [Math.log(20 / 60), Math.log(1800 / 400)], 9)
    near(errors(fit), [Math.sqrt(1 / 20 + 1 / 60), Math.sqrt(1 / 30 + 1 / 20 + 1 / 20 + 1 / 60)], 7)
  })

  test('a large fit, which starts from a tenth, is at the optimum', () => {
    const { normal, uniform } = random(5)
    const x = new Float32Array(30_000 * 4).map(normal)
    const y = Uint8Array.from({ length: 30_000 }, (_, row) => {
      return uniform() < 1 / (1 + Math.exp(3 - (x[row * 4] ?? 0) + 2 * (x[row * 4 + 1] ?? 0))) ? 1 : 0
    })
    const fit = fitLogistic(x, 4, y)
    expect(fit.status).toBe('converged')
    expect(fit.iterations).toBeLessThanOrEqual(4)
    near(beta(fit), [-3, 1, -2, 0, 0], 0)
    // At the optimum residuals are at right angles to every column.
    const p = logisticProbabilities(fit, x)
    for (let j = -1; j < 4; j++) {
      const slope = p.reduce(
        (sum, share, row) => sum + ((y[row] ?? 0) - share) * (j < 0 ? 1 : (x[row * 4 + j] ?? 0)),
        0,
      )
      expect(slope).toBeCloseTo(0, 5)
    }
    near(beta(fit), beta(fitLogistic(Float64Array.from(x), 4, y)), 9)
  })

  test('a large fit whose tenth lacks a class or a category is no worse', () => {
    // Every tenth row, which the start is taken from, is no case and has no second column.
    const x = new Float64Array(40_000).map((_, i) =>
      i % 2 === 1 ? (Math.floor(i / 2) % 10 === 3 ? 1 : 0) : Math.sin(i),
    )
    const y = Uint8Array.from({ length: 20_000 }, (_, row) => (row % 10 !== 0 && (row * 7919) % 1009 < 300 ? 1 : 0))
    const fit = fitLogistic(x, 2, y)
    expect(fit.status).toBe('converged')
    const p = logisticProbabilities(fit, x)
    expect(p.reduce((sum, share, row) => sum + share - (y[row] ?? 0), 0)).toBeCloseTo(0, 6)
  })
})

describe('what can go wrong with a fit', () => {
  test('collinear and constant columns are named and share the effect', () => {
    // Column 1 repeats column 0, column 3 is constant, column 4 is 1 − column 2.
    const x = Float64Array.from(
      [...labels.keys()].flatMap((row) => {
        const [a = 0, b = 0, c = 0] = design.subarray(row * 3, row * 3 + 3)
        return [a, a, c, 7, 1 - c, b]
      }),
    )
    const fit = fitLogistic(x, 6, labels)
    expect(fit).toMatchObject({ status: 'converged', collinear: [1, 3, 4] })
    finite(fit)
    const plain = fitLogistic(design, 3, labels)
    const [a0 = 0, a1 = 0, , , , b = 0] = fit.coefficients
    expect(a0).toBeCloseTo(a1, 6)
    expect(a0 + a1).toBeCloseTo(plain.coefficients[0] ?? 0, 4)
    expect(b).toBeCloseTo(plain.coefficients[1] ?? 0, 4)
    expect(fit.deviance).toBeCloseTo(plain.deviance, 6)
  })

  test('a column of zeros has no effect', () => {
    const x = Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? (design[(i / 2) * 3] ?? 0) : 0))
    const fit = fitLogistic(x, 2, labels)
    expect(fit).toMatchObject({ status: 'converged', collinear: [1] })
    expect(fit.coefficients[1]).toBe(0)
  })

  test('a column of next to nothing has no effect either', () => {
    const fit = fitLogistic(Float64Array.of(0, 0, 0, 0, -2e-159, 3e-162), 2, [0, 1, 0], { ridge: 0.1 })
    expect(fit.status).toBe('converged')
    finite(fit)
  })

  test('more columns than rows', () => {
    const fit = fitLogistic(design.subarray(0, 18), 9, [1, 0])
    expect(fit.collinear.length).toBe(8)
    finite(fit)
  })

  test('a column that tells all cases', () => {
    const x = Float64Array.from({ length: 100 }, (_, i) => i)
    const fit = fitLogistic(
      x,
      1,
      Uint8Array.from(x, (value) => (value < 37 ? 0 : 1)),
    )
    expect(fit.status).toBe('separated')
    finite(fit)
    const p = logisticProbabilities(fit, x)
    expect(Math.max(...p.subarray(0, 37))).toBeLessThan(0.5)
    expect(Math.min(...p.subarray(37))).toBeGreaterThan(0.5)
    const ridged = fitLogistic(
      x,
      1,
      Uint8Array.from(x, (value) => (value < 37 ? 0 : 1)),
      { ridge: 1 },
    )
    expect(ridged.status).toBe('converged')
    finite(ridged)
  })

  test('a category without a case', () => {
    const x = Float64Array.from({ length: 400 }, (_, i) => {
      return i % 2 === 0 ? (design[(i / 2) * 3] ?? 0) : (i - 1) / 2 < 20 ? 1 : 0
    })
    const y = labels.map((label, row) => (row < 20 ? 0 : label))
    const fit = fitLogistic(x, 2, y)
    expect(fit.status).toBe('separated')
    finite(fit)
    expect(fit.coefficients[1]).toBeLessThan(-10)
    expect(fitLogistic(x, 2, y, { ridge: 0.01 }).status).toBe('converged')
  })

  test('a very strong effect that is not separated still converges', () => {
    const x = Float64Array.from({ length: 2000 }, (_, i) => i - 1000)
    const y = Uint8Array.from(x, (value) => (value > 3 || value === -2 ? 1 : 0))
    const fit = fitLogistic(x, 1, y)
    expect(fit.status).toBe('converged')
    finite(fit)
  })

  test('rare cases converge', () => {
    const y = Uint8Array.from({ length: 100_000 }, (_, row) => (row % 25_000 === 5 ? 1 : 0))
    const fit = fitLogistic(
      Float64Array.from(y, (_, row) => Math.sin(row)),
      1,
      y,
    )
    expect(fit.status).toBe('converged')
    finite(fit)
  })

  test('too few iterations are told', () => {
    expect(fitLogistic(design, 3, labels, { maxIterations: 1 })).toMatchObject({
      status: 'not-converged',
      iterations: 1,
    })
  })

  test('no columns leave the base rate', () => {
    const fit = fitLogistic(new Float64Array(0), 0, labels)
    expect(fit.intercept).toBeCloseTo(Math.log(99 / 101), 12)
    expect(fit.deviance).toBeCloseTo(fit.nullDeviance, 9)
  })

  test('input that is no input is refused in words', () => {
    expect(() => fitLogistic(design, 4, labels)).toThrow('200 rows × 4 columns')
    expect(() => fitLogistic(Float64Array.of(1, 2, Number.NaN, 4), 2, [0, 1])).toThrow('Row 1, column 0 is NaN')
    expect(() => fitLogistic(Float64Array.of(1, -Infinity), 1, [0, 1])).toThrow('Row 1, column 0 is -Infinity')
    expect(() => fitLogistic(Float64Array.of(1, 1e200), 1, [0, 1])).toThrow('within ±1e140')
    expect(() => fitLogistic(Float64Array.of(1, 2), 1, [0, 2])).toThrow('row 1 has 2')
    expect(() => fitLogistic(Float64Array.of(1, 2), 1, [1, 1])).toThrow('Both classes')
    expect(() => fitLogistic(Float64Array.of(1, 2), 1, [0, 1], { weights: [1, 0] })).toThrow('Both classes')
    expect(() => fitLogistic(Float64Array.of(1, 2), 1, [0, 1], { weights: [1, -1] })).toThrow('row 1 has -1')
    expect(() => fitLogistic(Float64Array.of(1, 2), 1, [0, 1], { weights: [1] })).toThrow('as many weights')
    expect(() => fitLogistic(Float64Array.of(1, 2), 1, [0, 1], { ridge: -1 })).toThrow('ridge')
    expect(() => fitLogistic(new Float64Array(0), 1, [])).toThrow('Both classes')
  })

  test('nothing is ever NaN, and with a ridge every fit converges', () => {
    const problems = fc.integer({ min: 2, max: 30 }).chain((rows) =>
      fc.record({
        x: fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e3, max: 1e3, noNaN: true })), {
          minLength: rows * 2,
          maxLength: rows * 2,
        }),
        y: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: rows, maxLength: rows }),
      }),
    )
    fc.assert(
      fc.property(problems, ({ x, y }) => {
        fc.pre(y.includes(0) && y.includes(1))
        finite(fitLogistic(Float64Array.from(x), 2, y))
        const ridged = fitLogistic(Float64Array.from(x), 2, y, { ridge: 0.1 })
        finite(ridged)
        expect(ridged.status).toBe('converged')
      }),
      { numRuns: 300 },
    )
  })
})

describe('balancedWeights', () => {
  test('give both classes the same total', () => {
    expect([...balancedWeights([1, 0, 0, 0])]).toEqual([2, 2 / 3, 2 / 3, 2 / 3])
    expect(() => balancedWeights([1, 1])).toThrow('Both classes')
  })
})

describe('logisticProbabilities', () => {
  test('are those of the formula, without overflow', () => {
    const p = logisticProbabilities({ intercept: 1, coefficients: [2, -1] }, Float64Array.of(0, 1, 1e4, 0, -1e4, 0))
    expect([...p]).toEqual([0.5, 1, 0])
    expect(() => logisticProbabilities({ intercept: 0, coefficients: [1, 2] }, Float64Array.of(1))).toThrow(
      'whole rows',
    )
  })
})
