import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { isShowable, type MimeBundle, mimeSymbol } from '../api/mime.ts'
import type { Content } from '../wire.ts'
import { type Figure, figureBundle, plainJson } from './plotly.ts'

interface DisplayOptions {
  /** Names the place on the page, so that it can be updated. */
  readonly display_id?: string
  /** Replaces what `display_id` shows, instead of showing once more. */
  readonly update?: boolean
  /** By MIME type, such as `{ 'image/png': { width: 400 } }`. */
  readonly metadata?: Content
}

/** Bytes, or their Base64. */
type Image = Uint8Array | string

const base64 = (image: Image): string => (typeof image === 'string' ? image : Buffer.from(image).toString('base64'))
const isJson = (type: string): boolean => /[/+]json$/.test(type)

const contents = (type: string, content: unknown): unknown => {
  if (isJson(type)) return plainJson(content)
  return content instanceof Uint8Array ? base64(content) : content
}

/** The ways to show something. What each gives depends on where it is shown. */
const verbs = <Shown>(put: (bundle: MimeBundle, options: DisplayOptions) => Shown) => ({
  /** Any MIME bundle: contents by type. Bytes become Base64. */
  bundle: (bundle: MimeBundle, options: DisplayOptions = {}): Shown => put(bundle, options),
  /** One content of any MIME type. */
  raw: (type: string, content: unknown, options: DisplayOptions = {}): Shown => put({ [type]: content }, options),
  html: (html: string, options: DisplayOptions = {}): Shown => put({ 'text/html': html }, options),
  markdown: (text: string, options: DisplayOptions = {}): Shown => put({ 'text/markdown': text }, options),
  latex: (text: string, options: DisplayOptions = {}): Shown => put({ 'text/latex': text }, options),
  text: (text: string, options: DisplayOptions = {}): Shown => put({ 'text/plain': text }, options),
  javascript: (script: string, options: DisplayOptions = {}): Shown =>
    put({ 'application/javascript': script }, options),
  json: (value: unknown, options: DisplayOptions = {}): Shown =>
    put({ 'application/json': value, 'text/plain': inspect(value) }, options),
  svg: (svg: string, options: DisplayOptions = {}): Shown => put({ 'image/svg+xml': svg }, options),
  png: (image: Image, options: DisplayOptions = {}): Shown => put({ 'image/png': base64(image) }, options),
  jpeg: (image: Image, options: DisplayOptions = {}): Shown => put({ 'image/jpeg': base64(image) }, options),
  gif: (image: Image, options: DisplayOptions = {}): Shown => put({ 'image/gif': base64(image) }, options),
  pdf: (document: Image, options: DisplayOptions = {}): Shown => put({ 'application/pdf': base64(document) }, options),
  /** A Plotly figure: `{ data, layout }`. */
  plotly: (figure: Figure, options: DisplayOptions = {}): Shown => put(figureBundle(figure), options),
})

type Verbs<Shown> = ReturnType<typeof verbs<Shown>>

/** Something shown. Its verbs show something else in the same place. */
interface Shown extends Verbs<void> {
  readonly display_id: string
}

/** `display(value)` shows a value as it would show itself; `display.html('…')` and its like say how. */
export interface Display extends Verbs<Shown> {
  (value: unknown, options?: DisplayOptions): Promise<Shown>
}

/** What `value` looks like: its own bundle, or Node's description of it. */
export async function bundleOf(value: unknown): Promise<MimeBundle> {
  if (!isShowable(value)) return { 'text/plain': inspect(value) }
  const bundle = await value[mimeSymbol]()
  return Object.fromEntries(Object.entries(bundle).map(([type, content]) => [type, contents(type, content)]))
}

/** The display API over `send`, which publishes a message of a kind (`display_data`, `update_display_data`). */
export function createDisplay(send: (kind: string, content: Content) => void): Display {
  const put = (bundle: MimeBundle, { display_id = randomUUID(), update, metadata = {} }: DisplayOptions): Shown => {
    const data = Object.fromEntries(Object.entries(bundle).map(([type, content]) => [type, contents(type, content)]))
    send(update ? 'update_display_data' : 'display_data', { data, metadata, transient: { display_id } })
    const again = verbs<void>((next, options) => void put(next, { ...options, display_id, update: true }))
    // As the last expression of a cell it must not be shown a second time.
    return { display_id, ...again, ...{ [mimeSymbol]: () => ({}) } }
  }
  const show = async (value: unknown, options: DisplayOptions = {}) => put(await bundleOf(value), options)
  return Object.assign(show, verbs(put))
}
