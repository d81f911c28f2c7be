import type { Item } from '../../client/client.ts'
import { findingsMarkup } from '../../html/findings.ts'
import { type Html, html } from '../../html/html.ts'
import { metricValue } from '../../html/numbers.ts'

export type Step = Item<'listSteps'>

const mostInShort = 3

/** What a step has to say: its metrics, then its notes, its tables and what its figures show. */
export const stepFindings = ({ note, findings = [] }: Step): Html => {
  const metricsFirst = [
    ...findings.filter(({ kind }) => kind === 'metric'),
    ...findings.filter(({ kind }) => kind !== 'metric'),
  ]
  return html`<div class="findings">
${note !== undefined && html`<p>${note}</p>`}
${findingsMarkup(metricsFirst)}
</div>`
}

/** The same behind a line with the step's first metrics; nothing where the step has nothing to say. */
export const foldedFindings = (step: Step, href: string): Html | false => {
  const { findings = [] } = step
  if (findings.length === 0) return false
  const inShort = findings
    .filter((finding) => finding.kind === 'metric')
    .slice(0, mostInShort)
    .map((metric) => `${metric.label}: ${metricValue(metric)}`)
  return html`<details class="folded" data-keep="${step.name}">
<summary><strong><bdi>${step.title}</bdi></strong> <span class="quiet">${inShort.join(' · ')}</span></summary>
${stepFindings(step)}
<p><a href="${href}">Settings and tables of this step</a></p>
</details>`
}
