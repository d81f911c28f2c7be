import type { FindingTable } from '../../nodes/node.ts'
import { type Html, html } from './html.ts'
import { columnFormat } from './numbers.ts'

type Cell = FindingTable['rows'][number][number] | undefined

export interface Column {
  readonly name: string | Html
  readonly long?: boolean
  /** Right-aligned, in digits of equal width. */
  readonly number?: boolean
}

const heading = ({ name, number, long }: Column): Html => {
  const look = [number && 'number', long && 'long'].filter(Boolean).join(' ')
  return html`<th scope="col"${look !== '' && html` class="${look}"`}>${name}</th>`
}

// On paper so few rows stay on one sheet.
const unbroken = 12

/** A table that scrolls in its own box, its header staying in sight. `label` names the box to a screen reader. */
export const scrollTable = (
  label: string,
  columns: readonly Column[],
  rows: readonly Html[],
  look: 'short' | 'whole' = 'short',
): Html =>
  html`<div class="table ${look}${rows.length <= unbroken && ' brief'} scroll" tabindex="0" role="region" aria-label="${label}">
<table>
<thead><tr>${columns.map(heading)}</tr></thead>
<tbody>${rows}</tbody>
</table>
</div>`

const isNumber = (value: Cell): value is number => typeof value === 'number'
const isEmpty = (value: Cell): boolean => value === null || value === undefined

/** A text that must be broken between words, or within them, not to make the table very wide. */
const isLong = (text: Cell): boolean => typeof text === 'string' && text.length > 28

const cellMarkup = (value: Cell, format: ((value: number) => string) | undefined): Html => {
  const kind = format && html` class="number"`
  if (isEmpty(value)) return html`<td${kind}><span class="none" title="no value">–</span></td>`
  if (isNumber(value)) return html`<td class="number">${(format ?? String)(value)}</td>`
  if (typeof value === 'boolean') return html`<td>${value ? 'yes' : 'no'}</td>`
  return html`<td${isLong(value) && html` class="long"`}><bdi>${value}</bdi></td>`
}

/** A finding's table. A column of numbers and nothing else is aligned and written alike all the way down. */
export const findingTable = ({ title, columns, rows, note }: FindingTable): Html => {
  const formats = columns.map((_, index) => {
    const values = rows.map((row) => row[index]).filter((value) => !isEmpty(value))
    return values.length > 0 && values.every(isNumber) ? columnFormat(values) : undefined
  })
  const heads = columns.map((name, index) => ({
    name: html`<bdi>${name}</bdi>`,
    number: formats[index] !== undefined,
    long: isLong(name),
  }))
  const body = rows.map((row) => html`<tr>${columns.map((_, index) => cellMarkup(row[index], formats[index]))}</tr>\n`)
  return html`<div class="finding">
<h4>${title}</h4>
${rows.length === 0 ? html`<p class="quiet">No rows.</p>` : scrollTable(title, heads, body)}
${note && html`<p class="caption">${note}</p>`}
</div>`
}
