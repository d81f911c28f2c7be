import { existsSync, readFileSync } from 'node:fs'
import { settingsTable } from '../../html/facts.ts'
import { FigureBox } from '../../html/findings.ts'
import { flowGraph } from '../../html/graph.ts'
import { html } from '../../html/html.ts'
import { page } from '../../html/page.ts'
import { packPlotly } from '../../html/plotly.ts'
import { stepRows } from '../../html/step-rows.ts'
import type { RunFolder } from '../folder.ts'
import type { Progress } from '../progress.ts'
import type { RunRecord } from '../record.ts'
import { appendix } from './appendix.ts'
import { type Limits, levels, limited } from './limits.ts'
import { contents, overview } from './overview.ts'
import { stepSection } from './steps.ts'

/** What a report must stay under, in bytes: a mail gateway's megabyte, counted in thousands. */
export const reportLimit = 1_000_000

const renderWithin = (run: RunRecord, left: number, limits: Limits): string => {
  const box = new FigureBox(limits.figures, 'run.json')
  const steps = run.steps.map((step, index) => stepSection(step, index, run, box))
  const main = html`<section class="part" id="parameters">
<h2>Parameters</h2>
<div class="panel">${settingsTable(run.params)}</div>
</section>
<section class="part" id="flow">
<h2>The flow</h2>
${flowGraph({ steps: run.steps.map((step) => ({ ...step, ...stepRows(step.outputs) })) })}
</section>
<section class="part" id="steps">
<h2>Steps</h2>
${steps}
</section>
${appendix(run, box.figures.length > 0)}`
  return page({
    title: `${run.title || run.flow} – ${run.client}`,
    overview: overview(run, left),
    contents: contents(run),
    main,
    figures: box.figures,
  })
}

/**
 * The report of a run: one HTML file under a megabyte that works offline. Where a run brings more than fits,
 * long tables, texts and figures are cut step by step, and the report says so in their place.
 * The same record gives the same bytes.
 */
export const renderReport = (run: RunRecord): string => {
  for (const limits of levels) {
    const excerpt = limited(run, limits, reportLimit)
    const report = excerpt && renderWithin(excerpt.run, excerpt.left, limits)
    if (report !== undefined && Buffer.byteLength(report) < reportLimit) return report
  }
  throw new Error(`The report of run ${run.run} takes more than ${reportLimit} bytes even with the least it can show.`)
}

/** Renders the report of a run that has ended into its folder, and gives the record that names it. */
export function writeReport(record: RunRecord, folder: RunFolder): RunRecord {
  const reported = { ...record, report: folder.report }
  folder.writeReport(renderReport(reported))
  folder.write(reported)
  return reported
}

/**
 * The report of a run as HTML, for whoever opens it. One that was rendered is given as it is, because approvals rest
 * on it; of a run that has ended it is rendered once and stored, of one that is running it is rendered as far as it is.
 * Undefined where the run has left no record. Throws DISK_FULL and WORKSPACE_NOT_WRITABLE as the system says them.
 */
export function renderRunReport(folder: RunFolder): string | undefined {
  const { record } = folder
  if (record === undefined) return undefined
  if (record.status === 'running') return renderReport(record)
  if (!existsSync(folder.reportPath)) writeReport(record, folder)
  return readFileSync(folder.reportPath, 'utf8')
}

/** Packs what the report draws figures with as soon as there is one, beside the steps that follow. */
export const packingPlotly = (progress: Progress): Progress => ({
  ...progress,
  stepEnded(step, index) {
    if (step.findings.some(({ kind }) => kind === 'figure')) packPlotly().catch(() => undefined) // what could not be packed beside is packed by the report, which then says so
    progress.stepEnded(step, index)
  },
})
