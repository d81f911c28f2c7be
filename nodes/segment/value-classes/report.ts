import { exactColumn } from '../../lib/amounts.ts'
import { id, sql } from '../../lib/sql.ts'
import type { Row, RunContext, Table } from '../../node.ts'
import { classLimits, type Settings } from './query.ts'

/** Says what each class brings and draws the curve of cumulative value. */
export async function report(customers: Table, settings: Settings, context: RunContext): Promise<void> {
  const value = exactColumn(customers, settings.value)
  const [totals] = await context.rows(sql`
    select count(*) as n, cast(coalesce(sum(${value}) filter (${value} > 0), 0) as double) as total,
      count(*) filter (${value} is null) as empty, count(*) filter (${value} = 0) as zero,
      count(*) filter (${value} < 0) as negative
    from ${customers}`)
  const count = Number(totals?.n)
  const total = Number(totals?.total)
  const without = ['empty', 'zero', 'negative'].map((kind) => `${totals?.[kind]} ${kind}`)
  const valueless = Number(totals?.empty) + Number(totals?.zero) + Number(totals?.negative)
  const classes = await sumClasses(customers, settings, context)
  const [first] = classLimits(settings)
  const best = classes.find((row) => row.class === first?.name)
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole)
  const top = total === 0 ? null : await topShare(customers, count, settings.top, context)
  context.metric({ name: 'customers', label: 'Customers', value: count, unit: 'count' })
  context.metric({
    name: 'top_share',
    label: `Share of value of the best ${Math.round(settings.top * 1000) / 10} %`,
    value: top,
    unit: 'share',
  })
  context.metric({
    name: 'first_class_customers',
    label: `Share of customers in class ${first?.name}`,
    value: share(Number(best?.n ?? 0), count),
    unit: 'share',
  })
  context.metric({
    name: 'first_class_value',
    label: `Share of value in class ${first?.name}`,
    value: share(Number(best?.positive ?? 0), total),
    unit: 'share',
  })
  context.metric({ name: 'without_value', label: 'Customers without value', value: valueless, unit: 'count' })
  if (valueless > 0)
    context.note(
      `Customers without a positive ${settings.value}: ${valueless} (${without.join(', ')}). They are in the last class, and shares are of the positive values.`,
    )
  if (count === 0) return context.warn('There is no customer to sort into classes.')
  if (total === 0) return context.warn(`No customer has a positive ${settings.value}: all are in the last class.`)
  showClasses(classes, count, total, settings, context)
  await showCurve(customers, count, settings, context)
}

const sumClasses = (customers: Table, { value }: Settings, context: RunContext): Promise<Row[]> => {
  const exact = exactColumn(customers, value)
  return context.rows(sql`
    select value_class as class, count(*) as n, cast(sum(${exact}) as double) as value,
      cast(coalesce(sum(${exact}) filter (${exact} > 0), 0) as double) as positive,
      cast(min(${id(value)}) as double) as least, cast(max(${id(value)}) as double) as most
    from ${customers} group by 1`)
}

/**
 * The share of value of the best `top` of customers: the Lorenz curve read at that point, straight between customers
 * (Gastwirth 1972, “The Estimation of the Lorenz Curve and Gini Index”, Review of Economics and Statistics 54(3),
 * 306–316), so that a fifth of seven customers is the first and four tenths of the second.
 */
async function topShare(customers: Table, count: number, top: number, context: RunContext): Promise<number> {
  const best = top * count
  const whole = Math.floor(best)
  const shareUpTo = (rank: number) => sql`coalesce(max(cumulative_share) filter (value_rank <= ${rank}), 0)`
  const [row] = await context.rows(
    sql`select ${shareUpTo(whole)} as below, ${shareUpTo(whole + 1)} as above from ${customers}`,
  )
  const below = Number(row?.below)
  return below + (best - whole) * (Number(row?.above) - below)
}

function showClasses(
  classes: readonly Row[],
  count: number,
  total: number,
  settings: Settings,
  context: RunContext,
): void {
  const rows = classLimits(settings).map(({ name, limit }) => {
    const row = classes.find((one) => one.class === name)
    const size = Number(row?.n ?? 0)
    const value = Number(row?.value ?? 0)
    const share = Number(row?.positive ?? 0) / total
    return [
      name,
      limit,
      size,
      size / count,
      value,
      share,
      size === 0 ? null : value / size,
      row?.least ?? null,
      row?.most ?? null,
    ]
  })
  context.table({
    title: 'Value by class',
    columns: ['class', 'up to', 'customers', 'share', 'value', 'share of value', 'mean', 'least', 'most'],
    rows,
  })
}

const points = 100

async function showCurve(customers: Table, count: number, settings: Settings, context: RunContext): Promise<void> {
  const step = Math.ceil(count / points)
  const curve = await context.rows(sql`
    select value_rank / ${count}::double as customers, cumulative_share as value
    from ${customers} where value_rank % ${step} = 0 or value_rank = ${count} order by value_rank`)
  context.figure({
    title: 'Share of value by share of customers',
    description: `How much of all ${settings.value} the best customers bring, from the best to the last; the straight line is what it would be if all were alike.`,
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'customers',
        x: [0, ...curve.map((row) => row.customers)],
        y: [0, ...curve.map((row) => row.value)],
        hovertemplate: 'best %{x:.0%} of customers: %{y:.1%} of value<extra></extra>',
      },
      {
        type: 'scatter',
        mode: 'lines',
        name: 'all alike',
        x: [0, 1],
        y: [0, 1],
        line: { dash: 'dot' },
        hoverinfo: 'skip',
      },
    ],
    layout: {
      xaxis: { title: { text: 'Share of customers, the best first' }, tickformat: '.0%', range: [0, 1] },
      yaxis: { title: { text: 'Share of value' }, tickformat: '.0%', range: [0, 1.02] },
    },
  })
}
