import { duration } from '../../html/durations.ts'
import { factList, problemFacts, problemPanel, timeOf } from '../../html/facts.ts'
import { warningsPanel } from '../../html/findings.ts'
import { type Html, html, humanise } from '../../html/html.ts'
import { counted, day, fixed } from '../../html/numbers.ts'
import { badge, runStates, type State, stepState } from '../../html/steps.ts'
import type { RunRecord } from '../record.ts'
import { keyMetricCards } from './metrics.ts'

const summary = (run: RunRecord): string => {
  const done = run.steps.filter(({ status }) => status === 'done')
  const cached = done.filter((step) => step.cached).length
  const all = fixed(run.steps.length)
  const ran = done.length === run.steps.length ? all : `${fixed(done.length)} of ${all}`
  return `${ran} in ${duration(run.milliseconds)}${cached > 0 ? `, ${fixed(cached)} cached` : ''}`
}

/** A report is a still: who reads it later does not see a run running. */
const stateOf = ({ status }: RunRecord): State =>
  status === 'running' ? { word: 'Not finished', look: 'idle' } : runStates[status]

const problemHeading = (run: RunRecord, step: string | undefined): string => {
  const at = step === undefined ? '' : ` at “${run.steps.find(({ name }) => name === step)?.title ?? step}”`
  if (run.status === 'stopped') return `A rule stopped this run${at}`
  return run.status === 'failed' ? `This run failed${at}` : `This run was not finished when the report was written`
}

const finishedSteps = (run: RunRecord): Html => {
  const done = run.steps.map((step, index) => ({ step, index })).filter(({ step }) => step.status === 'done')
  if (done.length === 0) return html`<p>No step was finished before.</p>`
  const links = done.map(
    ({ step, index }, position) => html`${position > 0 && ', '}<a href="#step-${index + 1}">${step.title}</a>`,
  )
  return html`<p>${done.length} of ${run.steps.length} steps were finished and are kept: ${links}. A new run continues from them.</p>`
}

/** What kept the run from its end; nothing for a run that is complete. */
const problemOf = (run: RunRecord): Html | false => {
  if (run.status === 'done') return false
  const broken = run.steps.find(({ status }) => status === 'failed' || status === 'stopped')
  const problem = run.problem ?? broken?.problem
  const content = html`${problem && problemFacts(problem)}
${finishedSteps(run)}`
  return problemPanel(problemHeading(run, problem?.step ?? broken?.name), run.status, content)
}

/** The first screen: whose, what, as of when, how it went, what it comes down to, and what to be careful about. */
export const overview = (run: RunRecord, left: number): Html => html`<p class="client"><bdi>${run.client}</bdi></p>
<h1>${run.title || humanise(run.flow)}</h1>
${run.description && html`<p class="lead">${run.description}</p>`}
${factList([
  ['Status', badge(stateOf(run))],
  ['As of', html`<time datetime="${run.asOf}">${day(run.asOf)}</time>`],
  ['Started', timeOf(run.startedAt)],
  ['Steps', summary(run)],
])}
<noscript><p class="callout">The figures need JavaScript. Everything else, and a description of each figure, can be read without.</p></noscript>
${left > 0 && html`<p class="callout warning">${counted(left, 'step is', 'steps are')} left out of this report to keep it small; run.json has all of them.</p>`}
${problemOf(run)}
${keyMetricCards(run)}
${warningsPanel(run.steps, (_, index) => `#step-${index + 1}`)}`

/** Links to every part of the report. */
export const contents = (run: RunRecord): Html => {
  const steps = run.steps.map((step, index) => {
    const { word, look } = stepState(step)
    return html`<li class="${look}"><a href="#step-${index + 1}">${step.title}${look !== 'done' && look !== 'cached' && html` <span class="quiet">${word}</span>`}</a></li>\n`
  })
  return html`<li><a href="#parameters">Parameters</a></li>
<li><a href="#flow">The flow</a></li>
<li><a href="#steps">Steps</a><ol>${steps}</ol></li>
<li><a href="#all-steps">Time and cache</a></li>
<li><a href="#tables">Tables</a></li>
<li><a href="#run">About this run</a></li>`
}
