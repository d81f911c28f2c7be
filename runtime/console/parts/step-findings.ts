import type { Static } from 'typebox'
import { type Html, html } from '../../run/report/html.ts'
import { metricCards } from '../../run/report/metrics.ts'
import { findingTable } from '../../run/report/tables.ts'
import type { getStep } from '../../server/api/runs.ts'

export type Step = Static<(typeof getStep)['answer']>
type Finding = Step['findings'][number]

const isMetric = (finding: Finding): finding is Extract<Finding, { kind: 'metric' }> => finding.kind === 'metric'

const other = (finding: Finding): Html | false => {
  if (finding.kind === 'note')
    return finding.level === 'warning'
      ? html`<p class="callout warning"><strong>Warning.</strong> ${finding.text}</p>`
      : html`<p class="callout">${finding.text}</p>`
  if (finding.kind === 'table') return findingTable(finding)
  return (
    finding.kind === 'figure' &&
    html`<p class="quiet">Figure in the report: ${finding.title}. ${finding.description}</p>`
  )
}

/** What a step has to say: its metrics, then its notes, tables and what its figures show. */
export const stepFindings = ({ title, note, findings, problem }: Step, level: 2 | 3, href?: string): Html | false => {
  if (findings.length === 0 && problem === undefined) return false
  const metrics = findings.filter(isMetric)
  const name = href === undefined ? html`<bdi>${title}</bdi>` : html`<a href="${href}"><bdi>${title}</bdi></a>`
  return html`<section class="findings">
${level === 2 ? html`<h2>${name}</h2>` : html`<h3>${name}</h3>`}
${note !== undefined && html`<p>${note}</p>`}
${metrics.length > 0 && metricCards(metrics)}
${findings.filter((finding) => !isMetric(finding)).map(other)}
</section>`
}
