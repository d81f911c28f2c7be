import { duration } from '../../html/durations.ts'
import { type Html, html } from '../../html/html.ts'
import { type CodeCell, type Metadata, metadataPart, type Notebook, type TextCell } from '../nbformat/cells.ts'
import { codeBlock } from './code.ts'
import { cellTime, languageOf } from './document.ts'
import { cutMarkup, cutText, limits } from './limits.ts'
import { type Heading, HeadingIds, openingOf, readMarkdown } from './markdown.ts'
import { outputsMarkup, type Sheet } from './outputs.ts'
import { dressTables } from './tables.ts'

type Drawn = (sheet: Sheet) => Html

export interface Story {
  readonly title?: string
  /** Markdown of the first paragraph below the title. */
  readonly lead?: string
  readonly headings: readonly Heading[]
  readonly ids: HeadingIds
  /** The cells as they are read; outputs are looked at only now. */
  readonly draw: Drawn
}

/** The address of a cell on the page, counted from 1 as a reader counts them. */
export const cellAnchor = (index: number): string => `cell-${index + 1}`

const textCell = (
  { source, metadata: _, ...rest }: Pick<TextCell, 'source' | 'metadata'> & { attachments?: unknown },
  ids: HeadingIds,
): { headings: readonly Heading[]; draw: Drawn } => {
  const { text, note } = cutMarkup(source, limits.markdown)
  const read = readMarkdown(text, metadataPart(rest as Metadata, 'attachments'), ids) // attachments are no part of the checked notebook
  return {
    headings: read.headings,
    draw: ({ anchors }) =>
      html`<div class="prose">${dressTables(read.render(anchors))}${note && html`<p class="caption">${note}</p>`}</div>\n`,
  }
}

const codeHead = ({ execution_count: count, metadata }: CodeCell): Html | false => {
  const time = cellTime(metadata)
  return (
    (count !== null || time !== undefined) &&
    html`<p class="code-head">${count !== null && html`<span>[${count}]</span>`}${time !== undefined && html`<span>${duration(time)}</span>`}</p>`
  )
}

const codeCell =
  (cell: CodeCell, index: number, language: string): Drawn =>
  (sheet) => {
    const { text, note } = cutText(cell.source, limits.code)
    const outputs = outputsMarkup(cell.outputs, sheet)
    const code =
      text.trim() !== '' &&
      html`<div class="code">${codeHead(cell)}${codeBlock(text, language)}${note && html`<p class="caption">${note}</p>`}</div>`
    return html`<section class="cell${outputs.length === 0 && ' silent'}" id="${cellAnchor(index)}">
${code}${outputs.length > 0 && html`<div class="outputs">${outputs}</div>`}
</section>\n`
  }

const rawCell = ({ source }: TextCell): Drawn => {
  const { text } = cutText(source, limits.code)
  return () => (text.trim() === '' ? html`` : html`<div class="code">${codeBlock(text, '')}</div>\n`)
}

/** Reads a notebook's cells: its headings first, because links may point ahead. */
export const storyOf = (notebook: Notebook): Story => {
  const ids = new HeadingIds()
  const language = languageOf(notebook)
  const first = notebook.cells[0]
  const opening = first?.cell_type === 'markdown' ? openingOf(first.source.slice(0, limits.markdown)) : undefined
  const headings: Heading[] = []
  const drawn = notebook.cells.slice(0, limits.cells).map((cell, index): Drawn => {
    if (cell.cell_type === 'code') return codeCell(cell, index, language)
    if (cell.cell_type === 'raw') return rawCell(cell)
    const source = index === 0 && opening?.title ? opening.rest : cell.source
    if (source.trim() === '') return () => html``
    const text = textCell({ ...cell, source }, ids)
    headings.push(...text.headings)
    return text.draw
  })
  const left = notebook.cells.length - drawn.length
  const more = html`<p class="callout warning">${left} more cells are left out of this report; the notebook has them.</p>`
  return {
    title: opening?.title,
    lead: opening?.lead,
    headings,
    ids,
    draw: (sheet) => html`${drawn.map((draw) => draw(sheet))}${left > 0 && more}`,
  }
}
