import { join, sql } from '../../lib/sql.ts'
import type { Sql } from '../../node.ts'

/** The groups by recency and frequency, each in words that say what its customers did. From the best to the worst. */
export const groups = [
  { name: 'champions', recency: 'high', frequency: 'high', meaning: 'bought lately, and often' },
  { name: 'loyal', recency: 'middle', frequency: 'high', meaning: 'buy often, the last time some while ago' },
  { name: 'growing', recency: 'high', frequency: 'middle', meaning: 'bought lately, and some times' },
  { name: 'new', recency: 'high', frequency: 'low', meaning: 'bought lately, but seldom' },
  { name: 'steady', recency: 'middle', frequency: 'middle', meaning: 'in the middle of both' },
  { name: 'occasional', recency: 'middle', frequency: 'low', meaning: 'bought seldom, the last time some while ago' },
  { name: 'slipping away', recency: 'low', frequency: 'high', meaning: 'bought often, but long ago' },
  { name: 'at risk', recency: 'low', frequency: 'middle', meaning: 'bought some times, but long ago' },
  { name: 'lost', recency: 'low', frequency: 'low', meaning: 'bought seldom, and long ago' },
] as const

/** Low, middle or high: classes up to two fifths, between, and above three fifths of all (1–2, 3, 4–5 of five). */
const band = (score: Sql, classes: number): Sql =>
  sql`case when 5 * ${score} <= 2 * ${classes} then 'low' when 5 * ${score} > 3 * ${classes} then 'high' else 'middle' end`

/** The group's name by the columns `r` and `f`, which are classes from 1 to `classes`. */
export const groupOf = (classes: number): Sql => {
  const bands = sql`${band(sql`r`, classes)} || ' ' || ${band(sql`f`, classes)}`
  const cases = groups.map(({ name, recency, frequency }) => sql`when ${`${recency} ${frequency}`} then ${name}`)
  return sql`case ${bands} ${join(cases, ' ')} end`
}
