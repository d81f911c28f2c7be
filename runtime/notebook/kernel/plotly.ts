import { html } from '../../html/html.ts'
import { figureSvg } from '../api/figure-svg.ts'
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

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A still drawing: it fetches nothing and runs nothing, whoever shows the notebook. */
function drawing(figure: unknown): string {
  const { data, layout } = isObject(figure) ? figure : {}
  const traces = Array.isArray(data) ? data.filter(isObject) : []
  const { title } = isObject(layout) ? layout : {}
  const text = isObject(title) ? title.text : title
  const label = typeof text === 'string' ? text : ''
  return html`<figure>${label && html`<figcaption><b>${label}</b></figcaption>`}${figureSvg(traces, label)}</figure>`
    .markup
}

/** A figure as MIME bundle: Plotly's own type, and a still drawing where that type is unknown. */
export const figureBundle = ({ data, layout = {}, config }: Figure): MimeBundle => {
  const figure = plainJson({ data, layout, config })
  return { 'application/vnd.plotly.v1+json': figure, 'text/html': drawing(figure) }
}
