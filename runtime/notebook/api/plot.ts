import type { Figure } from '../../../nodes/lib/finding.ts'
import { PolkuError } from '../../errors/errors.ts'
import { type PreparedFigure, prepareFigure, traceFault } from '../../html/figures.ts'
import { type Html, html } from '../../html/html.ts'
import { figureSvg } from './figure-svg.ts'
import { inspectSymbol, type MimeBundle, mimeSymbol } from './mime.ts'
import { NotebookError } from './notebook-error.ts'
import { describeValue } from './settings.ts'

/** One series of a figure, as Plotly names its parts: `{ type: 'bar', x: […], y: […] }`. Typed arrays are welcome. */
export type Trace = Readonly<Record<string, unknown>>

export interface PlotSpec {
  /** Plotly traces of the cartesian bundle: scatter, bar, box, heatmap, histogram, pie, violin. */
  readonly data: readonly Trace[]
  /** Plotly's layout. */
  readonly layout?: Readonly<Record<string, unknown>>
  readonly title?: string
  /** What the figure shows, in words, for who cannot see it. */
  readonly description?: string
}

/** A figure that shows itself: with Plotly where there is one, else as a drawing. */
export class Plot {
  readonly title: string
  readonly description: string
  readonly #figure: PreparedFigure

  /** @internal Notebooks call `plot`. */
  constructor(figure: Figure) {
    this.title = figure.title
    this.description = figure.description
    this.#figure = prepareFigure(figure)
  }

  /** How many traces are drawn. */
  get traces(): number {
    return this.#figure.data.length
  }

  /** @internal */
  [mimeSymbol](): MimeBundle {
    return {
      'application/vnd.plotly.v1+json': {
        data: this.#figure.data,
        layout: { ...this.#figure.layout, ...this.#titled(), meta: { description: this.description } },
        config: { responsive: true, displaylogo: false },
      },
      'text/html': this.drawing().markup,
      'text/plain': this[inspectSymbol](),
    }
  }

  /** @internal */
  [inspectSymbol](): string {
    return `Figure: ${[this.title, this.description].filter(Boolean).join('. ') || 'untitled'}`
  }

  /** @internal The figure as still markup. */
  drawing(): Html {
    return html`<figure>${this.title && html`<figcaption><b>${this.title}</b></figcaption>`}${figureSvg(this.#figure.data, this.description || this.title)}${this.description && html`<figcaption><small>${this.description}</small></figcaption>`}</figure>`
  }

  // A report sets a figure's title as a heading; on its own a figure bears it, and needs room for it.
  #titled(): Readonly<Record<string, unknown>> {
    if (this.title === '') return {}
    return { title: { text: escaped(this.title), x: 0, xref: 'paper', font: { size: 15 } }, margin: { t: 56 } }
  }
}

// Plotly reads a small HTML of its own in titles.
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const invalid = (reason: string): NotebookError => {
  const right = '{ data: [traces], layout: {…} } with traces such as { type: "bar", x: […], y: […] }.'
  return new NotebookError([new PolkuError('FIGURE_INVALID', { reason, right }).toProblem()])
}

const titleOf = (title: unknown): string => {
  if (typeof title === 'string') return title
  const text = typeof title === 'object' && title !== null && 'text' in title ? title.text : ''
  return typeof text === 'string' ? text : ''
}

/**
 * Draws a figure with Plotly: `plot({ data: [{ type: 'bar', x, y }], layout: { title: 'Orders' } })`, or just its
 * traces. Throws FIGURE_INVALID.
 */
export function plot(figure: PlotSpec | readonly Trace[]): Plot {
  const spec = Array.isArray(figure) ? { data: figure as readonly Trace[] } : (figure as PlotSpec) // Array.isArray does not narrow read-only lists
  if (typeof spec !== 'object' || spec === null) throw invalid(`it is ${describeValue(spec)}.`)
  const { data, layout = {}, title, description = '' } = spec
  if (!Array.isArray(data)) throw invalid(`its data is ${describeValue(data)}.`)
  const strange: unknown = data.find((trace) => typeof trace !== 'object' || trace === null || Array.isArray(trace))
  if (strange !== undefined) throw invalid(`one of its traces is ${describeValue(strange)}.`)
  if (typeof layout !== 'object' || layout === null) throw invalid(`its layout is ${describeValue(layout)}.`)
  const fault = traceFault(data)
  if (fault) throw new NotebookError([new PolkuError('FIGURE_INVALID', fault).toProblem()])
  const drawn = new Plot({ kind: 'figure', title: title ?? titleOf(layout.title), data, layout, description })
  return drawn
}
