import { id, join, sql } from '../../lib/sql.ts'
import { typeOf } from '../../lib/types.ts'
import type { RunContext, Table } from '../../node.ts'

/** Shows each new column with how it is computed, its type and how many rows it is empty in; warns of one that is empty everywhere. */
export async function reportColumns(
  result: Table,
  derived: Readonly<Record<string, string>>,
  rows: number,
  context: RunContext,
): Promise<void> {
  const names = Object.keys(derived)
  if (names.length === 0) return
  const counts = names.map((name, index) => sql`count(*) filter (${id(name)} is null) as ${id(`empty ${index}`)}`)
  const [empty] = await context.rows(sql`select ${join(counts)} from ${result}`)
  const shares = names.map((_, index) => Number(empty?.[`empty ${index}`]) / rows)
  const type = (name: string) => typeOf(result, name)
  context.table({
    title: 'New columns',
    columns: ['column', 'expression', 'type', 'share empty'],
    rows: names.map((name, index) => [name, derived[name] ?? '', type(name), shares[index] ?? 0]),
  })
  const barren = names.filter((_, index) => shares[index] === 1)
  if (barren.length > 0)
    context.warn(`${barren.join(', ')}: empty in every row. Does the expression compute what was meant?`)
}
