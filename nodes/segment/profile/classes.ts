import { columnClass } from '../../lib/column-class.ts'
import { freeName } from '../../lib/names.ts'
import { expr, id, sql } from '../../lib/sql.ts'
import type { Column, RunContext, Sql, Table } from '../../node.ts'

interface ClassRequest {
  readonly group: string
  readonly against?: string
  readonly names: readonly string[]
  readonly bins: number
  readonly maxClasses: number
}

/** One class of a column and how many of each side are in it. */
export interface ClassCount {
  readonly label: string
  readonly group: number
  /** Of the comparison, the group's own members among them where they belong to it. */
  readonly comparison: number
  /** Of the comparison without the group: the other side of the test. */
  readonly others: number
}

export interface Counts {
  readonly group: number
  readonly comparison: number
  readonly others: number
  readonly columns: readonly { readonly name: string; readonly classes: readonly ClassCount[] }[]
}

const isNumber = (column: Column | undefined): boolean => columnClass(column?.type ?? '') === 'number'

/** Counts the classes of every column on both sides. Numbers with many values are cut into classes of equal size. */
export async function countClasses(customers: Table, request: ClassRequest, context: RunContext): Promise<Counts> {
  const against = request.against === undefined ? sql`true` : expr(request.against)
  const marked = await context.store(sql`
    select *, coalesce(${expr(request.group)}, false) as ${inGroup}, coalesce(${against}, false) as ${inComparison}
    from ${customers}`)
  const [sizes] = await context.rows(sql`select ${sides} from ${marked}`)
  const columns: { name: string; classes: ClassCount[] }[] = []
  for (const [index, name] of request.names.entries()) {
    const column = customers.columns.find((candidate) => candidate.name === name)
    columns.push({ name, classes: await countColumn(marked, name, isNumber(column), request, context) })
    context.progress((index + 1) / request.names.length)
  }
  return {
    group: Number(sizes?.in_group),
    comparison: Number(sizes?.in_comparison),
    others: Number(sizes?.others),
    columns,
  }
}

const inGroup = id('in the group')
const inComparison = id('in the comparison')
const sides = sql`count(*) filter (where ${inGroup}) as in_group, count(*) filter (where ${inComparison}) as in_comparison,
  count(*) filter (where ${inComparison} and not ${inGroup}) as others`

async function countColumn(
  marked: Table,
  name: string,
  numeric: boolean,
  { bins, maxClasses }: ClassRequest,
  context: RunContext,
): Promise<ClassCount[]> {
  const value = id(name)
  const relevant = sql`from ${marked} where ${inGroup} or ${inComparison}`
  const [distinct] = await context.rows(sql`select count(distinct ${value}) as n ${relevant}`)
  const cut = numeric && Number(distinct?.n) > maxClasses
  const { label, bin } = cut
    ? await bands(marked, value, bins, context)
    : commonest(value, relevant, numeric, maxClasses)
  const rows = await context.rows(sql`
    with labelled as (select *, ${bin} as place, ${label} as label from ${marked} where ${inGroup} or ${inComparison})
    select label, ${sides} from labelled group by label, place order by place, label`)
  const missing = freeName(
    '(missing)',
    rows.map((row) => String(row.label)),
  )
  return rows.map((row) => ({
    label: row.label === null ? missing : String(row.label),
    group: Number(row.in_group),
    comparison: Number(row.in_comparison),
    others: Number(row.others),
  }))
}

interface Labelling {
  readonly label: Sql
  /** What classes are ordered by. */
  readonly bin: Sql
}

/** Classes of about equal size between quantiles; equal values never part. */
async function bands(marked: Table, value: Sql, bins: number, context: RunContext): Promise<Labelling> {
  const shares = Array.from({ length: bins - 1 }, (_, index) => (index + 1) / bins)
  const limits = new Set<number>()
  for (const share of shares) {
    const [row] = await context.rows(sql`
      select quantile_disc(cast(${value} as double), ${share}::double) as limit
      from ${marked} where ${inGroup} or ${inComparison}`)
    if (typeof row?.limit === 'number') limits.add(row.limit)
  }
  const sorted = [...limits].sort((left, right) => left - right)
  const number = sql`cast(${value} as double)`
  let label = sql`${`over ${words(sorted.at(-1) ?? 0)}`}`
  let bin = sql`${sorted.length}`
  for (let index = sorted.length - 1; index >= 0; index -= 1) {
    const limit = sorted[index] ?? 0
    const text = index === 0 ? `up to ${words(limit)}` : `${words(sorted[index - 1] ?? 0)} – ${words(limit)}`
    label = sql`case when ${number} <= ${limit}::double then ${text} else ${label} end`
    bin = sql`case when ${number} <= ${limit}::double then ${index} else ${bin} end`
  }
  const missing = sorted.length + 1
  return {
    label: sql`case when ${value} is null then null else ${label} end`,
    bin: sql`case when ${value} is null then ${missing} else ${bin} end`,
  }
}

const words = (number: number): string => String(Number(number.toPrecision(6)))

/** The values themselves; those beyond the commonest are one class. */
function commonest(value: Sql, relevant: Sql, numeric: boolean, maxClasses: number): Labelling {
  const text = sql`cast(${value} as varchar)`
  const ranked = sql`(select list(kept.label) from (
    select ${text} as label, count(*) as n ${relevant} and ${value} is not null
    group by 1 order by n desc, label limit ${maxClasses}) as kept)`
  const label = sql`case when ${value} is null then null when list_contains(${ranked}, ${text}) then ${text} else '(other)' end`
  const bin = numeric
    ? sql`coalesce(cast(${value} as double), 'infinity'::double)`
    : sql`case when ${value} is null then 2 when list_contains(${ranked}, ${text}) then 0 else 1 end`
  return { label, bin }
}
