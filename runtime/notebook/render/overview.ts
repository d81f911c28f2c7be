import type { Metric } from '../../../nodes/node.ts'
import { duration } from '../../html/durations.ts'
import { factList, problemPanel, timeOf } from '../../html/facts.ts'
import { clip, type Html, html } from '../../html/html.ts'
import { keyMetrics, metricCards } from '../../html/metrics.ts'
import { fixed } from '../../html/numbers.ts'
import { badge, runStates, type State } from '../../html/steps.ts'
import type { Cell, Notebook } from '../nbformat/cells.ts'
import type { RunMetadata } from './document.ts'
import type { Heading } from './markdown.ts'
import { findingsOf } from './outputs.ts'
import { cellAnchor } from './story.ts'

interface Failure {
  /** The cell whose outputs hold the error; nothing where the run ended otherwise, as when its kernel died. */
  readonly cell?: number
  readonly reason: string
}

const failureOf = (cells: readonly Cell[], { problem }: RunMetadata): Failure | undefined => {
  for (const [cell, one] of cells.entries()) {
    const error = one.cell_type === 'code' && one.outputs.find((output) => output.output_type === 'error')
    if (error) return { cell, reason: [error.ename, error.evalue.split('\n')[0]].filter(Boolean).join(': ') }
  }
  return problem && { reason: problem.message }
}

const wasRun = (cells: readonly Cell[]): boolean =>
  cells.some((cell) => cell.cell_type === 'code' && (cell.execution_count !== null || cell.outputs.length > 0))

const stateOf = (cells: readonly Cell[], failure: Failure | undefined): State => {
  if (failure) return runStates.failed
  return wasRun(cells) ? runStates.done : { word: 'Not run', look: 'idle' }
}

/** Metrics of a cell's findings, in their order. */
const metricsOf = (cell: Cell): Metric[] =>
  cell.cell_type !== 'code'
    ? []
    : cell.outputs.flatMap((output) =>
        'data' in output
          ? (findingsOf(output.data['application/vnd.polku.findings+json']) ?? []).filter(
              (finding) => finding.kind === 'metric',
            )
          : [],
      )

const mostHighlights = 8

/** The metrics the author chose, in the author's order; of several with one name the last, because results come last. */
const highlighted = (cells: readonly Cell[], names: readonly string[]): Metric[] => {
  const metrics = cells.flatMap(metricsOf).filter(({ value }) => value !== null)
  return [...new Set(names)].flatMap((name) => metrics.findLast((metric) => metric.name === name) ?? [])
}

const failurePanel = ({ cell, reason }: Failure): Html =>
  problemPanel(
    `This notebook failed${cell === undefined ? '' : ` in cell ${cell + 1}`}`,
    'failed',
    html`<p class="message">${clip(reason, 600)}</p>
<p>${cell !== undefined && html`<a href="#${cellAnchor(cell)}">What the cell said</a>. `}What ran before it is below.</p>`,
  )

/** Of the cells' metrics at most four, each label once. */
const mainMetrics = (cells: readonly Cell[]): Metric[] =>
  keyMetrics(cells.map(metricsOf), { most: 4, labelsOnce: true }).map(({ metric }) => metric)

/** The first screen: what, when, how it went and what it comes down to. `lead` is markup of the notebook's own words. */
export const overview = (
  { cells }: Notebook,
  run: RunMetadata,
  { title, lead }: { readonly title: string; readonly lead: Html | undefined },
): Html => {
  const { started, milliseconds, kernel } = run
  const failure = failureOf(cells, run)
  const chosen = highlighted(cells, run.highlights)
  const metrics = chosen.length > 0 ? chosen.slice(0, mostHighlights) : mainMetrics(cells)
  return html`<h1>${title}</h1>
${lead && html`<p class="lead">${lead}</p>`}
${factList([
  ['Status', badge(stateOf(cells, failure))],
  ['Run', started && timeOf(started)],
  ['Took', milliseconds !== undefined && duration(milliseconds)],
  ['Kernel', kernel && clip(kernel, 60)],
  ['Cells', fixed(cells.length)],
])}
<noscript><p class="callout">The figures need JavaScript. Everything else can be read without.</p></noscript>
${!wasRun(cells) && html`<p class="callout warning">No cell of this notebook was run, so it has no results. Run it with <code>polku notebook run</code>.</p>`}
${failure && failurePanel(failure)}
${metrics.length > (chosen.length > 0 ? 0 : 1) && html`<div class="key-metrics">${metricCards(metrics)}</div>`}`
}

const link = ({ id, text }: Heading): Html => html`<a href="#${id}">${text}</a>`

/** Headings of the second level with those below them. */
const sections = (headings: readonly Heading[]): Html[] => {
  const groups: { head: Heading; below: Heading[] }[] = []
  for (const heading of headings) {
    const last = groups.at(-1)
    if (heading.level === 2 || !last) groups.push({ head: heading, below: [] })
    else if (heading.level === 3) last.below.push(heading)
  }
  return groups.map(
    ({ head, below }) =>
      html`<li>${link(head)}${below.length > 0 && html`<ol>${below.map((one) => html`<li>${link(one)}</li>\n`)}</ol>`}</li>\n`,
  )
}

/** Links to every part of the report. */
export const contents = (
  headings: readonly Heading[],
  withParameters: boolean,
): Html => html`${withParameters && html`<li><a href="#parameters">Parameters</a></li>`}
${sections(headings)}
<li><a href="#provenance">Where this comes from</a></li>`

/** The one switch that shows the code. */
export const codeSwitch = html`<label class="switch"><input type="checkbox" id="show-code" autocomplete="off"> Show the code</label>`
