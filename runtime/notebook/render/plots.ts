import type { Figure } from '../../../nodes/node.ts'
import { type FigureBox, figureMarkup } from '../../html/findings.ts'
import { clip } from '../../html/html.ts'
import { type Metadata, metadataPart } from '../nbformat/cells.ts'

// Figures of Plotly's MIME type, as plotly.js, plotly.py and Polku's own `plot` give them.

const arrays = {
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  f4: Float32Array,
  f8: Float64Array,
} as const

const isKind = (kind: unknown): kind is keyof typeof arrays => typeof kind === 'string' && Object.hasOwn(arrays, kind)

/** Numbers that plotly.py packs as bytes in base64. Only rows of one dimension are told apart from texts. */
const unpacked = (value: unknown, depth = 0): unknown => {
  if (typeof value !== 'object' || value === null || depth > 12) return value
  if (Array.isArray(value))
    return value.some((item) => typeof item === 'object') ? value.map((item) => unpacked(item, depth + 1)) : value
  const { dtype, bdata, shape } = value as Metadata // an object that is no list has fields
  if (isKind(dtype) && typeof bdata === 'string') return rows(numbers(dtype, bdata), shape)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, unpacked(part, depth + 1)]))
}

const numbers = (kind: keyof typeof arrays, packed: string): number[] => {
  const bytes = Buffer.from(packed, 'base64')
  const Numbers = arrays[kind]
  const whole = bytes.byteLength - (bytes.byteLength % Numbers.BYTES_PER_ELEMENT)
  return Array.from(new Numbers(new Uint8Array(bytes.subarray(0, whole)).buffer))
}

/** `shape` is "rows, columns" for a matrix. */
const rows = (flat: number[], shape: unknown): unknown => {
  const [count, width] = typeof shape === 'string' ? shape.split(',').map(Number) : []
  if (!count || !width || count * width !== flat.length) return flat
  return Array.from({ length: count }, (_, row) => flat.slice(row * width, (row + 1) * width))
}

// Points drawn on a canvas look the same as SVG, which the page's Plotly has.
const drawnAs: Readonly<Record<string, string>> = { scattergl: 'scatter', heatmapgl: 'heatmap' }

const withoutMarks = (text: string): string =>
  text
    .slice(0, 2000)
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(lt|gt|amp|quot|#39);/g, (_, name: string) => entities[name] ?? '')
    .trim()

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" }

/** A title without Plotly's marks; it is escaped again where it is put on the page. */
const titleOf = (layout: Metadata): string => {
  const text = typeof layout.title === 'string' ? layout.title : metadataPart(layout, 'title').text
  return typeof text === 'string' ? clip(withoutMarks(text), 200) : ''
}

/** The figure in an output of Plotly's MIME type; nothing where it is none. `meta.description` tells it in words. */
export const plotlyFigure = (value: unknown): Figure | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const plot = value as Metadata // looked at below
  if (!Array.isArray(plot.data)) return undefined
  // Margins are the page's to choose: it sets the title elsewhere.
  const { margin: _, ...layout } = metadataPart(plot, 'layout')
  const { description } = metadataPart(layout, 'meta')
  const traces = plot.data.filter((trace) => typeof trace === 'object' && trace !== null && !Array.isArray(trace))
  const data = traces.map((trace) => {
    const plain = unpacked(trace) as Record<string, unknown> // an object stays one
    return typeof plain.type === 'string' ? { ...plain, type: drawnAs[plain.type] ?? plain.type } : plain
  })
  return {
    kind: 'figure',
    title: titleOf(layout),
    data,
    layout: unpacked(layout) as Record<string, unknown>, // as above
    description: typeof description === 'string' ? clip(description, 1000) : '',
  }
}

const undrawn = {
  large: 'This figure has too many points for the report; the notebook has them.',
  empty:
    'The report cannot draw this kind of figure: it draws lines, points, bars, boxes, histograms, heat maps and shares.',
}

/** A figure of a notebook on the page, or why it is not drawn. */
export const plotMarkup = (figure: Figure, box: FigureBox, wide = false): ReturnType<typeof figureMarkup> => {
  const label = [figure.title, figure.description].filter(Boolean).join('. ') || 'Figure'
  return figureMarkup(figure, box, { wide, label, undrawn })
}
