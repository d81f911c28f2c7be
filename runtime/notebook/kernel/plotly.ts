import { randomUUID } from 'node:crypto'
import type { MimeBundle } from '../api/mime.ts'

/** A figure as Plotly.js takes it. Typed arrays may stand where arrays may. */
export interface Figure {
  readonly data: readonly object[]
  readonly layout?: object
  readonly config?: object
}

const plain = (_: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Array.from(value, Number)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    // Every view but DataView is a typed array of numbers, now that those of bigints are gone.
    return Array.from(value as Float64Array)
  return value
}

/** `value` as JSON holds it: typed arrays as arrays, bigints as numbers, what JSON lacks as null. */
export const plainJson = (value: unknown): unknown => {
  const text = JSON.stringify(value, plain)
  return text === undefined ? null : JSON.parse(text)
}

// The library's own address: front ends that know the MIME type never come here.
const library = 'https://cdn.plot.ly/plotly-3.0.1.min.js'

/** A script's text may hold neither its own end tag nor a comment's start. */
const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

const fallback = (figure: unknown): string => {
  const id = `figure-${randomUUID()}`
  return [
    `<div id="${id}">This figure needs Plotly.</div>`,
    '<script>(() => {',
    `const figure = ${scriptJson(figure)}, place = document.getElementById('${id}')`,
    `const draw = (plotly) => { place.textContent = ''; plotly.newPlot(place, figure.data, figure.layout, figure.config) }`,
    'if (window.Plotly) return draw(window.Plotly)',
    `const script = document.createElement('script')`,
    `script.src = '${library}'; script.onload = () => draw(window.Plotly); document.head.append(script)`,
    '})()</script>',
  ].join('\n')
}

/** A figure as MIME bundle: Plotly's own type, and HTML that draws it where that type is unknown. */
export const figureBundle = ({ data, layout = {}, config }: Figure): MimeBundle => {
  const figure = plainJson({ data, layout, config })
  return { 'application/vnd.plotly.v1+json': figure, 'text/html': fallback(figure) }
}
