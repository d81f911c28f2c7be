import { type GraphLayout, layoutGraph } from './graph-layout.ts'
import { clip, type Html, html } from './html.ts'
import { rowCount, rowsText, type StepRows } from './step-rows.ts'
import { type StepProgress, stepState } from './steps.ts'

// The flow as a picture: left to right for a screen; for a phone or a sheet of paper, whichever direction
// is the narrower one.

const box = { width: 148, height: 66 }
const gap = { layers: 32, steps: 16, bend: 14 }
const margin = 6
const mostSteps = 80
// Wider drawings scroll instead of shrinking to the page's width.
const mostShrunk = 1400

/** What the picture tells of a step. */
interface GraphStep extends StepProgress, StepRows {
  readonly name: string
  readonly title: string
  readonly uses: string
  readonly from: readonly { readonly step: string }[]
}

interface Graph {
  readonly steps: readonly GraphStep[]
}

type Point = { readonly x: number; readonly y: number }
type Direction = 'across' | 'down'

interface Drawing {
  readonly width: number
  readonly height: number
  readonly svg: Html
}

/** The index of each of the step's sources, in the order of its inputs. */
const sourceIndexes = (run: Graph): readonly (readonly number[])[] => {
  const index = new Map(run.steps.map(({ name }, position) => [name, position]))
  return run.steps.map(({ from }) => from.flatMap(({ step }) => index.get(step) ?? []))
}

// A box is a drawing of its own, which cuts what is too long for it.
const stepBox = (step: GraphStep, index: number, { x, y }: Point): Html => {
  const { word, look } = stepState(step)
  return html`<a href="#step-${index + 1}" class="node ${look}">
<title>${[clip(step.title, 100), word, clip(rowsText(step), 200)].filter(Boolean).join(', ')}</title>
<svg x="${x - 1}" y="${y - 1}" width="${box.width + 2}" height="${box.height + 2}" viewBox="-1 -1 ${box.width + 2} ${box.height + 2}">
<rect class="box" width="${box.width}" height="${box.height}" rx="7"/>
<rect class="mark" y="10" width="3.5" height="${box.height - 20}" rx="1.75"/>
<text class="name" x="13" y="23">${clip(step.title, 15)}</text>
<text class="uses" x="13" y="38">${clip(step.uses, 23)}</text>
<text class="state" x="13" y="54">${clip(step.rows === undefined ? word : `${word} · ${rowCount(step.rows)}`, 24)}</text>
</svg></a>`
}

/** A smooth way through the points, leaving and arriving along the flow's direction. */
const curve = (points: readonly Point[], direction: Direction): string =>
  points.reduce((path, point, index) => {
    const before = points[index - 1]
    if (before === undefined) return `M${point.x} ${point.y}`
    const middle = direction === 'across' ? (before.x + point.x) / 2 : (before.y + point.y) / 2
    const controls =
      direction === 'across'
        ? `${middle} ${before.y} ${middle} ${point.y}`
        : `${before.x} ${middle} ${point.x} ${middle}`
    return `${path}C${controls} ${point.x} ${point.y}`
  }, '')

type Spot = { readonly layer: number; readonly position: number }

const drawing = (run: Graph, layout: GraphLayout, direction: Direction): Drawing => {
  const across = direction === 'across'
  const [length, breadth] = across ? [box.width, box.height] : [box.height, box.width]
  const round = (value: number) => Math.round(value * 10) / 10
  const along = (layer: number) => margin + layer * (length + gap.layers)
  const point = (a: number, b: number): Point => (across ? { x: round(a), y: round(b) } : { x: round(b), y: round(a) })
  const corner = ({ layer, position }: Spot) => point(along(layer), margin + position - breadth / 2 - gap.steps / 2 + 8)
  // A bend passes its layer in a straight line, so it has two points; ends touch the boxes.
  const way = (spots: readonly Spot[]) =>
    spots.flatMap(({ layer, position }, index) => [
      ...(index > 0 ? [point(along(layer) - (index === spots.length - 1 ? 2 : 0), margin + position)] : []),
      ...(index < spots.length - 1 ? [point(along(layer) + length, margin + position)] : []),
    ])
  const end = point(2 * margin + layout.layers * (length + gap.layers) - gap.layers, 2 * margin + layout.breadth)
  const svg = html`<svg viewBox="0 0 ${end.x} ${end.y}" width="${end.x}" height="${end.y}" role="group" aria-label="The flow's steps and what each reads">
<g class="edges">${layout.edges.map((spots) => html`<path d="${curve(way(spots), direction)}"/>`)}</g>
${run.steps.map((step, index) => stepBox(step, index, corner(layout.steps[index] ?? { layer: 0, position: 0 })))}
</svg>`
  return { width: end.x, height: end.y, svg }
}

const draw = (run: Graph, direction: Direction): Drawing => {
  const breadth = direction === 'across' ? box.height : box.width
  const spacing = { step: breadth + gap.steps, bend: gap.bend }
  return drawing(run, layoutGraph(sourceIndexes(run), spacing), direction)
}

/** The flow's graph with each step's state, linked to the steps. Very large flows have only their table. */
export const flowGraph = (run: Graph): Html => {
  if (run.steps.length === 0) return html`<p class="quiet">This flow has no steps.</p>`
  if (run.steps.length > mostSteps)
    return html`<p class="quiet">${run.steps.length} steps are too many for a picture; <a href="#all-steps">the table of all steps</a> lists them.</p>`
  const wide = draw(run, 'across')
  const down = draw(run, 'down')
  const small = down.width < wide.width ? down : wide
  const framed = ({ svg, width }: Drawing, medium: string): Html =>
    html`<div class="flow scroll${medium}${width > mostShrunk && ' long'}" tabindex="0" role="region" aria-label="The flow">${svg}</div>`
  if (small === wide) return framed(wide, '')
  return html`${framed(wide, ' for-wide')}
${framed(small, ' for-narrow')}`
}
