import { duration } from '../../html/durations.ts'
import { type Fact, pairTable } from '../../html/facts.ts'
import { type Html, html } from '../../html/html.ts'
import { bytes, day, fixed, moment } from '../../html/numbers.ts'
import { plotlyNote } from '../../html/plotly.ts'
import { stepRows } from '../../html/step-rows.ts'
import { stepState, stepTable } from '../../html/steps.ts'
import { scrollTable } from '../../html/tables.ts'
import type { RunRecord } from '../record.ts'

const timeTable = ({ steps }: RunRecord): Html =>
  stepTable(
    'All steps',
    steps.map((step, index) => ({
      ...step,
      state: stepState(step),
      rows: stepRows(step.outputs),
      href: `#step-${index + 1}`,
    })),
    ['step', 'node', 'state', 'rows', 'time', 'bar'],
  )

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

const factsOf = (run: RunRecord, withFigures: boolean): Fact[] => [
  ['Run', run.run],
  ['Flow', run.flow],
  ['Client', run.client],
  ['As of', day(run.asOf)],
  ['Started', moment(run.startedAt)],
  ['Took', duration(run.milliseconds)],
  ['Seed', String(run.seed)],
  ...Object.entries(run.versions),
  ['plotly.js', withFigures && plotlyNote()],
  ['This report', run.report],
]

/** For who must check: time and cache of every step, where each table lies, versions, run id and seed. */
export const appendix = (run: RunRecord, withFigures: boolean): Html => html`<section class="part" id="all-steps">
<h2>Time and cache</h2>
${timeTable(run)}
</section>
<section class="part" id="tables">
<h2>Where each table lies</h2>
${tableTable(run)}
</section>
<section class="part" id="run">
<h2>About this run</h2>
<div class="panel">${pairTable(factsOf(run, withFigures), 'path')}
<p class="caption">With the same data, parameters, seed and versions a run gives these results again.</p>
</div>
</section>`
