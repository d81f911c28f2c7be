import type { Static } from 'typebox'
import { type Html, html } from '../../html/html.ts'
import { metricCards } from '../../html/metrics.ts'
import { metricValue } from '../../html/numbers.ts'
import { findingTable } from '../../html/tables.ts'
import type { listSteps } from '../../server/api/runs.ts'

export type Step = Static<(typeof listSteps)['answer']['properties']['items']['items']>
type Finding = NonNullable<Step['findings']>[number]
type Metric = Extract<Finding, { kind: 'metric' }>

const isMetric = (finding: Finding): finding is Metric => finding.kind === 'metric'

const other = (finding: Finding): Html | false => {
  if (finding.kind === 'note')
    return finding.level === 'warning'
      ? html`<p class="callout warning"><strong>Warning.</strong> ${finding.text}</p>`
      : html`<p class="callout">${finding.text}</p>`
  if (finding.kind === 'table') return findingTable(finding)
  return (
    finding.kind === 'figure' &&
    html`<p class="quiet">A figure of the report: ${finding.title}. ${finding.description}</p>`
  )
}

/** What a step has to say: its metrics, then its notes, its tables and what its figures show. */
export const stepFindings = ({ note, findings = [] }: Step): Html => {
  const metrics = findings.filter(isMetric)
  return html`<div class="findings">
${note !== undefined && html`<p>${note}</p>`}
${metrics.length > 0 && metricCards(metrics)}
${findings.filter((finding) => !isMetric(finding)).map(other)}
</div>`
}

const mostInShort = 3

/** The same behind a line with the step's first metrics; nothing where the step has nothing to say. */
export const foldedFindings = (step: Step, href: string): Html | false => {
  const { findings = [] } = step
  if (findings.length === 0) return false
  const inShort = findings
    .filter(isMetric)
    .slice(0, mostInShort)
    .map((metric) => `${metric.label}: ${metricValue(metric)}`)
  return html`<details class="folded" data-keep="${step.name}">
<summary><strong><bdi>${step.title}</bdi></strong> <span class="quiet">${inShort.join(' · ')}</span></summary>
${stepFindings(step)}
<p><a href="${href}">Settings and tables of this step</a></p>
</details>`
}

const warningsOf = (step: Step, href: string): Html[] =>
  (step.findings ?? []).flatMap((finding) =>
    finding.kind === 'note' && finding.level === 'warning'
      ? [html`<li><a href="${href}"><bdi>${step.title}</bdi></a> ${finding.text}</li>\n`]
      : [],
  )

/** What to be careful about, of all steps. */
export const warningPanel = (steps: readonly Step[], hrefOf: (step: Step) => string): Html | false => {
  const items = steps.flatMap((step) => warningsOf(step, hrefOf(step)))
  if (items.length === 0) return false
  return html`<section class="warnings" aria-labelledby="warnings-title">
<h2 id="warnings-title">${items.length === 1 ? 'One warning' : `${items.length} warnings`}</h2>
<ul>${items}</ul>
</section>`
}
