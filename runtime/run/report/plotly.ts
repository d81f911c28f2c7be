import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { deflateSync } from 'node:zlib'
import { type Html, html, trusted } from './html.ts'

// Plotly is 1.5 MB of text. Deflated and in base64 it is 0.67 MB, which the browser inflates by itself
// (DecompressionStream) and runs as an inline script that the page's policy allows by its hash.

const require = createRequire(import.meta.url)

/** A source of a content security policy that allows exactly this inline text. */
export const hashSource = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Deflated and in base64, as the page's script unpacks it. */
export const pack = (text: string): string => deflateSync(text, { level: 9, memLevel: 9 }).toString('base64')

/** A block of data the browser neither runs nor shows. Base64 holds no sign that could end it. */
export const dataBlock = (id: string, packed: string): Html =>
  html`<script type="application/octet-stream" id="${id}">${trusted(packed)}</script>`

export interface Bundle {
  readonly version: string
  readonly packed: string
  readonly hash: string
}

let bundle: Bundle | undefined

/** Plotly's cartesian bundle, packed once in a process. */
export const plotly = (): Bundle => {
  if (bundle) return bundle
  const code = readFileSync(require.resolve('plotly.js-cartesian-dist-min'), 'utf8')
  const version = /plotly\.js[^v]*v(\d+\.\d+\.\d+)/.exec(code.slice(0, 200))?.[1] ?? ''
  bundle = { version, packed: pack(code), hash: hashSource(code) }
  return bundle
}
