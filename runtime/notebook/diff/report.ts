import type { Figure } from '../../../nodes/node.ts'
import { duration } from '../../html/durations.ts'
import { FigureBox } from '../../html/findings.ts'
import { clip, type Html, html } from '../../html/html.ts'
import { fixed, moment } from '../../html/numbers.ts'
import { page, sheetText } from '../../html/page.ts'
import { scrollTable } from '../../html/tables.ts'
import type { Notebook } from '../nbformat/cells.ts'
import { type RunMetadata, runMetadata } from '../render/document.ts'
import { limits } from '../render/limits.ts'
import { openingOf } from '../render/markdown.ts'
import { plotMarkup } from '../render/plots.ts'
import type { Origin } from '../render/provenance.ts'
import { notebookStyle } from '../render/render.ts'
import { type Changes, changesBetween, type Pair, pairUp } from './changes.ts'
import { changedCells } from './code.ts'
import { metricsTable, movement } from './metrics.ts'
import { overlaid } from './overlay.ts'
import { changedTable } from './tables.ts'

const style = `${notebookStyle}\n${sheetText([new URL('./diff.css', import.meta.url)])}`

/** One side of a comparison: an executed notebook and its file. */
export interface Side {
  readonly notebook: Notebook
  readonly origin: Origin
}

const shownRows = 200

const valueText = (value: unknown): string =>
  clip(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), 400)

/** A table of what the runs are: a row a fact, those that differ marked. */
const sideBySide = (label: string, pairs: readonly { name: string; a?: string; b?: string }[]): Html =>
  scrollTable(
    label,
    [{ name: '' }, { name: 'A' }, { name: 'B' }],
    pairs
      .slice(0, shownRows)
      .map(
        ({ name, a, b }) =>
          html`<tr${a !== b && html` class="changed"`}><th scope="row"><bdi>${clip(name, 120)}</bdi></th><td class="long"><bdi>${a ?? html`<span class="none">–</span>`}</bdi></td><td class="long"><bdi>${b ?? html`<span class="none">–</span>`}</bdi></td></tr>\n`,
      ),
    'whole',
  )

/** As a person writes it; as JSON where that would hide a difference. */
const readableText = (value: unknown): string => {
  if (Array.isArray(value) && value.length === 0) return '–'
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return clip(value.join(', '), 400)
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : valueText(value)
}

const parameterRows = (parameters: Changes['parameters']) =>
  parameters.map(({ a, b }) => {
    const hidden =
      a && b && readableText(a.value) === readableText(b.value) && valueText(a.value) !== valueText(b.value)
    const textOf = hidden ? valueText : readableText
    return { name: (a ?? b)?.name ?? '', a: a && textOf(a.value), b: b && textOf(b.value) }
  })

/** As many stand in one table whether they changed or not. */
const fewParameters = 8

/** What changed side by side; of many parameters those that did not in one sentence. */
const parametersMarkup = (parameters: Changes['parameters']): Html => {
  const rows = parameterRows(parameters)
  if (rows.length <= fewParameters) return sideBySide('Parameters', rows)
  const changed = rows.filter(({ a, b }) => a !== b)
  const same = rows.filter(({ a, b }) => a === b).slice(0, shownRows)
  return html`${changed.length > 0 && sideBySide('Parameters', changed)}
${same.length > 0 && html`<p class="caption">The same in both: ${same.map(({ name, a }, index) => html`${index > 0 && '; '}${clip(name, 120)} <b><bdi>${a === '' ? '(empty)' : a}</bdi></b>`)}.</p>`}`
}

const contentRows = (a: RunMetadata, b: RunMetadata) => {
  const of = ({ tables, models, versions }: RunMetadata) => [
    ...tables.map(({ name, hash, rows }) => ({
      name,
      text: `${hash.slice(0, 16)}${rows === undefined ? '' : `, ${fixed(rows)} rows`}`,
    })),
    ...models.map(({ reference, hash }) => ({
      name: `model ${reference.split('@')[0]}`,
      text: `${reference} ${hash.slice(0, 16)}`,
    })),
    ...Object.entries(versions).map(([name, text]) => ({ name, text: clip(text, 120) })),
  ]
  return pairUp(of(a), of(b), ({ name }) => name).map((pair) => ({
    name: (pair.a ?? pair.b)?.name ?? '',
    a: pair.a?.text,
    b: pair.b?.text,
  }))
}

const runRows = (a: Side, b: Side) => {
  const of = ({ notebook, origin }: Side) => {
    const { started, milliseconds, kernel, source } = runMetadata(notebook)
    return {
      File: clip(origin.file, 300),
      Run: started && moment(started),
      Took: milliseconds === undefined ? undefined : duration(milliseconds),
      Kernel: kernel && clip(kernel, 80),
      'Hash of the executed notebook': origin.hash.slice(0, 16),
      'Hash before the run': source?.hash.slice(0, 16),
    }
  }
  const [one, other] = [of(a), of(b)]
  // Both have the same fields; a field that neither fills is left out.
  const names = Object.keys(one) as (keyof typeof one)[]
  return names.flatMap((name) => (one[name] || other[name] ? [{ name, a: one[name], b: other[name] }] : []))
}

const figureMarkup = ({ a, b }: Pair<Figure>, box: FigureBox): Html => {
  const both = a && b && overlaid(a, b)
  if (both) return html`<div class="figures">${plotMarkup(both, box, true).markup}</div>`
  const sides = [a && { ...a, title: `${a.title} – A` }, b && { ...b, title: `${b.title} – B` }]
  return html`<div class="figures">${sides.map((figure) => figure && plotMarkup(figure, box).markup)}</div>`
}

const section = (
  id: string,
  title: string,
  content: Html | readonly Html[] | false,
): { id: string; title: string; markup: Html } | false =>
  content !== false &&
  !(Array.isArray(content) && content.length === 0) && {
    id,
    title,
    markup: html`<section class="part changes" id="part-${id}"><h2>${title}</h2>\n${content}</section>\n`,
  }

/** `2 of 3 metrics`, of each kind that the notebooks have; empty where nothing changed. */
const summary = ({ parameters, metrics, tables, figures, sameFigures, cells }: Changes): string => {
  const changedParameters = parameterRows(parameters).filter(({ a, b }) => a !== b).length
  const changedMetrics = metrics.filter((pair) => movement(pair) !== 'the same').length
  if (changedParameters + changedMetrics + figures.length + tables.length + cells.length === 0) return ''
  const counts: (string | false)[] = [
    parameters.length > 0 && `${fixed(changedParameters)} of ${fixed(parameters.length)} parameters`,
    metrics.length > 0 && `${fixed(changedMetrics)} of ${fixed(metrics.length)} metrics`,
    figures.length + sameFigures > 0 && `${fixed(figures.length)} of ${fixed(figures.length + sameFigures)} figures`,
    tables.length > 0 && `${fixed(tables.length)} ${tables.length === 1 ? 'table' : 'tables'}`,
    cells.length > 0 && `${fixed(cells.length)} ${cells.length === 1 ? 'cell' : 'cells'} of code or text`,
  ]
  return counts.filter(Boolean).join(', ')
}

/**
 * What changed between two runs of a notebook, as one HTML file that works offline: parameters, metrics side by side,
 * numbers in tables, figures laid over each other where their traces match, code, data and versions.
 */
export const renderDiff = (a: Side, b: Side): string => {
  const changes = changesBetween(a.notebook, b.notebook)
  const box = new FigureBox(limits.figures, 'the notebooks')
  const first = b.notebook.cells[0]
  const title =
    (first?.cell_type === 'markdown' && openingOf(first.source.slice(0, 5000)).title) || 'Two runs of a notebook'
  const content = contentRows(runMetadata(a.notebook), runMetadata(b.notebook))
  const sections = [
    section('runs', 'The runs', sideBySide('The runs', runRows(a, b))),
    section('parameters', 'Parameters', changes.parameters.length > 0 && parametersMarkup(changes.parameters)),
    section('metrics', 'Metrics', changes.metrics.length > 0 && metricsTable(changes.metrics)),
    section(
      'figures',
      'Figures',
      changes.figures.slice(0, 40).map((pair) => figureMarkup(pair, box)),
    ),
    section('tables', 'Tables', changes.tables.slice(0, 40).map(changedTable)),
    section('code', 'Code and text', changedCells(changes.cells)),
    section(
      'content',
      'Data, models and versions',
      content.length > 0 && sideBySide('Data, models and versions', content),
    ),
  ].filter((part) => part !== false)
  const changed = summary(changes)
  const overview = html`<p class="client">What changed from A to B</p>
<h1>${clip(title, 200)}</h1>
${!changes.related && html`<p class="callout warning"><strong>Warning.</strong> These notebooks have no cell in common: they are hardly two runs of the same one.</p>`}
<p class="lead">${changed ? `Changed: ${changed}.` : 'Nothing that the report compares changed.'}</p>
<noscript><p class="callout">The figures need JavaScript. Everything else can be read without.</p></noscript>`
  return page({
    title: `${clip(title, 200)} – what changed`,
    overview,
    contents: html`${sections.map(({ id, title: name }) => html`<li><a href="#part-${id}">${name}</a></li>\n`)}`,
    main: html`${sections.map(({ markup }) => markup)}
<p class="caption">Compared are parameters, findings, tables, figures, code and text; printed text and pictures are not.</p>`,
    figures: box.figures,
    style,
  })
}
