import type { Metric } from '../../../nodes/node.ts'
import { type Html, html } from '../../html/html.ts'
import { fixed, interval, metricValue } from '../../html/numbers.ts'
import { scrollTable } from '../../html/tables.ts'
import type { Pair } from './changes.ts'

const signed = (text: string, difference: number): string => (difference > 0 ? `+${text}` : text)

/** A difference with as many decimals as the value it led to. */
const moveIn = (difference: number, after: number, { unit, currency }: Pick<Metric, 'unit' | 'currency'>): string => {
  if (unit !== undefined && unit !== 'number' && unit !== 'score' && unit !== 'p')
    return metricValue({ value: difference, unit, currency })
  const decimals = /\.(\d+)/.exec(metricValue({ value: after, unit: unit === 'p' ? 'number' : unit }))?.[1]?.length ?? 0
  return fixed(difference, Math.min(4, decimals))
}

/** How much a metric moved: in points for shares, and in per cent of the first run for amounts. */
export const movement = ({ a, b }: Pair<Metric>): string => {
  const [before, after] = [a?.value, b?.value]
  if (typeof before !== 'number' || typeof after !== 'number') return ''
  const difference = after - before
  if (difference === 0) return 'the same'
  const unit = b?.unit
  if (unit === 'share')
    return signed(metricValue({ value: difference, unit: 'share' }).replace('%', 'points'), difference)
  const moved = signed(moveIn(difference, after, b ?? {}), difference)
  const relative = before === 0 || unit === 'p' || unit === 'score' ? undefined : difference / Math.abs(before)
  return relative === undefined
    ? moved
    : `${moved} (${signed(metricValue({ value: relative, unit: 'share' }), difference)})`
}

const cell = (metric: Metric | undefined): Html =>
  html`<td class="number">${metric ? metricValue(metric) : html`<span class="none">–</span>`}${metric?.interval && html`<br><small class="quiet">${interval(metric.interval, metric)}</small>`}</td>`

/** All metrics of both runs, side by side. */
export const metricsTable = (pairs: readonly Pair<Metric>[]): Html =>
  scrollTable(
    'Metrics of both runs',
    [{ name: 'Metric' }, { name: 'A', number: true }, { name: 'B', number: true }, { name: 'Change', number: true }],
    pairs.map((pair) => {
      const said = movement(pair)
      const only = pair.a === undefined ? 'only in B' : pair.b === undefined ? 'only in A' : said
      return html`<tr${said !== 'the same' && html` class="changed"`}><td class="long">${pair.b?.label ?? pair.a?.label}</td>${cell(pair.a)}${cell(pair.b)}<td class="number">${only}</td></tr>\n`
    }),
    'whole',
  )
