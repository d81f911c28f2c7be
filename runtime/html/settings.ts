import { type Html, html, readable } from './html.ts'
import { plain } from './numbers.ts'

const shown = (value: unknown): Html => {
  if (value === null || value === undefined) return html`<span class="none" title="no value">–</span>`
  if (typeof value === 'boolean') return html`${value ? 'yes' : 'no'}`
  // A setting is shown to the digit it was given.
  if (typeof value === 'number')
    return html`${Number.isInteger(value) && Math.abs(value) >= 10_000 ? plain(value) : value}`
  if (typeof value === 'string') return value === '' ? html`<span class="none">empty</span>` : html`<bdi>${value}</bdi>`
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return html`<bdi>${value.map((item) => readable(String(item))).join(', ')}</bdi>`
  return html`<code>${JSON.stringify(value)}</code>`
}

/** Parameters or settings by name. */
export const settingsTable = (settings: Record<string, unknown>): Html => {
  const entries = Object.entries(settings)
  if (entries.length === 0) return html`<p class="quiet">None.</p>`
  return html`<table class="pairs"><tbody>${entries.map(
    ([name, value]) => html`<tr><th scope="row"><bdi>${name}</bdi></th><td>${shown(value)}</td></tr>\n`,
  )}</tbody></table>`
}
