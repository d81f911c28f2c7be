import type { Figure, Finding, FindingTable, Metric, Note } from '../../../nodes/lib/finding.ts'
import { type Html, html } from '../../html/html.ts'
import { interval, metricValue } from '../../html/numbers.ts'
import { inspectSymbol, type MimeBundle, mimeSymbol } from './mime.ts'
import { Plot } from './plot.ts'

/** What a node has to say to a person. Shows itself: metrics, tables, notes, and figures as drawings. */
export class Findings {
  /** All of them, in the order the node gave them. */
  readonly all: readonly Finding[]
  /** Metrics by name: `findings.metrics.auc`. */
  readonly metrics: Readonly<Record<string, number | null>>
  readonly tables: readonly FindingTable[]
  /** Figures in order; each shows itself with Plotly. */
  readonly figures: readonly Plot[]
  /** Notes and warnings. */
  readonly notes: readonly Note[]

  /** @internal Nodes give them. */
  constructor(all: readonly Finding[]) {
    this.all = all
    const metrics = all.filter((finding): finding is Metric => finding.kind === 'metric')
    this.metrics = Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
    this.tables = all.filter((finding): finding is FindingTable => finding.kind === 'table')
    this.figures = all
      .filter((finding): finding is Figure => finding.kind === 'figure')
      .map((figure) => new Plot(figure))
    this.notes = all.filter((finding): finding is Note => finding.kind === 'note')
  }

  /** @internal */
  [mimeSymbol](): MimeBundle {
    return {
      'application/vnd.polku.findings+json': { findings: this.all },
      'text/html': html`${this.#html()}`.markup,
      'text/plain': this.#text(),
    }
  }

  /** @internal */
  [inspectSymbol](): string {
    return this.#text()
  }

  #html(): readonly Html[] {
    const metrics = this.all.filter((finding) => finding.kind === 'metric')
    const rest = this.all.filter((finding) => finding.kind !== 'metric')
    let figures = 0
    const blocks = rest.map((finding): Html => {
      if (finding.kind === 'table') return tableHtml(finding)
      if (finding.kind === 'note')
        return html`<p>${finding.level === 'warning' && html`<b>Warning.</b> `}${finding.text}</p>`
      figures += 1
      return this.figures[figures - 1]?.drawing() ?? html``
    })
    return [metrics.length > 0 ? metricsHtml(metrics) : html``, ...blocks]
  }

  #text(): string {
    const lines = this.all.map((finding) => {
      if (finding.kind === 'metric') return `${finding.label}: ${metricValue(finding)}`
      if (finding.kind === 'note') return finding.level === 'warning' ? `Warning: ${finding.text}` : finding.text
      if (finding.kind === 'table') return `Table: ${finding.title} (${finding.rows.length} rows)`
      return `Figure: ${finding.title}`
    })
    return lines.length > 0 ? lines.join('\n') : 'No findings.'
  }
}

const metricsHtml = (metrics: readonly Metric[]): Html =>
  html`<table><tbody>${metrics.map(
    (metric) =>
      html`<tr><th scope="row" align="left">${metric.label}</th><td align="right">${metricValue(metric)}</td><td align="left">${metric.interval && interval(metric.interval, metric)}</td><td align="left">${metric.note}</td></tr>\n`,
  )}</tbody></table>`

const tableHtml = ({ title, columns, rows, note }: FindingTable): Html =>
  html`<table><caption>${title}</caption>
<thead><tr>${columns.map((name) => html`<th scope="col" align="left"><bdi>${name}</bdi></th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map((_, index) => cell(row[index]))}</tr>\n`)}</tbody></table>
${note && html`<p><small>${note}</small></p>`}`

const cell = (value: string | number | boolean | null | undefined): Html => {
  if (value === null || value === undefined) return html`<td>–</td>`
  if (typeof value === 'number') return html`<td align="right">${metricValue({ value, unit: 'number' })}</td>`
  return html`<td align="left"><bdi>${typeof value === 'boolean' ? (value ? 'yes' : 'no') : value}</bdi></td>`
}
