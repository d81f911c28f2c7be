import { type Html, html } from '../../html/html.ts'
import { bytes, duration } from '../../html/numbers.ts'
import { problemFacts } from '../../html/problem.ts'
import { settingsTable } from '../../html/settings.ts'
import { badge, stepState } from '../../html/states.ts'
import { rowCount } from '../../html/step-rows.ts'
import { getRun, getStep } from '../../server/api/runs.ts'
import type { Page } from '../page.ts'
import { type Step, stepFindings } from '../parts/step-findings.ts'
import { runPath } from '../paths.ts'
import { param, type Visit } from '../visit.ts'
import { toClient } from './client.ts'

const outputMarkup = (output: Step['outputs'][number]): Html => html`<div class="panel">
<h3><bdi>${output.name}</bdi></h3>
<p>${output.description}</p>
<p class="quiet">${rowCount(output.rows)}, ${output.columns.length} columns, ${bytes(output.bytes)}</p>
<ul class="columns">${output.columns.map(({ name, type }) => html`<li><bdi>${name}</bdi> <span class="quiet">${type}</span></li>\n`)}</ul>
</div>`

/** One step of a run: what it was given, what it made and what it found. */
export async function showStep(visit: Visit): Promise<Page> {
  const { api } = visit
  const params = { client: param(visit, 'client'), run: param(visit, 'run') }
  const run = await api.ask(getRun, { params })
  const step = await api.ask(getStep, { params: { ...params, step: param(visit, 'step') } })
  const body = html`<h1><bdi>${step.title}</bdi> ${badge(stepState(step))}</h1>
<p class="lead">${step.summary}</p>
<p class="quiet"><code>${step.uses}</code>, took ${duration(step.milliseconds)}. ${step.why}</p>
${step.problem && html`<section class="problem ${step.status}" aria-labelledby="problem-title"><h2 id="problem-title">What went wrong</h2>${problemFacts(step.problem)}</section>`}
${(step.findings.length > 0 || step.note !== undefined) && html`<section class="part"><h2>What it found</h2>${stepFindings(step)}</section>`}
<section class="part"><h2>Settings</h2>${settingsTable(step.settings)}</section>
<section class="part"><h2>Tables it made</h2>
${step.outputs.length > 0 ? step.outputs.map(outputMarkup) : html`<p class="quiet">None.</p>`}
</section>`
  const name = `Run of ${run.flow}, ${run.asOf}`
  return { title: step.title, body, path: [...toClient(run.client), { href: runPath(run.client, run.id), name }] }
}
