import { join, sql } from '../../lib/sql.ts'
import type { Sql } from '../../node.ts'

/** The groups by recency and frequency, against the other customers. From the best to the worst. */
export const groups = [
  { name: 'champions', recency: 'high', frequency: 'high', meaning: 'bought later than most, and more often' },
  { name: 'loyal', recency: 'middle', frequency: 'high', meaning: 'bought more often than most' },
  { name: 'growing', recency: 'high', frequency: 'middle', meaning: 'bought later than most, and as often' },
  { name: 'new', recency: 'high', frequency: 'low', meaning: 'bought later than most, but more seldom' },
  { name: 'steady', recency: 'middle', frequency: 'middle', meaning: 'bought as lately and as often as most' },
  { name: 'occasional', recency: 'middle', frequency: 'low', meaning: 'bought more seldom than most' },
  { name: 'slipping away', recency: 'low', frequency: 'high', meaning: 'bought more often than most, but longer ago' },
  { name: 'at risk', recency: 'low', frequency: 'middle', meaning: 'bought as often as most, but longer ago' },
  { name: 'lost', recency: 'low', frequency: 'low', meaning: 'bought more seldom than most, and longer ago' },
] as const

const band = (fifth: Sql): Sql =>
  sql`case when ${fifth} <= 2 then 'low' when ${fifth} = 3 then 'middle' else 'high' end`

/** The group’s name by the fifths, 1 to 5, that a customer is in. */
export const groupOf = (recencyFifth: Sql, frequencyFifth: Sql): Sql => {
  const bands = sql`${band(recencyFifth)} || ' ' || ${band(frequencyFifth)}`
  const cases = groups.map(({ name, recency, frequency }) => sql`when ${`${recency} ${frequency}`} then ${name}`)
  return sql`case ${bands} ${join(cases, ' ')} end`
}
