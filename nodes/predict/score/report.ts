import { id, sql } from '../../lib/sql.ts'
import type { ModelContent, RunContext, Table } from '../../node.ts'

/** How the scores are spread, and whether these customers still look like those the model learnt from. */
export async function scoreFindings(
  scored: Table,
  score: string,
  stored: ModelContent,
  context: RunContext,
): Promise<void> {
  const value = id(score)
  const [totals] = await context.rows(sql`select count(*) as n, avg(${value}) as mean from ${scored}`)
  const count = Number(totals?.n)
  context.metric({ name: 'customers', label: 'Customers scored', value: count, unit: 'count' })
  context.metric({
    name: 'mean_score',
    label: 'Mean probability',
    value: count > 0 ? Number(totals?.mean) : null,
    unit: 'share',
  })
  if (count === 0) {
    context.warn('There was no customer to score.')
    return
  }
  const bars = await context.rows(sql`
    select least(floor(${value} * 50), 49) / 50 as lower, count(*) as n from ${scored} group by 1 order by 1`)
  context.figure({
    title: 'How the probabilities are spread',
    description: 'Customers by probability, in steps of two percent.',
    data: [
      {
        type: 'bar',
        x: bars.map((bar) => Number(bar.lower) + 0.01),
        y: bars.map((bar) => Number(bar.n)),
        hovertemplate: 'around %{x:.0%}: %{y} customers<extra></extra>',
      },
    ],
    layout: {
      xaxis: { title: { text: 'Probability' }, tickformat: '.0%' },
      yaxis: { title: { text: 'Customers' } },
      bargap: 0.05,
    },
  })
  await stabilityFinding(scored, score, stored, context)
}

/**
 * The population stability index Σ (now − then) · ln(now / then) over ten classes that were of equal
 * size when the model learnt (Siddiqi 2006, Credit Risk Scorecards, p. 136: above 0.25 a marked shift).
 */
async function stabilityFinding(
  scored: Table,
  score: string,
  stored: ModelContent,
  context: RunContext,
): Promise<void> {
  const limits = Array.isArray(stored.card.deciles)
    ? stored.card.deciles.filter((limit) => typeof limit === 'number')
    : []
  if (limits.length < 9) return
  const distinct = [...new Set(limits)]
  const shares = distinct.map((limit) => limits.filter((one) => one === limit).length / 10)
  const then = [...shares, 1 - shares.reduce((sum, share) => sum + share, 0)]
  let bin = sql`${distinct.length}`
  for (let index = distinct.length - 1; index >= 0; index -= 1)
    bin = sql`case when ${id(score)} <= ${distinct[index] ?? 0}::double then ${index} else ${bin} end`
  const rows = await context.rows(sql`select ${bin} as place, count(*) as n from ${scored} group by 1`)
  const total = rows.reduce((sum, row) => sum + Number(row.n), 0)
  // Half a customer stands for none, whose logarithm would be infinite.
  const now = then.map((_, index) => Math.max(Number(rows.find((row) => row.place === index)?.n ?? 0), 0.5) / total)
  const stability = now.reduce(
    (sum, share, index) => sum + (share - (then[index] ?? 0)) * Math.log(share / (then[index] ?? 1)),
    0,
  )
  context.metric({
    name: 'stability',
    label: 'Stability index',
    value: stability,
    unit: 'number',
    note: 'Below 0.1 as when the model learnt, above 0.25 a marked shift (Siddiqi 2006)',
  })
  if (stability > 0.25)
    context.warn(
      `These customers differ from those the model learnt from (stability index ${stability.toFixed(2)}): train it anew before relying on it.`,
    )
}
