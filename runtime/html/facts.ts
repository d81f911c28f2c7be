import type { ProblemRecord } from '../errors/problem.ts'
import { type Html, html, readable } from './html.ts'
import { moment, plain } from './numbers.ts'

// Names with their values: facts, settings, and what is said of a problem.

/** A fact without a value is left out. */
export type Fact = readonly [name: string, value: Html | string | false | undefined]

const hasValue = ([, value]: Fact): boolean => value !== undefined && value !== false

/** Facts as a list; `look` is its class. */
export const factList = (facts: readonly Fact[], look: 'run-facts' | 'pairs' = 'run-facts'): Html =>
  html`<dl class="${look}">
${facts.filter(hasValue).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`

/** Names and values as a table of two columns; values of the look `path` may break anywhere. */
export const pairTable = (pairs: readonly Fact[], look?: 'path'): Html =>
  html`<table class="pairs"><tbody>${pairs
    .filter(hasValue)
    .map(
      ([name, value]) =>
        html`<tr><th scope="row"><bdi>${name}</bdi></th><td${look && html` class="${look}"`}>${look ? html`<bdi>${value}</bdi>` : value}</td></tr>\n`,
    )}</tbody></table>`

/** A time for people and programs; a dash where there is none. */
export const timeOf = (iso: string | null): Html =>
  iso === null ? html`<span class="none">–</span>` : html`<time datetime="${iso}">${moment(iso)}</time>`

const settingText = (value: unknown): Html => {
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
export const settingsTable = (settings: Readonly<Record<string, unknown>>): Html => {
  const entries = Object.entries(settings)
  if (entries.length === 0) return html`<p class="quiet">None.</p>`
  return pairTable(entries.map(([name, value]) => [name, settingText(value)]))
}

const positionOf = ({ file, line, column }: ProblemRecord): string =>
  [file, line, column].filter((item) => item !== undefined).join(':')

/** What happened, where, what was found and what would be right. */
export const problemFacts = (problem: ProblemRecord): Html => {
  return html`<p class="message">${problem.message}</p>
${factList(
  [
    ['Where', problem.file !== undefined && html`<code class="path">${positionOf(problem)}</code>`],
    ['Found', problem.actual],
    ['Expected', problem.expected],
    ['Code', html`<code>${problem.code}</code>`],
  ],
  'pairs',
)}`
}

/** What kept a run, a step or a notebook from its end; `look` is how it ended. */
export const problemPanel = (
  heading: Html | string,
  look: string,
  content: Html,
): Html => html`<section class="problem ${look}" aria-labelledby="problem-title">
<h2 id="problem-title">${heading}</h2>
${content}
</section>`
