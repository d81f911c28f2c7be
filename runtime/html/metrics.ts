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

/** A metric and where it was found: the index of its step or cell. */
export interface KeyMetric {
  readonly metric: Metric
  readonly source: number
}

/**
 * What a run or a notebook comes down to where its author does not say: at most `most` metrics with a value, in
 * the order of their steps or cells. Authors put the most telling metric first, and results come last:
 * so the first metric of each source is taken, from the last source to the first, then the second metrics, and so on.
 */
export const keyMetrics = (
  sources: readonly (readonly Metric[])[],
  { most, ofEach, labelsOnce = false }: { most: number; ofEach?: number; labelsOnce?: boolean },
): KeyMetric[] =>
  sources
    .flatMap((metrics, source) =>
      metrics
        .filter(({ value }) => value !== null)
        .slice(0, ofEach)
        .map((metric, rank) => ({ metric, source, rank })),
    )
    .toSorted((one, other) => one.rank - other.rank || other.source - one.source)
    .filter(
      ({ metric }, index, all) =>
        !labelsOnce || all.findIndex((other) => other.metric.label === metric.label) === index,
    )
    .slice(0, most)
    .sort((one, other) => one.source - other.source || one.rank - other.rank)
