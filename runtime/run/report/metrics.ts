import type { Metric } from '../../../nodes/node.ts'
import { type Html, html } from '../../html/html.ts'
import { metricCard } from '../../html/metrics.ts'
import type { RunRecord } from '../record.ts'

const mostKeyMetrics = 8
const mostOfAStep = 4

export interface KeyMetric {
  readonly metric: Metric
  /** The index of its step. */
  readonly step: number
}

const isKnown = (metric: Metric | undefined): metric is Metric => metric !== undefined && metric.value !== null

/** The metrics that the flow's author chose, where the run has them. */
const highlighted = ({ highlights, steps }: RunRecord): KeyMetric[] =>
  highlights.flatMap(({ step: name, metric: wanted }) => {
    const step = steps.findIndex((candidate) => candidate.name === name)
    const metric = steps[step]?.findings.find((finding) => finding.kind === 'metric' && finding.name === wanted)
    return metric?.kind === 'metric' ? [{ metric, step }] : []
  })

/**
 * What a run comes down to: what its flow highlights, or else at most eight metrics in the flow's order. Authors put a step's most telling metric
 * first, and a flow's last steps hold its results: so the first metric of each step is taken, from the last step
 * to the first, then the second metrics, until eight are found. Of the imports only the first counts, and only
 * with its first metric.
 */
export const keyMetrics = (run: RunRecord): readonly KeyMetric[] => {
  const { steps } = run
  const chosenByAuthor = highlighted(run)
  if (chosenByAuthor.length > 0) return chosenByAuthor
  const imports = steps.flatMap(({ uses }, index) => (uses.startsWith('import/') ? [index] : []))
  const known = steps.map(({ findings }, index) => {
    const metrics = findings.filter((finding) => finding.kind === 'metric').filter(isKnown)
    return imports.includes(index) ? metrics.slice(0, index === imports[0] ? 1 : 0) : metrics
  })
  const chosen: (KeyMetric & { rank: number })[] = []
  for (let rank = 0; rank < mostOfAStep; rank += 1) {
    for (const step of steps.keys().toArray().reverse()) {
      const metric = known[step]?.[rank]
      if (metric && chosen.length < mostKeyMetrics) chosen.push({ metric, step, rank })
    }
  }
  return chosen.sort((one, other) => one.step - other.step || one.rank - other.rank)
}

export const keyMetricCards = (run: RunRecord): Html | false => {
  const chosen = keyMetrics(run)
  if (chosen.length === 0) return false
  const cards = chosen.map(({ metric, step }) =>
    metricCard(metric, html`<a href="#step-${step + 1}">${run.steps[step]?.title ?? ''}</a>`),
  )
  return html`<dl class="metrics key">${cards}</dl>`
}
