import type { MeanGroup, ProportionGroup } from '../../lib/comparison.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { Row, RunContext, Table } from '../../node.ts'
import { givenMeasures, type Settings } from './settings.ts'

/** What one group of one class did. */
export interface Sums {
  readonly n: number
  readonly response: ProportionGroup
  readonly retention: ProportionGroup
  readonly value: MeanGroup
  /** What was spent on its customers. */
  readonly cost: number
}

/** One class of a segment, or the whole campaign. */
export interface Section {
  /** Whether it is the whole campaign. */
  readonly isWhole: boolean
  /** A column, or `all`. */
  readonly segment: string
  readonly class: string
  readonly treated: Sums
  readonly control: Sums
}

const whole = 'all'

/** A decimal number of SQL as a whole number of its last place. */
const places = (text: unknown): bigint => BigInt(String(text ?? '0').replace('.', ''))

/**
 * Mean and variance from the sums of values (four decimals) and of their squares (eight), in whole numbers: exact, so
 * that neither the order of rows nor values that are large against their differences change a digit.
 */
export const momentsOf = (n: number, sum: bigint, squares: bigint): MeanGroup => {
  if (n === 0) return { n, mean: 0, variance: 0 }
  const spread = BigInt(n) * squares - sum * sum
  return { n, mean: Number(sum) / 1e4 / n, variance: n < 2 ? 0 : Number(spread) / 1e8 / n / (n - 1) }
}

const sumsOf = (row: Row | undefined): Sums => {
  const n = Number(row?.n ?? 0)
  return {
    n,
    response: { n, cases: Number(row?.response ?? 0) },
    retention: { n, cases: Number(row?.retention ?? 0) },
    value: momentsOf(n, places(row?.value ?? '0.0000'), places(row?.squares ?? '0.00000000')),
    cost: Number(row?.cost ?? 0),
  }
}

const sectionsOf = (segment: string, rows: readonly Row[], isWhole = false): Section[] => {
  const classes = [...new Set(rows.map((row) => String(row.class)))]
  return classes.map((name) => {
    const of = (treated: boolean) => sumsOf(rows.find((row) => row.class === name && row.treated === treated))
    return { isWhole, segment, class: name, treated: of(true), control: of(false) }
  })
}

/** The sums of the whole campaign first, then of each class of each segment, classes in the order of their names. */
export const aggregate = async (subjects: Table, settings: Settings, context: RunContext): Promise<Section[]> => {
  const measures = givenMeasures(settings)
  const decimal = sql`cast(value as decimal(18, 4))`
  const sums = measures.map((measure) =>
    measure === 'value'
      ? sql`cast(sum(${decimal}) as varchar) as value, cast(sum(${decimal} * ${decimal}) as varchar) as squares`
      : sql`cast(sum(${id(measure)}) as bigint) as ${id(measure)}`,
  )
  const query = (classOf: ReturnType<typeof sql>) => sql`
    select class, treated, count(*) as n, cast(sum(cast(cost as decimal(18, 4))) as double) as cost, ${join(sums)}
    from (select *, ${classOf} as class from ${subjects}) group by class, treated order by class, treated`
  const sections = sectionsOf(whole, await context.rows(query(sql`${whole}`)), true)
  for (const [index, segment] of settings.segments.entries())
    sections.push(...sectionsOf(segment, await context.rows(query(sql`coalesce(${id(`s${index}`)}, 'no value')`))))
  return sections
}
