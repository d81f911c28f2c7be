import { duration } from '../../html/durations.ts'
import { problemFacts, settingsTable } from '../../html/facts.ts'
import { type FigureBox, findingsMarkup } from '../../html/findings.ts'
import { clip, type Html, html, humanise } from '../../html/html.ts'
import { rowCount } from '../../html/step-rows.ts'
import { badge, columnList, outputSize, stepState } from '../../html/steps.ts'
import type { OutputRecord, RunRecord, StepRecord } from '../record.ts'

/** Links to the steps by their names. */
const stepLink = (run: RunRecord, name: string): Html => {
  const index = run.steps.findIndex((step) => step.name === name)
  const title = run.steps[index]?.title ?? humanise(name)
  return index < 0 ? html`<bdi>${title}</bdi>` : html`<a href="#step-${index + 1}">${title}</a>`
}

/** `Customers (20 000 rows), Orders › rejected (12 rows)`: which steps' tables, and how much; or which file. */
const sources = (step: StepRecord, run: RunRecord): Html | false => {
  const { path } = step.settings
  if (step.from.length === 0)
    return (
      typeof path === 'string' &&
      html`<p class="sources"><span class="label">Reads</span> <code class="path">${path}</code></p>`
    )
  const tables = step.from.map(({ step: name, output }, position) => {
    const outputs = run.steps.find((other) => other.name === name)?.outputs ?? []
    const table = outputs.find((one) => one.name === output)
    return html`${position > 0 && ', '}${stepLink(run, name)}${outputs[0]?.name !== output && outputs.length > 0 && html` › <bdi>${clip(output, 80)}</bdi>`}${table && html` <span class="quiet">(${rowCount(table.rows)})</span>`}`
  })
  return html`<p class="sources"><span class="label">Reads</span> ${tables}</p>`
}

const outputMarkup = (output: OutputRecord): Html => html`<div class="output">
<h5><bdi>${output.name}</bdi></h5>
<p>${output.description}</p>
<p class="quiet">${outputSize(output)}, content <code>${output.hash.slice(0, 12)}</code><br><code class="path">${output.path}</code></p>
${columnList(output)}
</div>`

const attemptList = (
  attempts: NonNullable<StepRecord['attempts']>,
): Html => html`<p>It was tried ${attempts.length + 1} times. What went wrong before:</p>
<ol>${attempts.map(({ milliseconds, problem }) => html`<li>${clip(problem.message, 300)} <span class="quiet">(${problem.code}, after ${duration(milliseconds)})</span></li>\n`)}</ol>`

const details = (step: StepRecord): Html => html`<details>
<summary>Settings, tables and timing</summary>
<div class="details">
<h4>Settings</h4>
${settingsTable(step.settings)}
${step.outputs.length > 0 && html`<h4>Tables</h4>${step.outputs.map(outputMarkup)}`}
<h4>Timing</h4>
<p>${step.cached ? 'Taken from an earlier run' : 'Computed in this run'} in ${duration(step.milliseconds)}. ${step.why}</p>
${step.attempts && attemptList(step.attempts)}
<p class="quiet">Key <code class="path">${clip(step.key, 80)}</code></p>
</div>
</details>`

const notRun = (step: StepRecord): boolean => step.status === 'waiting' || step.status === 'skipped'

/** One step: what it does, what it reads, what it found, and its details folded away. */
export const stepSection = (step: StepRecord, index: number, run: RunRecord, box: FigureBox): Html => {
  const state = stepState(step)
  const head = html`<p class="over">Step ${index + 1} of ${run.steps.length} <code>${clip(step.uses, 80)}</code></p>
<h3 id="step-${index + 1}-title">${step.title}</h3>
<p class="facts">${badge(state)}${!notRun(step) && html` <span class="quiet">${duration(step.milliseconds)}</span>`}</p>
<p class="summary">${step.summary}</p>
${sources(step, run)}`
  return html`<section class="step ${state.look}" id="step-${index + 1}" aria-labelledby="step-${index + 1}-title">
<header>${head}</header>
${step.problem && html`<div class="callout ${state.look}">${problemFacts(step.problem)}</div>`}
${notRun(step) && html`<p class="quiet">Not run. ${step.why}</p>`}
${findingsMarkup(step.findings, box)}
${!notRun(step) && details(step)}
</section>
`
}
