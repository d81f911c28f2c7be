import { columnClass } from '../../lib/column-class.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'
import type { Settings } from './settings.ts'

const most = 10
/** Above this a difference is taken to matter. Austin 2009, section 5.1. */
const threshold = 0.1

interface Balance {
  readonly column: string
  readonly treated: number | null
  readonly control: number | null
  readonly difference: number | null
}

const number = (value: unknown): number | null => (typeof value === 'number' ? Number(value.toPrecision(6)) : null)

/**
 * The standardised difference of two means, (m₁ − m₂) / √((s₁² + s₂²) / 2): Austin 2009, "Balance diagnostics for
 * comparing the distribution of baseline covariates between treatment groups in propensity-score matched samples",
 * Statistics in Medicine 28, pp. 3083–3107. Null where it cannot be computed.
 */
export const standardisedDifference = (
  [m1, v1]: readonly [number | null, number | null],
  [m2, v2]: readonly [number | null, number | null],
): number | null => {
  if (m1 === null || m2 === null || v1 === null || v2 === null) return null
  const spread = Math.sqrt((v1 + v2) / 2)
  if (spread > 0) return (m1 - m2) / spread
  return m1 === m2 ? 0 : null
}

const comparedColumns = (assigned: Table, { customer, balance }: Settings): readonly string[] =>
  balance ??
  assigned.columns
    .filter(({ name, type }) => name !== customer && columnClass(type) === 'number')
    .map(({ name }) => name)

const balanceOf = async (assigned: Table, columns: readonly string[], context: RunContext): Promise<Balance[]> => {
  const statistics = columns.flatMap((column, index) =>
    ['treated', 'control'].flatMap((group) => {
      const value = sql`cast(${id(column)} as double)`
      // Squares beyond this have no place in a double.
      const counted = sql`filter (campaign_group = ${group} and abs(${value}) <= 1e100)`
      const name = `${group}_${index}`
      return [
        sql`avg(${value}) ${counted} as ${id(`m_${name}`)}`,
        sql`var_samp(${value}) ${counted} as ${id(`v_${name}`)}`,
      ]
    }),
  )
  const [row] = await context.rows(sql`select ${join(statistics)} from ${assigned}`)
  const pair = (name: string) => [number(row?.[`m_${name}`]), number(row?.[`v_${name}`])] as const
  return columns.map((column, index) => {
    const [treated, control] = [pair(`treated_${index}`), pair(`control_${index}`)]
    return {
      column,
      treated: treated[0],
      control: control[0],
      difference: number(standardisedDifference(treated, control)),
    }
  })
}

/** Compares the groups' means, as a table and a figure, and warns of columns in which the groups differ by more
 * than matters (Austin 2009) and than chance makes of 95 of 100 columns. */
export const reportBalance = async (
  assigned: Table,
  sizes: { readonly treated: number; readonly control: number },
  settings: Settings,
  context: RunContext,
): Promise<void> => {
  const columns = comparedColumns(assigned, settings)
  if (columns.length === 0 || sizes.treated < 2 || sizes.control < 2) return
  const balances = await balanceOf(assigned, columns.slice(0, most), context)
  // The differences of a random split have this standard deviation whatever the column.
  const chance = 1.96 * Math.sqrt(1 / sizes.treated + 1 / sizes.control)
  context.table({
    title: 'Treated and control before the campaign',
    columns: ['Column', 'Treated mean', 'Control mean', 'Standardised difference'],
    rows: balances.map(({ column, treated, control, difference }) => [column, treated, control, difference]),
    note: `Differences in standard deviations (Austin 2009). In groups of these sizes chance alone makes 95 % of them smaller than ${chance.toFixed(3)}.${
      columns.length > most ? ` The first ${most} of ${columns.length} numeric columns.` : ''
    }`,
  })
  const comparable = balances.filter(({ difference }) => difference !== null)
  if (comparable.length > 0)
    context.figure({
      title: 'Balance of treated and control',
      description: `Standardised differences of the means: ${comparable.map(({ column, difference }) => `${column} ${difference?.toFixed(3)}`).join(', ')}. Beyond ±${threshold} they matter.`,
      data: [
        {
          type: 'scatter',
          mode: 'markers',
          x: comparable.map(({ difference }) => difference),
          y: comparable.map(({ column }) => column),
          hovertemplate: '%{y}: %{x:.3f}<extra></extra>',
          marker: { size: 9 },
          showlegend: false,
        },
      ],
      layout: {
        height: 140 + 30 * comparable.length,
        xaxis: { title: { text: 'Standardised difference' }, zeroline: true },
        yaxis: { title: { text: '' }, autorange: 'reversed' },
        shapes: [-threshold, threshold].map((x) => ({
          type: 'line',
          x0: x,
          x1: x,
          yref: 'paper',
          y0: 0,
          y1: 1,
          line: { dash: 'dot', width: 1 },
        })),
      },
    })
  // In small groups chance alone goes beyond what matters: a warning of every such column would soon be read by nobody.
  const limit = Math.max(threshold, chance)
  const uneven = balances.filter(({ difference }) => Math.abs(difference ?? 0) > limit)
  if (uneven.length > 0)
    context.warn(
      `Treated and control differ by more than ${limit.toFixed(2)} standard deviations in ${uneven
        .map(({ column, difference }) => `${column} (${difference?.toFixed(2)})`)
        .join(', ')}, which is more than matters and more than chance usually makes in groups of these sizes.`,
    )
}
