import { freeName, repeatedName } from '../../lib/names.ts'
import { filledText } from '../../lib/normalise.ts'
import { expr, id, ids, join, sql } from '../../lib/sql.ts'
import { comparable, kindOf, typeOf } from '../../lib/types.ts'
import type { PlanContext, RunContext, Sql, Table } from '../../node.ts'
import type { Inputs, Settings } from './settings.ts'

const key = (index: number): Sql => id(`key ${index}`)
const alias = (index: number): Sql => id(`taken ${index}`)
const rank = (index: number): Sql => id(`rank ${index}`)

/** The key expressions of one side, normalised where that was asked for. `prefix` is the table's name and a dot. */
function keys(side: keyof Inputs, inputs: Inputs, { on, normalise }: Settings, prefix = sql``): Sql[] {
  return on.map((pair) => {
    const value = sql`${prefix}${id(pair[side])}`
    const isText = kindOf(typeOf(inputs[side], pair[side])) === 'text'
    return normalise && isText ? sql`nfc_normalize(lower(${filledText(value)}))` : value
  })
}

const complete = (expressions: readonly Sql[]): Sql =>
  join(
    expressions.map((part) => sql`${part} is not null`),
    ' and ',
  )

/** Both outputs. Throws the errors that need no row: keys that cannot be compared, names that clash, an order too many or too few. */
export function compose(inputs: Inputs, settings: Settings, context: PlanContext): { joined: Sql; unmatched: Sql } {
  checkKeys(inputs, settings, context)
  const { left } = inputs
  const names = rightNames(inputs, settings, context)
  const own = left.columns.map(({ name }) => name)
  // Both tables' own order makes the result's: it is the same every time, and what a reader expects.
  const rowNumber = id(freeName('left row', own))
  const agree = join(
    keys('left', inputs, settings, sql`source.`).map((part, index) => sql`${part} = partner.${key(index)}`),
    ' and ',
  )
  const partnerColumns = names.map(({ as }, index) => sql`, partner.${alias(index)} as ${id(as)}`)
  const rows = sql`(select *, row_number() over () as ${rowNumber} from ${left}) as source`
  const partners = sql`(${rightRows(inputs, settings, names)}) as partner`
  return {
    joined: sql`select source.* exclude (${rowNumber})${join(partnerColumns, '')}
      from ${rows} left join ${partners} on ${agree} order by source.${rowNumber}, partner."right row"`,
    unmatched: sql`select source.* exclude (${rowNumber})
      from ${rows} anti join ${partners} on ${agree} order by source.${rowNumber}`,
  }
}

function checkKeys({ left, right }: Inputs, { on, many, order }: Settings, context: PlanContext): void {
  for (const pair of on) {
    const leftType = typeOf(left, pair.left)
    const rightType = typeOf(right, pair.right)
    if (comparable(leftType, rightType)) continue
    const kinds = { leftKind: kindOf(leftType), rightKind: kindOf(rightType) }
    context.fail('notComparable', { ...pair, ...kinds, leftType, rightType, actual: `${leftType} and ${rightType}` })
  }
  if (many === 'first' && order === undefined) context.fail('orderMissing')
  if (many !== 'first' && order !== undefined) context.fail('orderUnused', { actual: many })
}

/** The right columns to take, each with its name in the result. */
function rightNames(
  { left, right }: Inputs,
  { on, columns: selected, suffix }: Settings,
  context: PlanContext,
): { name: string; as: string }[] {
  const own = left.columns.map(({ name }) => name)
  const all = right.columns.map(({ name }) => name).filter((name) => !on.some((pair) => pair.right === name))
  const names = (selected ?? all).map((name) => {
    const clashes = repeatedName([...own, name]) !== undefined
    return { name, as: clashes && suffix !== undefined ? `${name}${suffix}` : name }
  })
  const repeated = repeatedName([...own, ...names.map(({ as }) => as)])
  if (repeated !== undefined) context.fail('nameTaken', { actual: repeated })
  return names
}

/** The right rows that have a key, under names of our own: one per key unless all are wanted. */
function rightRows(inputs: Inputs, settings: Settings, names: readonly { name: string }[]): Sql {
  const keyColumns = keys('right', inputs, settings)
  const order = settings.order ?? []
  const selected = [
    ...keyColumns.map((part, index) => sql`${part} as ${key(index)}`),
    ...names.map(({ name }, index) => sql`${id(name)} as ${alias(index)}`),
    ...order.map(({ by }, index) => sql`${expr(by)} as ${rank(index)}`),
    sql`row_number() over () as "right row"`,
  ]
  const rows = sql`select ${join(selected)} from ${inputs.right} where ${complete(keyColumns)}`
  if (settings.many !== 'first') return rows
  const directions = order.map(({ descending }, index) =>
    descending ? sql`${rank(index)} desc nulls last` : sql`${rank(index)} nulls last`,
  )
  return sql`select * from (${rows}) qualify row_number() over (
    partition by ${ids(keyColumns.map((_, index) => `key ${index}`))} order by ${join([...directions, sql`"right row"`])}) = 1`
}

/** Throws where right rows share a key. Reads the right keys only: a careless join never gets to multiply rows. */
export async function refuseMany(inputs: Inputs, settings: Settings, context: RunContext): Promise<void> {
  const keyColumns = keys('right', inputs, settings)
  const [many] = await context.rows(sql`
    select count(*) as keys, max(n) as most from (
      select count(*) as n from ${inputs.right} where ${complete(keyColumns)} group by ${join(keyColumns)} having count(*) > 1)`)
  if (Number(many?.keys) > 0) context.fail('manyPartners', { actual: Number(many?.keys), most: Number(many?.most) })
}

/** How many right rows no left row has the key of. */
export function countUnused(inputs: Inputs, settings: Settings): Sql {
  const left = keys('left', inputs, settings)
  const right = keys('right', inputs, settings)
  const side = (keyColumns: readonly Sql[], table: Table) =>
    sql`(select ${join(keyColumns.map((part, index) => sql`${part} as ${key(index)}`))} from ${table})`
  const agree = join(
    left.map((_, index) => sql`a.${key(index)} = b.${key(index)}`),
    ' and ',
  )
  return sql`select count(*) from ${side(right, inputs.right)} as a anti join ${side(left, inputs.left)} as b on ${agree}`
}

/** How many left rows have an empty key. */
export const countKeyless = (inputs: Inputs, settings: Settings): Sql =>
  sql`select count(*) from ${inputs.left} where not (${complete(keys('left', inputs, settings))})`
