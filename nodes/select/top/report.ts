import { expr, sql } from '../../lib/sql.ts'
import type { Row, RunContext, Table } from '../../node.ts'

interface Settings {
  readonly by: string
  readonly limit: number
  readonly label: string
}

/** How many there are, how much the list holds, and how fast that falls from one customer to the next. */
export async function report(list: Table, customers: Table, settings: Settings, context: RunContext): Promise<void> {
  const { by, label } = settings
  const number = sql`cast(${expr(by)} as double)`
  const [all] = await context.rows(sql`
    select count(*) as n, count(*) filter (isfinite(${number})) as candidates,
      coalesce(sum(${number}) filter (isfinite(${number}) and ${number} > 0), 0) as total
    from ${customers}`)
  const [held] = await context.rows(sql`
    select count(*) as n, coalesce(sum(${number}) filter (${number} > 0), 0) as total, min(${number}) as last,
      count(*) filter (${number} <= 0) as worthless
    from ${list}`)
  const candidates = Number(all?.candidates)
  const total = Number(all?.total)
  const share = total > 0 ? Number(held?.total) / total : null
  context.metric({ name: 'ranked', label: 'On the list', value: Number(held?.n), unit: 'count' })
  context.metric({ name: 'candidates', label: 'Could be ranked', value: candidates, unit: 'count' })
  context.metric({ name: 'share', label: `Share of all ${label.toLowerCase()}`, value: share, unit: 'share' })
  const left = Number(all?.n) - candidates
  if (left > 0) context.note(`${left} customers have no ${label.toLowerCase()} and were not ranked.`)
  if (candidates === 0) return context.warn('There is no customer to rank.')
  if (Number(held?.worthless) > 0)
    context.warn(
      `${held?.worthless} customers on the list are at 0 or below. A shorter list (limit) would leave them out.`,
    )
  if (total > 0) curve(await points(customers, settings, candidates, context), total, Number(held?.n), label, context)
}

/** The cumulative value after every hundredth of the customers, from the highest down. */
const points = (customers: Table, { by }: Settings, candidates: number, context: RunContext): Promise<Row[]> => {
  const number = sql`cast(${expr(by)} as double)`
  const step = Math.max(1, Math.ceil(candidates / 100))
  return context.rows(sql`
    with running as (
      select row_number() over best as place,
        sum(greatest(${number}, 0)) over (best rows unbounded preceding) as so_far
      from ${customers} where isfinite(${number}) window best as (order by ${number} desc))
    select place, so_far from running where place % ${step} = 0 or place = 1 or place = ${candidates} order by place`)
}

function curve(rows: readonly Row[], total: number, length: number, label: string, context: RunContext): void {
  context.figure({
    title: `How much of all ${label.toLowerCase()} the first customers hold`,
    description: `The cumulative share of ${label.toLowerCase()} from the highest customer down; the dotted line is the end of the list, at ${length} customers.`,
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: label,
        x: [0, ...rows.map((row) => Number(row.place))],
        y: [0, ...rows.map(({ so_far }) => Number(so_far) / total)],
        hovertemplate: 'first %{x} customers: %{y:.1%}<extra></extra>',
      },
      {
        type: 'scatter',
        mode: 'lines',
        x: [length, length],
        y: [0, 1],
        line: { dash: 'dot', color: '#9aa5b1' },
        hoverinfo: 'skip',
        showlegend: false,
      },
    ],
    layout: {
      xaxis: { title: { text: 'Customers, the highest first' } },
      yaxis: { title: { text: `Share of all ${label.toLowerCase()}` }, range: [0, 1.02], tickformat: '.0%' },
      showlegend: false,
    },
  })
}
