import type { ProblemRecord } from '../errors/problem.ts'
import { type Html, html } from './html.ts'

const place = ({ file, line, column }: ProblemRecord): string | undefined =>
  file === undefined ? undefined : [file, line, column].filter((part) => part !== undefined).join(':')

const fact = (name: string, value: Html | string | undefined): Html | false =>
  value !== undefined && html`<div><dt>${name}</dt><dd>${value}</dd></div>`

/** What happened, where, what was found and what would be right. */
export const problemFacts = (problem: ProblemRecord): Html => {
  const where = place(problem)
  return html`<p class="message">${problem.message}</p>
<dl class="pairs">
${fact('Where', where === undefined ? undefined : html`<code class="path">${where}</code>`)}
${fact('Found', problem.found)}
${fact('Expected', problem.expected)}
${fact('Code', html`<code>${problem.code}</code>`)}
</dl>`
}
