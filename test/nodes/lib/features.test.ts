import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  encode,
  type FitOptions,
  featureData,
  fitFeatures,
  numberNames,
  type Preprocessing,
  singlePrecision,
  totalWidth,
} from '../../../nodes/lib/features.ts'
import { logisticSql, rawColumns } from '../../../nodes/lib/features-sql.ts'
import { logisticProbabilities } from '../../../nodes/lib/logistic.ts'
import { sql } from '../../../nodes/lib/sql.ts'
import { writeColumns } from '../../../runtime/data/bulk.ts'
import { Database } from '../../../runtime/data/database.ts'

const options: FitOptions = { log: [], minimumCount: 2, maximumLevels: 50 }
const numbers = (values: readonly (number | null)[]) =>
  Float64Array.from(values, (value) => (value === null ? Number.NaN : value))
const everyRow = (rows: number) => Int32Array.from({ length: rows }, (_, row) => row)

function fitted(column: readonly (number | null)[] | readonly (string | null)[], fitOptions: Partial<FitOptions> = {}) {
  const text = column.some((value) => typeof value === 'string')
  const values = text
    ? [...column].map((value) => (value === null ? null : String(value)))
    : numbers(column.map(Number))
  const data = featureData({ c: values }, text ? [] : ['c'], text ? ['c'] : [])
  const preprocessing = fitFeatures(data, everyRow(column.length), { ...options, ...fitOptions })
  return { data, preprocessing, x: [...encode(preprocessing, data, everyRow(column.length))] }
}

describe('numbers', () => {
  test('have mean 0 and deviation 1', () => {
    const { preprocessing, x } = fitted([1, 2, 3, 6])
    expect(preprocessing.features).toEqual([
      { kind: 'numeric', column: 'c', log: false, fill: 2.5, mean: 3, deviation: Math.sqrt(3.5), indicator: false },
    ])
    expect(x.map((value) => Number(value.toFixed(6)))).toEqual([-1.069045, -0.534522, 0, 1.603567])
  })

  test('that are missing, infinite or not a number count as the median, with an indicator', () => {
    const data = featureData({ c: numbers([1, 3, null, Number.POSITIVE_INFINITY, 8]) }, ['c'], [])
    const preprocessing = fitFeatures(data, everyRow(5), options)
    expect(preprocessing.features[0]).toMatchObject({ fill: 3, mean: 3.6, indicator: true })
    expect(numberNames(preprocessing)).toEqual(['c', 'c missing'])
    const x = [...encode(preprocessing, data, everyRow(5))]
    expect(x.filter((_, index) => index % 2 === 1)).toEqual([0, 0, 1, 1, 0])
    expect(x[4]).toBe(x[2])
  })

  test('of a long tail are taken by their logarithm; −1 and less count as missing', () => {
    const { preprocessing } = fitted([0, Math.E - 1, -1, -7], { log: ['c'] })
    expect(preprocessing.features[0]).toMatchObject({ log: true, fill: 0.5, mean: 0.5, indicator: true })
  })

  test('that are all the same, all missing or apart by nothing that can be squared are left out', () => {
    expect(fitted([4, 4, 4]).preprocessing.features).toEqual([])
    expect(fitted([Number.NaN, Number.NaN]).preprocessing.features).toEqual([])
    expect(fitted([1e-200, 2e-200, 3e-200]).preprocessing.features).toEqual([])
    expect(fitted([]).preprocessing.features).toEqual([])
  })

  test('that are the same wherever they are there tell by their absence', () => {
    const data = featureData({ c: numbers([4, null, 4]) }, ['c'], [])
    const preprocessing = fitFeatures(data, everyRow(3), options)
    expect([...encode(preprocessing, data, everyRow(3))]).toEqual([0, 0, 0, 1, 0, 0])
  })

  test('that are beyond all measure count as missing, so that no model holds an infinite number', () => {
    const { preprocessing, x } = fitted([1, 2, 3, 1e300, -1e300])
    expect(preprocessing.features[0]).toMatchObject({ fill: 2, indicator: true })
    expect(x.every(Number.isFinite)).toBe(true)
  })

  test('keep finite in single precision', () => {
    expect([...singlePrecision(Float64Array.of(1e200, -1e200, 0.5))]).toEqual([1e6, -1e6, 0.5])
  })
})

describe('categories', () => {
  test('have a number each but the most common; the rare share one', () => {
    const { preprocessing, x } = fitted(['a', 'a', 'a', 'b', 'b', 'c', 'd'])
    expect(preprocessing.features).toEqual([
      { kind: 'categorical', column: 'c', levels: ['b'], reference: 'a', other: true },
    ])
    expect(numberNames(preprocessing)).toEqual(['c = b', 'c = (other)'])
    expect(x).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1])
  })

  test('that are missing are one more, not the same as an empty text', () => {
    const { preprocessing } = fitted(['a', 'a', 'a', null, null, '', ''])
    expect(preprocessing.features[0]).toMatchObject({ reference: 'a', levels: [null, ''], other: false })
    expect(fitted(['', '', 'a', 'a', 'a', null, null]).preprocessing).toEqual(preprocessing)
  })

  test('beyond the greatest number of levels share one', () => {
    const { preprocessing } = fitted(['a', 'a', 'a', 'b', 'b', 'c', 'c', 'd', 'd'], { maximumLevels: 2 })
    expect(preprocessing.features[0]).toMatchObject({ levels: ['b', 'c'], other: true })
  })

  test('that nobody had before are as the rare, or as the most common where there is none', () => {
    const { preprocessing } = fitted(['a', 'a', 'a', 'b', 'b'])
    const unseen = featureData({ c: ['new', null] }, [], ['c'])
    expect([...encode(preprocessing, unseen, everyRow(2))]).toEqual([0, 0])
    const rare = fitted(['a', 'a', 'a', 'b', 'b', 'c']).preprocessing
    expect([...encode(rare, unseen, everyRow(2))]).toEqual([0, 1, 0, 1])
  })
})

test('a column that is missing is named', () => {
  const { preprocessing } = fitted([1, 2])
  expect(() => encode(preprocessing, featureData({}, [], []), everyRow(0))).toThrow(/column c is missing/)
})

describe('scoring as SQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'polku-features-'))
  let database: Database
  beforeAll(async () => {
    database = await Database.open({ folder, temporary: join(folder, 'tmp') })
  })
  afterAll(() => {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const hostile = fc.constantFrom(
    null,
    '',
    ' ',
    'NULL',
    "O'Neill",
    '"',
    'a',
    'A',
    'ä',
    'a\u0308',
    '$1',
    '%',
    'nan',
    '\\',
  )
  const text = fc.oneof(
    { weight: 4, arbitrary: hostile },
    fc.string({ maxLength: 4 }).map((one) => one.replaceAll('\0', '')),
  )
  const number = fc.oneof(
    fc.constantFrom(
      0,
      -0,
      -1,
      -0.999,
      1e-9,
      1e12,
      1e300,
      -1e300,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.double({ min: -1e-9, max: 1e-9, noNaN: true }),
  )
  const row = fc.record({ plain: number, tail: number, 'say "when"': text, kind: text })
  const rows = fc.array(row, { minLength: 1, maxLength: 30 })
  type Rows = readonly { plain: number; tail: number; 'say "when"': string | null; kind: string | null }[]
  const columnsOf = (rows: Rows) => ({
    plain: Float64Array.from(rows, (one) => one.plain),
    tail: Float64Array.from(rows, (one) => one.tail),
    'say "when"': rows.map((one) => one['say "when"']),
    kind: rows.map((one) => one.kind),
  })
  const dataOf = (rows: Rows) => featureData(columnsOf(rows), ['plain', 'tail'], ['say "when"', 'kind'])

  async function both(preprocessing: Preprocessing, coefficients: readonly number[], rows: Rows) {
    const model = { intercept: -0.3, coefficients }
    const table = await writeColumns(database, columnsOf(rows))
    const scored = await database.rows(sql`
      select ${logisticSql(preprocessing, model)} as p from (select ${rawColumns(preprocessing)} from ${table})`)
    await database.drop('table', table.relation)
    const x = encode(preprocessing, dataOf(rows), everyRow(rows.length))
    return { inSql: scored.map(({ p }) => Number(p)), here: [...logisticProbabilities(model, x)] }
  }

  test('gives what the numbers and the model give here, whatever the values', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.integer({ min: 1, max: 4 }), async (learnt, later, minimumCount) => {
        const data = dataOf(learnt)
        const preprocessing = fitFeatures(data, everyRow(learnt.length), {
          log: ['tail'],
          minimumCount,
          maximumLevels: 5,
        })
        const coefficients = Array.from({ length: totalWidth(preprocessing) }, (_, index) => Math.sin(index + 1))
        fc.pre(coefficients.length > 0)
        for (const rows of [learnt, later]) {
          const { inSql, here } = await both(preprocessing, coefficients, rows)
          expect(inSql.length).toBe(rows.length)
          inSql.forEach((p, index) => {
            expect(Math.abs(p - (here[index] ?? Number.NaN))).toBeLessThanOrEqual(1e-12)
          })
        }
      }),
      { numRuns: 60 },
    )
  })

  test('keeps the digits of small numbers on a logarithmic column', async () => {
    const learnt = Array.from({ length: 40 }, (_, index) => ({
      plain: index,
      tail: index * 1e-11,
      'say "when"': 'a',
      kind: 'b',
    }))
    const preprocessing = fitFeatures(dataOf(learnt), everyRow(40), { ...options, log: ['tail'] })
    const { inSql, here } = await both(preprocessing, [0.5, 1], learnt)
    inSql.forEach((p, index) => {
      expect(Math.abs(p - (here[index] ?? Number.NaN))).toBeLessThanOrEqual(1e-12)
    })
  })

  test('of a model without a column is the same for all', async () => {
    const nothing: Preprocessing = { features: [] }
    const table = await writeColumns(database, { a: Float64Array.of(1, 2) })
    const scored = await database.rows(sql`
      select ${logisticSql(nothing, { intercept: 0, coefficients: [] })} as p from (select ${rawColumns(nothing)} from ${table})`)
    expect(scored).toEqual([{ p: 0.5 }, { p: 0.5 }])
  })
})
