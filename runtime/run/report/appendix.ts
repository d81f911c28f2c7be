import { clip, type Html, html } from '../../html/html.ts'
import { bytes, day, duration, fixed, moment } from '../../html/numbers.ts'
import { plotly } from '../../html/plotly.ts'
import { badge, stepState } from '../../html/states.ts'
import { rowsCell, stepRows } from '../../html/step-rows.ts'
import { scrollTable } from '../../html/tables.ts'
import type { RunRecord } from '../record.ts'

const barLength = 90

/** A bar of the step's part of the longest step's time, for the eye only: the number stands beside it. */
const timeBar = (milliseconds: number, longest: number): Html => {
  const length = longest > 0 ? Math.max(1, Math.round((barLength * milliseconds) / longest)) : 1
  return html`<svg class="bar" width="${barLength}" height="8" viewBox="0 0 ${barLength} 8" aria-hidden="true"><rect width="${length}" height="8" rx="2"/></svg>`
}

const stepTable = ({ steps }: RunRecord): Html => {
  const longest = Math.max(0, ...steps.map(({ milliseconds }) => milliseconds))
  const rows = steps.map((step, index) => {
    return html`<tr><td><a href="#step-${index + 1}">${step.title}</a></td><td><code>${clip(step.uses, 60)}</code></td><td>${badge(stepState(step))}</td><td class="number">${rowsCell(stepRows(step.outputs))}</td><td class="number">${duration(step.milliseconds)}</td><td>${timeBar(step.milliseconds, longest)}</td></tr>\n`
  })
  return scrollTable(
    'All steps',
    [
      { name: 'Step' },
      { name: 'Node' },
      { name: 'State' },
      { name: 'Rows', number: true },
      { name: 'Time', number: true },
      { name: html`<span class="said">Time as a bar</span>` },
    ],
    rows,
    'whole',
  )
}

const tableTable = ({ steps }: RunRecord): Html => {
  const rows = steps.flatMap((step, index) =>
    step.outputs.map(
      (output) =>
        html`<tr><td><a href="#step-${index + 1}">${step.title}</a></td><td><bdi>${output.name}</bdi></td><td class="number">${fixed(output.rows)}</td><td class="number">${bytes(output.bytes)}</td><td class="long"><code class="path">${output.path}</code></td></tr>\n`,
    ),
  )
  if (rows.length === 0) return html`<p class="quiet">No table was written.</p>`
  const columns = ['Step', 'Table', 'Rows', 'Size', 'File in the workspace'].map((name) => ({
    name,
    number: name === 'Rows' || name === 'Size',
  }))
  return scrollTable('Where each table lies', columns, rows, 'whole')
}

const runTable = (run: RunRecord, withFigures: boolean): Html => {
  const facts: [string, string][] = [
    ['Run', run.run],
    ['Flow', run.flow],
    ['Client', run.client],
    ['As of', day(run.asOf)],
    ['Started', moment(run.startedAt)],
    ['Took', duration(run.milliseconds)],
    ['Seed', String(run.seed)],
    ...Object.entries(run.versions),
    ...(withFigures ? [['plotly.js', `${plotly().version} (MIT licence, Plotly, Inc.)`] as [string, string]] : []),
    ...(run.report ? [['This report', run.report] as [string, string]] : []),
  ]
  return html`<table class="pairs"><tbody>${facts.map(
    ([name, value]) =>
      html`<tr><th scope="row"><bdi>${name}</bdi></th><td class="path"><bdi>${value}</bdi></td></tr>\n`,
  )}</tbody></table>`
}

/** For who must check: time and cache of every step, where each table lies, versions, run id and seed. */
export const appendix = (run: RunRecord, withFigures: boolean): Html => html`<section class="part" id="all-steps">
<h2>Time and cache</h2>
${stepTable(run)}
</section>
<section class="part" id="tables">
<h2>Where each table lies</h2>
${tableTable(run)}
</section>
<section class="part" id="run">
<h2>About this run</h2>
<div class="panel">${runTable(run, withFigures)}
<p class="caption">With the same data, parameters, seed and versions a run gives these results again.</p>
</div>
</section>`
