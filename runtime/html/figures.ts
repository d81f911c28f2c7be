import type { Figure } from '../../nodes/node.ts'
import { nearest } from '../errors/nearest.ts'
import { defaultHeight, heights, houseScales, template } from './figure-style.ts'
import { clip, readable } from './html.ts'

// A figure comes from a node and carries names from the client's data: what it may do is decided here.
// It draws; it links nowhere, loads nothing, and its texts are texts.

type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain }

/** A figure ready for Plotly, and the name of the file it is saved under. */
export interface PreparedFigure {
  readonly data: readonly Plain[]
  readonly layout: { readonly [key: string]: Plain }
  readonly file: string
}

/** The kinds of traces that the bundle of Plotly in reports draws; a trace without one is a scatter. */
const traceTypes =
  'bar box contour heatmap histogram histogram2d histogram2dcontour pie scatter scatterternary violin'.split(' ')

const isDrawn = ({ type }: Readonly<Record<string, unknown>>): boolean =>
  type === undefined || traceTypes.includes(String(type))

/** What keeps a figure's traces from being drawn, if anything: notebooks and steps refuse the figure. */
export function traceFault(
  traces: readonly Readonly<Record<string, unknown>>[],
): { readonly reason: string; readonly right: string; readonly actual: string } | undefined {
  const isList =
    Array.isArray(traces) && traces.every((trace) => typeof trace === 'object' && trace && !Array.isArray(trace))
  if (!isList) {
    const reason = 'its data is no list of traces.'
    return {
      reason,
      right: 'Such as [{ type: bar, x: […], y: […] }].',
      actual: JSON.stringify(traces)?.slice(0, 80) ?? 'nothing',
    }
  }
  const others = [...new Set(traces.filter((trace) => !isDrawn(trace)).map(({ type }) => String(type)))]
  const [first] = others
  if (first === undefined) return undefined
  const reason = `it has traces of a kind that cannot be drawn: ${others.join(', ')}.`
  return { reason, right: nearest(first, traceTypes, 'kind of trace'), actual: first }
}

// Pictures are loaded from addresses; buttons and sliders carry instructions that would escape this check;
// a title repeats the heading; fonts and the template are the house's.
const dropped = new Set(
  'images image source src href template updatemenus sliders frames family __proto__ constructor prototype'.split(' '),
)

// The places of names from the data, which would push the drawing off the page where they are long.
const names = new Set('x y x0 x1 y0 y1 labels name categoryarray ticktext tickvals'.split(' '))
const sentences = new Set('text title hovertext'.split(' '))

// In characters: names under upright bars stand side by side, other names stand alone.
const lineLengths = { sideBySide: 14, alone: 28, sentence: 60 }
const textLimit = 600
const deepest = 24

/** Breaks a long label into at most three lines, which Plotly sets below each other. */
const wrap = (text: string, length: number): string => {
  if (text.length <= length || text.includes('<br>')) return clip(text, textLimit)
  const lines = ['']
  // Technical names break after their joints; a unit stays with its number.
  for (const word of clip(text, length * 3).split(/(?<=[ _/.-])(?![%\p{Sc}])/u)) {
    const last = lines.at(-1) ?? ''
    if (last === '' || (last + word).trimEnd().length <= length) lines[lines.length - 1] = last + word
    else lines.push(word)
  }
  const cut = lines.length > 3 ? [...lines.slice(0, 2), `${lines[2]?.trimEnd()} …`] : lines
  return cut.map((part) => clip(part.trimEnd(), length * 2)).join('<br>')
}

/** Plotly reads a small HTML of its own in texts, links included: only marks of emphasis and line breaks stay. */
const harmless = (text: string): string =>
  readable(text).replace(/<(?!(?:br|\/?(?:b|i|em|strong|sub|sup|extra))\s*\/?>)/gi, '&lt;')

/** Ten digits are more than a screen shows, and half of what a double takes as text. */
const shortened = (value: number): number | null => {
  if (!Number.isFinite(value)) return null
  return Number.isInteger(value) ? value : Number(value.toPrecision(10))
}

/** Keeps different names different after they are cut, so that two categories never fall into one. */
class Labels {
  readonly #cut = new Map<string, string>()
  readonly #used = new Set<string>()
  readonly #length: number

  constructor(length: number) {
    this.#length = length
  }

  of(text: string): string {
    const cached = this.#cut.get(text)
    if (cached !== undefined) return cached
    const base = harmless(wrap(readable(text), this.#length))
    let label = base
    for (let count = 2; this.#used.has(label); count += 1) label = `${base} (${count})`
    this.#cut.set(text, label)
    this.#used.add(label)
    return label
  }
}

const plainScalar = (value: unknown, key: string, labels: Labels): Plain | undefined => {
  if (typeof value === 'string') {
    if (names.has(key)) return labels.of(value)
    return harmless(sentences.has(key) ? wrap(readable(value), lineLengths.sentence) : clip(value, textLimit))
  }
  if (typeof value === 'number') return shortened(value)
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'boolean' || value === null) return value
  return undefined
}

const plainValue = (value: unknown, key: string, labels: Labels, depth: number): Plain | undefined => {
  if (typeof value !== 'object' || value === null) return plainScalar(value, key, labels)
  if (value instanceof Date) return value.toISOString()
  if (depth > deepest) return undefined
  if (Array.isArray(value)) return value.map((item) => plainValue(item, key, labels, depth + 1) ?? null)
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, shortened) // a DataView has no use in a figure
  return plainObject(value, labels, depth)
}

const plainObject = (value: object, labels: Labels, depth: number): { [key: string]: Plain } => {
  const result: { [key: string]: Plain } = {}
  for (const [name, part] of Object.entries(value)) {
    // `images[0].source` is a picture by its long name.
    if (dropped.has(name) || /[.[]/.test(name)) continue
    const inStyle = name === 'colorscale' && typeof part === 'string' ? (houseScales[part] ?? part) : part
    const cleaned = plainValue(inStyle, name, labels, depth + 1)
    if (cleaned !== undefined) result[name] = cleaned
  }
  return result
}

const fileName = (title: string): string =>
  clip(title.toLowerCase().replace(/[^a-z0-9äöåæøéü]+/g, '-'), 60).replace(/^-+|[-…]+$/g, '') || 'figure'

const heightOf = (height: unknown): number =>
  typeof height === 'number' && Number.isFinite(height)
    ? Math.min(heights.most, Math.max(heights.least, Math.round(height)))
    : defaultHeight

const isName = (value: unknown): value is string => typeof value === 'string' && !/^\d{4}-\d{2}/.test(value)

/** The names of a figure's upright bars and the like; none where the horizontal axis is of numbers or dates. */
const namesAcross = ({ data }: Figure): readonly string[] => [
  ...new Set(data.flatMap(({ x, orientation }) => (orientation !== 'h' && Array.isArray(x) ? x.filter(isName) : []))),
]

/** True for a figure that needs the page's full width: more names than half a page holds side by side. */
export const isWide = (figure: Figure): boolean =>
  namesAcross(figure).reduce((length, name) => length + Math.min(name.length, lineLengths.sideBySide) + 2, 0) > 70

// More cells than these leave no room to read a number in one.
const readableCells = { across: 12, down: 24 }

/** A heat map of few cells says its numbers, unless it says something else: colours alone are read roughly. */
const withNumbers = (trace: { [key: string]: Plain }): { [key: string]: Plain } => {
  const { type, z, texttemplate } = trace
  if (type !== 'heatmap' || texttemplate !== undefined || !Array.isArray(z)) return trace
  const across = Math.max(0, ...z.map((row) => (Array.isArray(row) ? row.length : 0)))
  if (across > readableCells.across || z.length > readableCells.down) return trace
  return { ...trace, texttemplate: '%{z:,.2~f}' }
}

/** Makes a node's figure safe and gives it the house look: only drawn traces stay, in plain JSON. */
export const prepareFigure = (figure: Figure): PreparedFigure => {
  const labels = new Labels(namesAcross(figure).length > 0 ? lineLengths.sideBySide : lineLengths.alone)
  const drawable = figure.data.filter(isDrawn)
  const { title: _, width: __, autosize: ___, ...layout } = plainObject(figure.layout ?? {}, labels, 0)
  return {
    data: drawable.map((trace) => withNumbers(plainObject(trace, labels, 0))),
    layout: {
      // Plotly takes the first sign for decimals and the second for thousands.
      separators: '.\u202f',
      ...layout,
      height: heightOf(layout.height),
      autosize: true,
      template: template as unknown as Plain, // the template is made of plain values only
    },
    file: fileName(figure.title),
  }
}
