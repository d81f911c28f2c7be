import { type Html, html } from '../../html/html.ts'
import { palette, traceColours } from '../../html/palette.ts'
import { type Axis, axisOf, plainLabel } from './figure-axis.ts'

// A still drawing for who shows a notebook without Plotly: bars, lines and points, without a style or a script.

interface Trace {
  readonly type?: unknown
  readonly mode?: unknown
  readonly name?: unknown
  readonly orientation?: unknown
  readonly x?: unknown
  readonly y?: unknown
  readonly z?: unknown
}

const width = 640
const height = 320
const inner = { left: 64, right: width - 12, top: 26, bottom: height - 40 }
/** Points of a trace; of more every n-th is drawn. */
const mostPoints = 1000

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** A series to draw: pairs of values. */
interface Series {
  readonly kind: 'bar' | 'line' | 'points'
  readonly across: boolean
  readonly name: string
  readonly points: readonly (readonly [unknown, unknown])[]
}

function seriesOf(trace: Trace): Series | undefined {
  const { type = 'scatter', mode, orientation } = trace
  const name = typeof trace.name === 'string' ? trace.name : ''
  const { x, y } = trace
  if (type !== 'bar' && type !== 'scatter') return undefined
  const xs = isList(x) ? x : isList(y) ? y.map((_, index) => index) : []
  const ys = isList(y) ? y : xs.map((_, index) => index)
  const every = Math.max(1, Math.ceil(xs.length / mostPoints))
  const points = xs.flatMap((value, index): [unknown, unknown][] => (index % every === 0 ? [[value, ys[index]]] : []))
  const onlyPoints = typeof mode === 'string' && !mode.includes('lines')
  return { kind: type === 'bar' ? 'bar' : onlyPoints ? 'points' : 'line', across: orientation === 'h', name, points }
}

/** Bars, lines and points of prepared Plotly traces as SVG; a sentence where they are of other kinds. */
export function figureSvg(traces: readonly unknown[], label: string): Html {
  const [only] = traces as readonly Trace[] // each field is looked at
  if (traces.length === 1 && only?.type === 'heatmap') return heatmap(only, label)
  const series = traces.map((trace) => seriesOf((trace ?? {}) as Trace)) // each field is looked at
  const drawn = series.filter((one) => one !== undefined)
  if (drawn.length < series.length || drawn.length === 0)
    return html`<p><small>This figure is drawn where the notebook is shown with Plotly.</small></p>`
  const across = drawn.some((one) => one.kind === 'bar' && one.across)
  const bars = drawn.some(({ kind }) => kind === 'bar')
  const xAxis = axisOf(
    drawn.flatMap(({ points }) => points.map(([x]) => x)),
    inner.left,
    inner.right,
    bars && across,
  )
  const yAxis = axisOf(
    drawn.flatMap(({ points }) => points.map(([, y]) => y)),
    inner.bottom,
    inner.top,
    bars && !across,
  )
  const shapes = drawn.map((one, index) => drawSeries(one, index, drawn, xAxis, yAxis))
  return html`<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
${gridOf(xAxis.ticks, yAxis.ticks)}
${shapes}
${legend(drawn)}</svg>`
}

/** Squares, the darker the higher; beside many, their values. */
function heatmap({ x, y, z }: Trace, label: string): Html {
  const rows = isList(z) ? z.filter(isList).slice(0, 60) : []
  const columns = Math.min(60, Math.max(0, ...rows.map((row) => row.length)))
  const xs = Array.from({ length: columns }, (_, index) => String((isList(x) ? x[index] : undefined) ?? index))
  const ys = rows.map((_, index) => String((isList(y) ? y[index] : undefined) ?? index))
  const values = rows.flatMap((row) => row.filter((value) => typeof value === 'number'))
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [0, 0])
  const [wide, tall] = [(inner.right - inner.left) / columns, (inner.bottom - inner.top) / rows.length]
  const places = (names: readonly string[], from: number, step: number): Axis['ticks'] =>
    names.map((name, index) => ({ at: from + (index + 0.5) * step, label: plainLabel(name) }))
  const cells = rows.map((row, down) =>
    row.slice(0, columns).map((value, along) => {
      if (typeof value !== 'number') return false
      const [left, top] = [inner.left + along * wide, inner.bottom - (down + 1) * tall]
      const depth = most > least ? (value - least) / (most - least) : 0
      return html`<rect x="${round(left)}" y="${round(top)}" width="${round(wide - 1)}" height="${round(tall - 1)}" fill="${palette.accent}" fill-opacity="${(0.06 + 0.84 * depth).toFixed(2)}"/>${
        columns <= 12 &&
        html`<text x="${round(left + wide / 2)}" y="${round(top + tall / 2 + 4)}" font-size="11" text-anchor="middle" fill="${depth > 0.5 ? palette.paper : palette.ink}">${String(Number(value.toPrecision(3)))}</text>`
      }`
    }),
  )
  const [xTicks, yTicks] = [places(xs, inner.left, wide), places(ys, inner.bottom, -tall)]
  return html`<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
${gridOf(xTicks, yTicks)}
${cells}</svg>`
}

const colour = (index: number): string => traceColours[index % traceColours.length] ?? ''

const round = (number: number): string => number.toFixed(1)

function drawSeries(series: Series, index: number, all: readonly Series[], xAxis: Axis, yAxis: Axis): Html {
  const places = series.points.flatMap(([x, y]): [number, number][] => {
    const [left, top] = [xAxis.position(x), yAxis.position(y)]
    return left === undefined || top === undefined ? [] : [[left, top]]
  })
  if (series.kind === 'points')
    return html`<g fill="${colour(index)}" fill-opacity="0.7">${places.map(
      ([x, y]) => html`<circle cx="${round(x)}" cy="${round(y)}" r="3"/>`,
    )}</g>`
  if (series.kind === 'line')
    return html`<polyline fill="none" stroke="${colour(index)}" stroke-width="2" points="${places.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}"/>`
  const bars = all.filter(({ kind }) => kind === 'bar')
  const thick = Math.max(1, ((series.across ? yAxis.step : xAxis.step) * 0.75) / bars.length)
  const shift = (bars.indexOf(series) - bars.length / 2) * thick
  return html`<g fill="${colour(index)}">${places.map(([x, y]) =>
    series.across ? bar(xAxis.zero, y + shift, x, y + shift + thick) : bar(x + shift, yAxis.zero, x + shift + thick, y),
  )}</g>`
}

const bar = (x0: number, y0: number, x1: number, y1: number): Html =>
  html`<rect x="${round(Math.min(x0, x1))}" y="${round(Math.min(y0, y1))}" width="${round(Math.abs(x1 - x0))}" height="${round(Math.abs(y1 - y0))}"/>`

function gridOf(xTicks: Axis['ticks'], yTicks: Axis['ticks']): Html {
  const lines = yTicks.map(
    ({ at, label }) =>
      html`<line x1="${inner.left}" x2="${inner.right}" y1="${round(at)}" y2="${round(at)}" stroke="${palette.line}"/><text x="${inner.left - 6}" y="${round(at + 4)}" font-size="11" text-anchor="end" fill="${palette.soft}">${label}</text>`,
  )
  // Labels that would run into each other are left out.
  const room = (inner.right - inner.left) / Math.max(1, xTicks.length)
  const every = Math.max(1, Math.ceil(70 / Math.max(1, room)))
  const names = xTicks
    .filter((_, index) => index % every === 0)
    .map(
      ({ at, label }) =>
        html`<text x="${round(at)}" y="${inner.bottom + 18}" font-size="11" text-anchor="middle" fill="${palette.soft}">${label}</text>`,
    )
  return html`${lines}${names}`
}

function legend(series: readonly Series[]): Html | false {
  if (series.length < 2) return false
  return html`${series
    .slice(0, 5)
    .map(
      ({ name }, index) =>
        html`<rect x="${inner.left + index * 115}" y="6" width="10" height="10" fill="${colour(index)}"/><text x="${inner.left + index * 115 + 15}" y="15" font-size="11" fill="${palette.ink}">${Array.from(name).slice(0, 15).join('')}</text>`,
    )}`
}
