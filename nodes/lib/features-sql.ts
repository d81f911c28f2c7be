import { beyondMeasure, type Feature, type Preprocessing, widthOf } from './features.ts'
import { id, join, sql } from './sql.ts'
import type { Sql } from './table.ts'

/** The raw columns a model needs, numbers as DOUBLE and categories as VARCHAR, under their own names. */
export const rawColumns = ({ features }: Preprocessing): Sql =>
  features.length === 0
    ? sql`0::double as "no feature"`
    : join(
        features.map(
          ({ kind, column }) =>
            sql`cast(${id(column)} as ${kind === 'numeric' ? sql`double` : sql`varchar`}) as ${id(column)}`,
        ),
      )

// A whole number beyond 64 bits cannot be bound as a number; its text reads back as the same one.
const double = (value: number): Sql =>
  Number.isInteger(value) && !Number.isSafeInteger(value)
    ? sql`cast(${String(value)} as double)`
    : sql`cast(${value} as double)`

/**
 * ln(1 + x) with all its digits also for small x, as Math.log1p: Goldberg 1991, "What every computer scientist should
 * know about floating-point arithmetic", ACM Computing Surveys 23, theorem 4.
 */
const log1p = (x: Sql): Sql => sql`(case when 1 + ${x} = 1 then ${x} else ln(1 + ${x}) * (${x} / ((1 + ${x}) - 1)) end)`

/** A feature's share of a linear model: its numbers times `coefficients`, as `encode` makes them. */
const term = (feature: Feature, coefficients: readonly number[]): Sql => {
  if (feature.kind === 'numeric') {
    const number = sql`cast(${id(feature.column)} as double)`
    // NaN is the greatest of all numbers here, and NULL is neither.
    const within = sql`abs(${number}) < ${double(beyondMeasure)}`
    const usable = feature.log ? sql`${within} and ${number} > -1` : within
    const value = feature.log ? log1p(number) : number
    const scaled = (inner: Sql) =>
      sql`(${inner} - ${double(feature.mean)}) / ${double(feature.deviation)} * ${double(coefficients[0] ?? 0)}`
    const missing =
      ((feature.fill - feature.mean) / feature.deviation) * (coefficients[0] ?? 0) +
      (feature.indicator ? (coefficients[1] ?? 0) : 0)
    return sql`case when ${usable} then ${scaled(value)} else ${double(missing)} end`
  }
  const text = sql`cast(${id(feature.column)} as varchar)`
  const branches = feature.levels.map((level, index) =>
    level === null
      ? sql`when ${text} is null then ${double(coefficients[index] ?? 0)}`
      : sql`when ${text} = ${level} then ${double(coefficients[index] ?? 0)}`,
  )
  const reference =
    feature.reference === null
      ? sql`when ${text} is null then 0::double`
      : sql`when ${text} = ${feature.reference} then 0::double`
  const other = feature.other ? (coefficients[feature.levels.length] ?? 0) : 0
  return sql`case ${join([...branches, reference], ' ')} else ${double(other)} end`
}

/** The probability a logistic model gives to each row, as one SQL expression over its raw columns. */
export const logisticSql = (
  preprocessing: Preprocessing,
  { intercept, coefficients }: { readonly intercept: number; readonly coefficients: readonly number[] },
): Sql => {
  let at = 0
  const terms = preprocessing.features.map((feature) => {
    const part = term(feature, coefficients.slice(at, at + widthOf(feature)))
    at += widthOf(feature)
    return part
  })
  return sql`1 / (1 + exp(-(${join([sql`${double(intercept)}`, ...terms], ' + ')})))`
}
