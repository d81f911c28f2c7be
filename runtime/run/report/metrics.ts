import { type Html, html } from '../../html/html.ts'
import { type KeyMetric, metricCard, keyMetrics as metricsThatTellMost } from '../../html/metrics.ts'
import type { RunRecord } from '../record.ts'

/** The metrics that the flow's author chose, where the run has them. */
const highlighted = ({ highlights, steps }: RunRecord): KeyMetric[] =>
  highlights.flatMap((highlight) => {
    const source = steps.findIndex(({ name }) => name === highlight.step)
    const metric = steps[source]?.findings.find(
      (finding) => finding.kind === 'metric' && finding.name === highlight.metric,
    )
    return metric?.kind === 'metric' ? [{ metric, source }] : []
  })

/**
 * What a run comes down to: what its flow highlights, or else at most eight metrics. Of the imports only the first
 * counts, and only with its first metric.
 */
export const keyMetrics = (run: RunRecord): readonly KeyMetric[] => {
  const chosenByAuthor = highlighted(run)
  if (chosenByAuthor.length > 0) return chosenByAuthor
  const isImport = ({ uses }: RunRecord['steps'][number]) => uses.startsWith('import/')
  const firstImport = run.steps.findIndex(isImport)
  const sources = run.steps.map((step, index) => {
    const metrics = step.findings.filter((finding) => finding.kind === 'metric').filter(({ value }) => value !== null)
    return isImport(step) ? metrics.slice(0, index === firstImport ? 1 : 0) : metrics
  })
  return metricsThatTellMost(sources, { most: 8, ofEach: 4 })
}

export const keyMetricCards = (run: RunRecord): Html | false => {
  const chosen = keyMetrics(run)
  if (chosen.length === 0) return false
  const cards = chosen.map(({ metric, source }) =>
    metricCard(metric, html`<a href="#step-${source + 1}">${run.steps[source]?.title ?? ''}</a>`),
  )
  return html`<dl class="metrics key">${cards}</dl>`
}
