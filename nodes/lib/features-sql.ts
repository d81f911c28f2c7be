import type { Sql } from '../node.ts'
import { type Feature, type Preprocessing, widthOf } from './features.ts'
import { id, join, sql } from './sql.ts'

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

/** A feature's share of a linear model: its numbers times `coefficients`, as `encode` makes them. */
const term = (feature: Feature, coefficients: readonly number[]): Sql => {
  if (feature.kind === 'numeric') {
    const number = sql`cast(${id(feature.column)} as double)`
    const usable = feature.log ? sql`isfinite(${number}) and ${number} > -1` : sql`isfinite(${number})`
    const value = feature.log ? sql`ln(1 + ${number})` : number
    const scaled = (inner: Sql) =>
      sql`(${inner} - ${feature.mean}::double) / ${feature.deviation}::double * ${coefficients[0] ?? 0}::double`
    const missing =
      ((feature.fill - feature.mean) / feature.deviation) * (coefficients[0] ?? 0) +
      (feature.indicator ? (coefficients[1] ?? 0) : 0)
    return sql`case when ${usable} then ${scaled(value)} else ${missing}::double end`
  }
  const text = sql`cast(${id(feature.column)} as varchar)`
  const branches = feature.levels.map((level, index) =>
    level === null
      ? sql`when ${text} is null then ${coefficients[index] ?? 0}::double`
      : sql`when ${text} = ${level} then ${coefficients[index] ?? 0}::double`,
  )
  const reference =
    feature.reference === null
      ? sql`when ${text} is null then 0::double`
      : sql`when ${text} = ${feature.reference} then 0::double`
  const other = feature.other ? (coefficients[feature.levels.length] ?? 0) : 0
  return sql`case ${join([...branches, reference], ' ')} else ${other}::double end`
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
  return sql`1 / (1 + exp(-(${join([sql`${intercept}::double`, ...terms], ' + ')})))`
}
