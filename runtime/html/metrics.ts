import type { Metric } from '../../nodes/node.ts'
import { type Html, html } from './html.ts'
import { exactP, interval, metricValue } from './numbers.ts'

/** One figure with its name, its interval and what it rests on. */
export const metricCard = (metric: Metric, over?: Html): Html => {
  const exact = exactP(metric)
  return html`<div class="metric">
<dt>${metric.label}</dt>
${over && html`<dd class="over">${over}</dd>`}
<dd class="value">${metricValue(metric)}${metric.value === null && html`<span class="said"> not available</span>`}</dd>
${metric.interval && html`<dd class="aside">${interval(metric.interval, metric)}</dd>`}
${exact && html`<dd class="aside">${exact}</dd>`}
${metric.note && html`<dd class="aside">${metric.note}</dd>`}
</div>`
}

export const metricCards = (metrics: readonly Metric[]): Html =>
  html`<dl class="metrics">${metrics.map((metric) => metricCard(metric))}</dl>`
