import { id, join, sql } from '../../../nodes/lib/sql.ts'
import type { Column, Sql } from '../../../nodes/lib/table.ts'
import type { Database } from '../../data/database.ts'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'

/** Types of which some values are no JavaScript number, which is exact to 15 digits and for integers to 2^53. */
const wide = /^(U?BIGINT|U?HUGEINT|BIGNUM|DECIMAL)/

const typeSql = (type: string): Sql => ({ strings: [type], values: [] })

/** Throws NUMBER_ROUNDED for each of these columns that has a number which would be another one in JavaScript. */
export async function requireExact(database: Database, query: Sql, columns: readonly Column[]): Promise<void> {
  const checked = columns.filter(({ type }) => wide.test(type))
  if (checked.length === 0) return
  const first = checked.map(({ name, type }, index) => {
    const value = id(name)
    const back = sql`try_cast(cast(${value} as double) as ${typeSql(type)})`
    return sql`any_value(cast(${value} as varchar)) filter (where ${back} is distinct from ${value}) as ${id(`c${index}`)}`
  })
  const [row = {}] = await database.rows(sql`select ${join(first)} from (${query})`)
  const faults = checked.flatMap(({ name }, index) => {
    const value = row[`c${index}`]
    const column = id(name).strings[0]
    return typeof value === 'string' ? [new PolkuError('NUMBER_ROUNDED', { column: name, value, quoted: column })] : []
  })
  if (faults.length > 0) throw new PolkuErrors(faults)
}

/** How many values of a column are other ones as `type`. */
const lostAs = (value: Sql, from: string, type: string): Sql =>
  sql`count(*) filter (where try_cast(try_cast(${value} as ${typeSql(type)}) as ${typeSql(from)}) is distinct from ${value})`

/** A query with those of its columns cast to the types wanted of which no value then is another one. */
export async function castWhereExact(database: Database, query: Sql, target: readonly Column[]): Promise<Sql> {
  const casts = (await database.describe(query)).flatMap(({ name, type: before }) => {
    const type = target.find((column) => column.name === name)?.type ?? before
    return type === before ? [] : [{ name, type, lost: lostAs(id(name), before, type) }]
  })
  if (casts.length === 0) return query
  const counts = casts.map(({ lost }, index) => sql`${lost} as ${id(`c${index}`)}`)
  const [row = {}] = await database.rows(sql`select ${join(counts)} from (${query})`)
  const exact = casts.filter((_, index) => Number(row[`c${index}`]) === 0)
  if (exact.length === 0) return query
  const list = exact.map(({ name, type }) => sql`cast(${id(name)} as ${typeSql(type)}) as ${id(name)}`)
  return sql`select * replace (${join(list)}) from (${query})`
}
