import type { Figure, Finding, Metric, Note } from '../../nodes/node.ts'
import { isWide, type PreparedFigure, prepareFigure } from './figures.ts'
import { type Html, html } from './html.ts'
import { metricCards } from './metrics.ts'
import { counted, fixed } from './numbers.ts'
import { pack } from './plotly.ts'
import { findingTable } from './tables.ts'

// More than this never fits, and would take long to find out.
const mostValues = 60_000

const countValues = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 1
  if (ArrayBuffer.isView(value)) return value.byteLength / 8
  let count = 0
  for (const part of Object.values(value)) {
    count += countValues(part)
    if (count > mostValues) break
  }
  return count
}

/** The figures a page has so far, and the room left for more, in packed characters. */
export class FigureBox {
  readonly figures: PreparedFigure[] = []
  /** Where a reader finds the points of a figure that is not drawn. */
  readonly source: string
  #room: number

  constructor(room: number, source: string) {
    this.#room = room
    this.source = source
  }

  /** The figure's number on the page, or why there is none. */
  add(figure: Figure): number | 'large' | 'empty' {
    if (countValues(figure.data) + countValues(figure.layout) > mostValues) return 'large'
    const prepared = prepareFigure(figure)
    if (prepared.data.length === 0) return 'empty'
    const size = pack(JSON.stringify(prepared)).length
    if (size > this.#room) return 'large'
    this.#room -= size
    return this.figures.push(prepared) - 1
  }
}

/** What is said in the place of a figure that is not drawn. */
type UndrawnTexts = Readonly<Record<'large' | 'empty', string>>

const undrawnIn = (source: string): UndrawnTexts => ({
  large: `This figure has too many points for the report; its numbers are in ${source}.`,
  empty: 'There is nothing to draw.',
})

interface FigureLook {
  readonly wide?: boolean
  /** What is read out in its place. */
  readonly label?: string
  readonly undrawn?: UndrawnTexts
}

/** The room for a figure on the page, with its title and its description, or why it is not drawn. */
export const figureMarkup = (
  figure: Figure,
  box: FigureBox,
  { wide = false, label = figure.description, undrawn = undrawnIn(box.source) }: FigureLook = {},
): { readonly drawn: boolean; readonly markup: Html } => {
  const number = box.add(figure)
  const drawn = typeof number === 'number'
  const markup = html`<figure class="figure${wide && ' wide'}">
${figure.title && html`<h4>${figure.title}</h4>`}
${drawn ? html`<div class="plot" role="img" aria-label="${label}" data-figure="${number}"></div>` : html`<p class="callout">${undrawn[number]}</p>`}
${figure.description && html`<figcaption>${figure.description}</figcaption>`}
</figure>`
  return { drawn, markup }
}

/** Figures two by two; one that needs the width, or has no neighbour left, takes a row of its own. */
const figureGrid = (figures: readonly Figure[], box: FigureBox): Html => {
  const figureRows: Html[] = []
  for (let index = 0; index < figures.length; index += 1) {
    const [figure, next] = [figures[index], figures[index + 1]]
    if (!figure) continue
    const pair = next !== undefined && !isWide(figure) && !isWide(next)
    figureRows.push(figureMarkup(figure, box, { wide: !pair }).markup)
    if (!pair) continue
    figureRows.push(figureMarkup(next, box).markup)
    index += 1
  }
  return html`<div class="figures">${figureRows}</div>`
}

const noteMarkup = ({ level, text }: Note): Html =>
  level === 'warning'
    ? html`<p class="callout warning"><strong>Warning.</strong> ${text}</p>`
    : html`<p class="callout">${text}</p>`

/** Neighbours of one kind: metrics make one row of cards, figures one grid. */
const runsOfKind = (findings: readonly Finding[]): Finding[][] =>
  findings.reduce<Finding[][]>((groups, finding) => {
    const last = groups.at(-1)
    if (last?.[0]?.kind === finding.kind) last.push(finding)
    else groups.push([finding])
    return groups
  }, [])

const isMetric = (finding: Finding): finding is Metric => finding.kind === 'metric'
const isFigure = (finding: Finding): finding is Figure => finding.kind === 'figure'

const figureNames = (figures: readonly Figure[]): Html =>
  html`${figures.map(({ title, description }) => html`<p class="quiet">A figure of the report: ${title}. ${description}</p>`)}`

/** Findings in the order in which a step gave them. Figures of a page without a box for them are told in words. */
export const findingsMarkup = (findings: readonly Finding[], box?: FigureBox): Html[] =>
  runsOfKind(findings).map((group) => {
    if (group.every(isMetric)) return metricCards(group)
    if (group.every(isFigure)) return box ? figureGrid(group, box) : figureNames(group)
    return html`${group.map((finding) => {
      if (finding.kind === 'table') return findingTable(finding)
      return finding.kind === 'note' && noteMarkup(finding)
    })}`
  })

interface StepWithFindings {
  readonly title: string
  readonly findings?: readonly Finding[]
}

/** As many warnings are read at once; the others are folded. */
const openWarnings = 8

/** What to be careful about, of all steps; `hrefOf` says where more is told of a step. */
export const warningsPanel = <Step extends StepWithFindings>(
  steps: readonly Step[],
  hrefOf: (step: Step, index: number) => string,
): Html | false => {
  const items = steps.flatMap((step, index) =>
    (step.findings ?? []).flatMap((finding) =>
      finding.kind === 'note' && finding.level === 'warning'
        ? [html`<li><a href="${hrefOf(step, index)}"><bdi>${step.title}</bdi></a> ${finding.text}</li>\n`]
        : [],
    ),
  )
  if (items.length === 0) return false
  const more = items.slice(openWarnings)
  return html`<section class="warnings" aria-labelledby="warnings-title">
<h2 id="warnings-title">${counted(items.length, 'warning', 'warnings')}</h2>
<ul>${items.slice(0, openWarnings)}</ul>
${more.length > 0 && html`<details><summary>${fixed(more.length)} more</summary><ul>${more}</ul></details>`}
</section>`
}
