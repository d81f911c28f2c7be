import { printable } from '../../errors/printable.ts'
import { type Html, html } from '../../html/html.ts'
import { palette } from '../../html/palette.ts'
import type { ColumnSummary, TableSummary } from './table-summary.ts'

// Attributes rather than styles: they pass the sanitisers of notebooks and reports, which drop styles and classes.

/** A table's summary as HTML with inline SVG: every text of the data escaped, no script and no style. */
export function tableHtml(summary: TableSummary): string {
  const { columns, first, rows } = summary
  const heads = columns.map(({ name }) => html`<th scope="col" align="left"><bdi>${name || '(no name)'}</bdi></th>`)
  const body = first.map(
    (row) =>
      html`<tr>${columns.map(({ kind }, index) => cell(row[`cell ${index}`] ?? null, kind === 'number'))}</tr>\n`,
  )
  return html`<table>
<caption>${caption(summary)}</caption>
<thead>
<tr>${heads}</tr>
<tr>${columns.map((column) => html`<td valign="bottom">${aspects(column)}</td>`)}</tr>
</thead>
<tbody>
${body}</tbody>
</table>
${rows > first.length && first.length > 0 && html`<p><small>The first ${first.length} of ${shortNumber(rows)} rows.</small></p>`}`
    .markup
}

function caption({ rows, columns, columnsLeft, sample, rangesSampled }: TableSummary): string {
  const all = columns.length + columnsLeft
  const phrases = [`${shortNumber(rows)} ${rows === 1 ? 'row' : 'rows'}, ${all} ${all === 1 ? 'column' : 'columns'}`]
  if (columnsLeft > 0) phrases.push(`the first ${columns.length} columns are shown`)
  if (sample !== undefined) {
    const what = rangesSampled ? 'shares, ranges and histograms' : 'histograms and different values'
    phrases.push(`${what} of a sample of ${shortNumber(sample)} rows`)
  }
  return phrases.join('; ')
}

function aspects(column: ColumnSummary): Html {
  const { type, missing } = column
  const empty = missing !== null && missing > 0
  return html`<small>${type}${empty && html`<br>${percentText(missing)} missing`}<br>${histogram(column)}${range(column)}</small>`
}

function range({ type, least, most, different, trueShare }: ColumnSummary): Html | false {
  if (least !== null && most !== null) {
    const [from, to] = [least, most].map((end) =>
      /^(DOUBLE|FLOAT)/.test(type) ? digits(Number(end), 5) : clipped(end),
    )
    return html`${from === to ? from : `${from} – ${to}`}`
  }
  if (trueShare !== null) return html`${percentText(trueShare)} true`
  return different !== null && different > 0 && html`about ${shortNumber(different)} different`
}

const width = 80
const height = 22

/** Bars over equally wide parts of a column's range. */
function histogram({ bins, name }: ColumnSummary): Html | false {
  const most = Math.max(...bins)
  if (bins.length === 0 || most <= 0) return false
  const step = width / bins.length
  const bars = bins.map((count, index) => {
    if (count === 0) return false
    const tall = Math.max(1, Math.round((count / most) * height))
    return html`<rect x="${index * step}" y="${height - tall}" width="${step - 1}" height="${tall}" fill="${palette.inlineBar}"/>`
  })
  return html`<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Histogram of ${name}">${bars}</svg><br>`
}

/** The digits that matter to a reader; whole numbers whole. */
const digits = (value: number, count: number): string =>
  String(Number.isInteger(value) || !Number.isFinite(value) ? value : Number(value.toPrecision(count)))

function cell(value: string | number | boolean | null, isNumber: boolean): Html {
  if (value === null) return html`<td${isNumber && html` align="right"`}>–</td>`
  if (typeof value === 'number') return html`<td align="right">${digits(value, 10)}</td>`
  if (typeof value === 'boolean') return html`<td align="left">${value ? 'yes' : 'no'}</td>`
  return html`<td align="left"><bdi>${clipped(String(value), 60)}</bdi></td>`
}

const clipped = (text: string, length = 24): string => {
  const characters = Array.from(text)
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text
}

/** `1 234 567`, with spaces that do not break. */
export const shortNumber = (number: number): string =>
  Number.isInteger(number) ? String(number).replaceAll(/\B(?=(\d{3})+$)/g, '\u00a0') : String(number)

/** `12 %`; what is nearly nothing or nearly all is said so. */
function percentText(share: number): string {
  if (share > 0 && share < 0.01) return 'under 1 %'
  if (share < 1 && share > 0.99) return 'over 99 %'
  return `${Math.round(share * 100)} %`
}

const mostWidth = 24

const fit = (text: string): string => {
  const line = printable(text).replaceAll(/\s+/g, ' ')
  const characters = Array.from(line)
  return characters.length > mostWidth ? `${characters.slice(0, mostWidth - 1).join('')}…` : line
}

/** A table's summary as plain text: columns with their types, and its first rows. */
export function tableText({ rows, columns, columnsLeft, first }: TableSummary): string {
  const leading = columns.slice(0, 10)
  const lines = [
    leading.map(({ name }) => fit(name)),
    leading.map(({ type, missing }) => fit(missing ? `${type}, ${percentText(missing)} missing` : type)),
    ...first.map((row) => leading.map((_, index) => fit(String(row[`cell ${index}`] ?? '–')))),
  ]
  const widths = leading.map((_, index) => Math.max(...lines.map((line) => Array.from(line[index] ?? '').length)))
  const text = lines.map((line) =>
    line
      .map((part, index) => part + ' '.repeat((widths[index] ?? 0) - Array.from(part).length))
      .join('  ')
      .trimEnd(),
  )
  const all = columns.length + columnsLeft
  return [`${shortNumber(rows)} rows, ${all} columns`, ...text].join('\n')
}
