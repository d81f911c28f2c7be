import { type Html, html } from '../../html/html.ts'
import { type Column, scrollTable } from '../../html/tables.ts'

/** A table, or what to do where there is nothing in it yet. */
export const tableOr = (label: string, columns: readonly Column[], rows: readonly Html[], empty: Html): Html =>
  rows.length === 0 ? html`<div class="empty">${empty}</div>` : scrollTable(label, columns, rows, 'whole')

/** A link to the next page of a list, with the same filters. */
export const nextLink = (path: string, query: URLSearchParams, next: string | null): Html | false => {
  if (next === null) return false
  const more = new URLSearchParams(query)
  more.set('cursor', next)
  return html`<p class="more"><a href="${path}?${more.toString()}" rel="next">Older ones</a></p>`
}

/** A button that sends a change by itself. */
export const button = (action: string, label: string, fields: Html, look: '' | 'danger' | 'plain' = ''): Html =>
  html`<form method="post" action="${action}" class="single">${fields}<button${look !== '' && html` class="${look}"`}>${label}</button></form>`
