import { flowGraph } from '../../html/graph.ts'
import { type Html, html, humanise } from '../../html/html.ts'
import { day, duration, fixed, moment } from '../../html/numbers.ts'
import { settingsTable } from '../../html/settings.ts'
import { badge, runState, stepState } from '../../html/states.ts'
import { stepRows } from '../../html/step-rows.ts'
import type { RunRecord } from '../record.ts'
import { keyMetricCards } from './metrics.ts'
import { problemPanel } from './problem-panel.ts'

const counted = (count: number, one: string, many: string): string => `${fixed(count)}\u00a0${count === 1 ? one : many}`

const summary = (run: RunRecord): string => {
  const done = run.steps.filter(({ status }) => status === 'done')
  const cached = done.filter((step) => step.cached).length
  const all = fixed(run.steps.length)
  const ran = done.length === run.steps.length ? all : `${fixed(done.length)} of ${all}`
  return `${ran} in ${duration(run.milliseconds)}${cached > 0 ? `, ${fixed(cached)} cached` : ''}`
}

const fact = (name: string, value: Html | string): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`

const warningsOf = (run: RunRecord): readonly { text: string; step: number }[] =>
  run.steps.flatMap(({ findings }, step) =>
    findings.flatMap((finding) =>
      finding.kind === 'note' && finding.level === 'warning' ? [{ text: finding.text, step }] : [],
    ),
  )

const shownWarnings = 8

const warningsPanel = (run: RunRecord): Html | false => {
  const warnings = warningsOf(run)
  if (warnings.length === 0) return false
  const items = warnings.map(
    ({ text, step }) => html`<li><a href="#step-${step + 1}">${run.steps[step]?.title ?? ''}</a> ${text}</li>\n`,
  )
  const more = items.slice(shownWarnings)
  return html`<section class="warnings" aria-labelledby="warnings-title">
<h2 id="warnings-title">${counted(warnings.length, 'warning', 'warnings')}</h2>
<ul>${items.slice(0, shownWarnings)}</ul>
${more.length > 0 && html`<details><summary>${fixed(more.length)} more</summary><ul>${more}</ul></details>`}
</section>`
}

/** The first screen: whose, what, as of when, how it went, what it comes down to, and what to be careful about. */
export const overview = (run: RunRecord, left: number): Html => html`<header class="overview">
<div class="inner">
<p class="client"><bdi>${run.client}</bdi></p>
<h1>${run.title || humanise(run.flow)}</h1>
${run.description && html`<p class="lead">${run.description}</p>`}
<dl class="run-facts">
${fact('Status', badge(runState(run)))}
${fact('As of', html`<time datetime="${run.asOf}">${day(run.asOf)}</time>`)}
${fact('Started', html`<time datetime="${run.startedAt}">${moment(run.startedAt)}</time>`)}
${fact('Steps', summary(run))}
</dl>
<noscript><p class="callout">The figures need JavaScript. Everything else, and a description of each figure, can be read without.</p></noscript>
${left > 0 && html`<p class="callout warning">${counted(left, 'step is', 'steps are')} left out of this report to keep it small; run.json has all of them.</p>`}
${problemPanel(run)}
${keyMetricCards(run)}
${warningsPanel(run)}
</div>
</header>`

/** Links to every part of the report. */
export const contents = (run: RunRecord): Html => {
  const steps = run.steps.map((step, index) => {
    const { word, look } = stepState(step)
    return html`<li class="${look}"><a href="#step-${index + 1}">${step.title}${look !== 'done' && look !== 'cached' && html` <span class="quiet">${word}</span>`}</a></li>\n`
  })
  return html`<nav class="contents" aria-labelledby="contents-title">
<h2 id="contents-title">Contents</h2>
<ul>
<li><a href="#parameters">Parameters</a></li>
<li><a href="#flow">The flow</a></li>
<li><a href="#steps">Steps</a><ol>${steps}</ol></li>
<li><a href="#all-steps">Time and cache</a></li>
<li><a href="#tables">Tables</a></li>
<li><a href="#run">About this run</a></li>
</ul>
</nav>`
}

/** The parameters the run was given, and the flow as a picture. */
export const setup = (run: RunRecord): Html => html`<section class="part" id="parameters">
<h2>Parameters</h2>
<div class="panel">${settingsTable(run.params)}</div>
</section>
<section class="part" id="flow">
<h2>The flow</h2>
${flowGraph({ steps: run.steps.map((step) => ({ ...step, ...stepRows(step.outputs) })) })}
</section>`
