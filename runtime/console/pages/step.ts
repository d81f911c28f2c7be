import { duration } from '../../html/durations.ts'
import { problemFacts, problemPanel, settingsTable } from '../../html/facts.ts'
import { type Html, html } from '../../html/html.ts'
import { badge, columnList, outputSize, stepState } from '../../html/steps.ts'
import type { Page } from '../page.ts'
import { type Step, stepFindings } from '../parts/step-findings.ts'
import { param, type Routes, runPath, toClient, type Visit } from '../visit.ts'

const outputMarkup = (output: Step['outputs'][number]): Html => html`<div class="panel">
<h3><bdi>${output.name}</bdi></h3>
<p>${output.description}</p>
<p class="quiet">${outputSize(output)}</p>
${columnList(output)}
</div>`

/** One step of a run: what it was given, what it made and what it found. */
async function showStep(visit: Visit): Promise<Page> {
  const { api } = visit
  const params = { client: param(visit, 'client'), run: param(visit, 'run') }
  const run = await api.getRun({ params })
  const step = await api.getStep({ params: { ...params, step: param(visit, 'step') } })
  const body = html`<h1><bdi>${step.title}</bdi> ${badge(stepState(step))}</h1>
<p class="lead">${step.summary}</p>
<p class="quiet"><code>${step.uses}</code>, took ${duration(step.milliseconds)}. ${step.why}</p>
${step.problem && problemPanel('What went wrong', step.status, problemFacts(step.problem))}
${(step.findings.length > 0 || step.note !== undefined) && html`<section class="part"><h2>What it found</h2>${stepFindings(step)}</section>`}
<section class="part"><h2>Settings</h2>${settingsTable(step.settings)}</section>
<section class="part"><h2>Tables it made</h2>
${step.outputs.length > 0 ? step.outputs.map(outputMarkup) : html`<p class="quiet">None.</p>`}
</section>`
  const name = `Run of ${run.flow}, ${run.asOf}`
  return { title: step.title, body, path: [...toClient(run.client), { href: runPath(run.client, run.id), name }] }
}

export const stepRoutes: Routes = { pages: [['/clients/:client/runs/:run/steps/:step', showStep]] }
