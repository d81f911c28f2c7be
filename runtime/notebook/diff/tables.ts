import { clip, type Html, html } from '../../html/html.ts'
import { columnFormat, fixed } from '../../html/numbers.ts'
import { scrollTable } from '../../html/tables.ts'
import type { Pair, TableChange } from './changes.ts'

type Value = string | number | boolean | null | undefined

const most = { rows: 100, columns: 30 }

type Format = (value: number) => string

const cell = ({ a, b }: Pair<readonly Value[]>, index: number, format: Format): Html => {
  const [before, after] = [a?.[index], b?.[index]]
  const textOf = (value: Value): string => {
    if (value === null || value === undefined) return '–'
    return typeof value === 'number' ? format(value) : clip(String(value), 200)
  }
  const look = html`<td${[before, after].every((value) => typeof value !== 'string') && html` class="number"`}>`
  if (a === undefined) return html`${look}<ins>${textOf(after)}</ins></td>`
  if (b === undefined) return html`${look}<del>${textOf(before)}</del></td>`
  if (before === after) return html`${look}${textOf(after)}</td>`
  return html`${look}<del>${textOf(before)}</del> <ins>${textOf(after)}</ins></td>`
}

/** The changed rows of a table, each value that moved with what it was. */
export const changedTable = ({ title, columns, rows, same }: TableChange): Html => {
  const width = Math.min(
    most.columns,
    Math.max(columns.length, ...rows.map(({ a, b }) => Math.max(a?.length ?? 0, b?.length ?? 0))),
  )
  const heads = Array.from({ length: width }, (_, index) => ({
    name: html`<bdi>${clip(columns[index] ?? '', 120)}</bdi>`,
    number: rows.every(({ a, b }) => [a?.[index], b?.[index]].every((value) => typeof value !== 'string')),
  }))
  const formats = heads.map((_, index) =>
    columnFormat(rows.flatMap(({ a, b }) => [a?.[index], b?.[index]]).filter((value) => typeof value === 'number')),
  )
  const body = rows
    .slice(0, most.rows)
    .map((pair) => html`<tr>${formats.map((format, index) => cell(pair, index, format))}</tr>\n`)
  const left = rows.length - body.length
  const notes = [
    left > 0 && `${fixed(left)} more rows changed.`,
    same > 0 && `${fixed(same)} ${same === 1 ? 'row is' : 'rows are'} the same.`,
  ].filter(Boolean)
  return html`<div class="finding">
${title && html`<h3>${clip(title, 200)}</h3>`}
${scrollTable(title || 'Changed rows', heads, body)}
${notes.length > 0 && html`<p class="caption">${notes.join(' ')}</p>`}
</div>`
}
