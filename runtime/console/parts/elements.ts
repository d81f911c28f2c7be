import type { PolkuProblem } from '../../client/client.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import { problemFacts } from '../../html/facts.ts'
import { type Html, html } from '../../html/html.ts'
import { badge, type State } from '../../html/steps.ts'
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

/** Problems in plain words: what happened, where, what was found and what would be right. */
export const problemList = (problems: readonly ProblemRecord[]): Html =>
  html`<ul class="faults">${problems.map((problem) => html`<li>${problemFacts(problem)}</li>\n`)}</ul>`

/** Why what a person asked for was refused, read out at once to who cannot see it. */
export const refusal = ({ all }: Pick<PolkuProblem, 'all'>): Html => html`<section class="refused" role="alert">
<h2>${all.length === 1 ? 'That did not work' : `That did not work, for ${all.length} reasons`}</h2>
${problemList(all)}
</section>`

const stages = {
  draft: { word: 'Draft', look: 'idle' },
  approved: { word: 'Approved', look: 'done' },
  lapsed: { word: 'Approval lapsed', look: 'stopped' },
  retired: { word: 'Retired', look: 'idle' },
  damaged: { word: 'Damaged', look: 'failed' },
} as const satisfies Record<string, State>

/** How far a version of a model has come. */
export const stageBadge = (stage: keyof typeof stages): Html => badge(stages[stage])
