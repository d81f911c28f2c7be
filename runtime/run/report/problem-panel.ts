import { type Html, html } from '../../html/html.ts'
import { problemFacts } from '../../html/problem.ts'
import type { RunRecord } from '../record.ts'

const heading = (run: RunRecord, step: string | undefined): string => {
  const at = step === undefined ? '' : ` at “${run.steps.find(({ name }) => name === step)?.title ?? step}”`
  if (run.status === 'stopped') return `A rule stopped this run${at}`
  return run.status === 'failed' ? `This run failed${at}` : `This run was not finished when the report was written`
}

const finished = (run: RunRecord): Html => {
  const done = run.steps.map((step, index) => ({ step, index })).filter(({ step }) => step.status === 'done')
  if (done.length === 0) return html`<p>No step was finished before.</p>`
  const links = done.map(
    ({ step, index }, position) => html`${position > 0 && ', '}<a href="#step-${index + 1}">${step.title}</a>`,
  )
  return html`<p>${done.length} of ${run.steps.length} steps were finished and are kept: ${links}. A new run continues from them.</p>`
}

/** What kept the run from its end, for the top of the report; nothing for a run that is complete. */
export const problemPanel = (run: RunRecord): Html | false => {
  if (run.status === 'done') return false
  const broken = run.steps.find(({ status }) => status === 'failed' || status === 'stopped')
  const problem = run.problem ?? broken?.problem
  return html`<section class="problem ${run.status}" aria-labelledby="problem-title">
<h2 id="problem-title">${heading(run, problem?.step ?? broken?.name)}</h2>
${problem && problemFacts(problem)}
${finished(run)}
</section>`
}
