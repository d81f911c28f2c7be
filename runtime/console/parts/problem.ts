import type { ProblemRecord } from '../../errors/problem.ts'
import { type Html, html } from '../../html/html.ts'
import { problemFacts } from '../../html/problem.ts'
import type { ApiProblem } from '../api.ts'

/** Faults in plain words: what happened, where, what was found and what would be right. */
export const faultList = (problems: readonly ProblemRecord[]): Html =>
  html`<ul class="faults">${problems.map((problem) => html`<li>${problemFacts(problem)}</li>\n`)}</ul>`

/** Why what a person asked for was refused, read out at once to who cannot see it. */
export const problemPanel = ({
  problems,
}: Pick<ApiProblem, 'problems'>): Html => html`<section class="refused" role="alert">
<h2>${problems.length === 1 ? 'That did not work' : `That did not work, for ${problems.length} reasons`}</h2>
${faultList(problems)}
</section>`
