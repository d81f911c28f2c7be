import { FigureBox } from '../../html/findings.ts'
import { html } from '../../html/html.ts'
import { page } from '../../html/page.ts'
import type { RunRecord } from '../record.ts'
import { appendix } from './appendix.ts'
import { type Limits, levels, limited } from './limits.ts'
import { contents, overview, setup } from './overview.ts'
import { stepSection } from './steps.ts'

/** What a report must stay under, in bytes: a mail gateway's megabyte, counted in thousands. */
export const reportLimit = 1_000_000

const renderWithin = (run: RunRecord, left: number, limits: Limits): string => {
  const box = new FigureBox(limits.figures, 'run.json')
  const steps = run.steps.map((step, index) => stepSection(step, index, run, box))
  const body = html`<a class="skip" href="#main">Skip to the contents</a>
${overview(run, left)}
<div class="columns-of-page">
${contents(run)}
<main id="main">
${setup(run)}
<section class="part" id="steps">
<h2>Steps</h2>
${steps}
</section>
${appendix(run, box.figures.length > 0)}
</main>
</div>`
  return page({ title: `${run.title || run.flow} – ${run.client}`, body, figures: box.figures })
}

/**
 * The report of a run: one HTML file under a megabyte that works offline. Where a run brings more than fits,
 * long tables, texts and figures are cut step by step, and the report says so in their place.
 * The same record gives the same bytes.
 */
export const renderReport = (run: RunRecord): string => {
  for (const limits of levels) {
    const shown = limited(run, limits, reportLimit)
    const report = shown && renderWithin(shown.run, shown.left, limits)
    if (report !== undefined && Buffer.byteLength(report) < reportLimit) return report
  }
  throw new Error(`The report of run ${run.run} takes more than ${reportLimit} bytes even with the least it can show.`)
}
