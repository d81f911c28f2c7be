import type { Figure, FindingTable, Metric } from '../../../nodes/node.ts'
import { type Cell, hasTag, type MimeBundle, type Notebook, type Output } from '../nbformat/cells.ts'
import { limits } from '../render/limits.ts'
import { findingsOf } from '../render/outputs.ts'
import { plotlyFigure } from '../render/plots.ts'
import { sanitise } from '../render/sanitise.ts'
import { plainTables } from '../render/tables.ts'

/** What of a notebook can be compared with another run of it. */
export interface Contents {
  readonly metrics: readonly Metric[]
  readonly figures: readonly Figure[]
  readonly tables: readonly Pick<FindingTable, 'title' | 'columns' | 'rows'>[]
  /** Cells whose text an author wrote; not the one with the parameters of the run. */
  readonly cells: readonly { readonly cell: Cell; readonly number: number }[]
}

/** The heading that what follows stands under. */
const headingIn = (source: string): string | undefined =>
  source
    .match(/^#{1,6} .*$/gm)
    ?.at(-1)
    ?.replace(/^#+ /, '')
    .trim()

const tablesOf = (bundle: MimeBundle, heading: string): Contents['tables'] => {
  const html = bundle['text/html']
  if (typeof html !== 'string' || 'application/vnd.plotly.v1+json' in bundle) return []
  return plainTables(sanitise(html.slice(0, limits.html), { anchors: () => undefined })).map((table) => ({
    ...table,
    title: heading,
  }))
}

type Content = Metric | Figure | ({ readonly kind: 'table' } & Contents['tables'][number])

/** What one output holds, under the heading it stands under. */
const foundIn = (output: Output, heading: string): readonly Content[] => {
  if (!('data' in output)) return []
  const findings = findingsOf(output.data['application/vnd.polku.findings+json'])
  if (findings) return findings.filter((finding) => finding.kind !== 'note')
  const figure = plotlyFigure(output.data['application/vnd.plotly.v1+json'])
  if (figure) return [{ ...figure, title: figure.title || heading || 'Figure' }]
  return tablesOf(output.data, heading).map((table) => ({ ...table, kind: 'table' }))
}

/** Metrics, figures and tables of a notebook's outputs, in their order. */
export const contentsOf = (notebook: Notebook): Contents => {
  const contents: Content[] = []
  let heading = ''
  for (const cell of notebook.cells) {
    if (cell.cell_type === 'markdown') heading = headingIn(cell.source) ?? heading
    if (cell.cell_type === 'code') for (const output of cell.outputs) contents.push(...foundIn(output, heading))
  }
  const cells = notebook.cells.flatMap((cell, index) =>
    hasTag(cell, 'injected-parameters') ? [] : [{ cell, number: index + 1 }],
  )
  return {
    metrics: contents.filter((one) => one.kind === 'metric'),
    figures: contents.filter((one) => one.kind === 'figure'),
    tables: contents.filter((one) => one.kind === 'table'),
    cells,
  }
}
