import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { deflate, deflateSync, type ZlibOptions } from 'node:zlib'
import { type Html, html, trusted } from './html.ts'

// Plotly is 1.5 MB of text. Deflated and in base64 it is 0.67 MB, which the browser inflates by itself
// (DecompressionStream) and runs as an inline script that the page's policy allows by its hash.

const require = createRequire(import.meta.url)

/** A source of a content security policy that allows exactly this inline text. */
export const hashSource = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const hard: ZlibOptions = { level: 9, memLevel: 9 }

/** Deflated and in base64, as the page's script unpacks it. */
export const pack = (text: string): string => deflateSync(text, hard).toString('base64')

/** A block of data the browser neither runs nor shows. Base64 holds no sign that could end it. */
export const dataBlock = (id: string, packed: string): Html =>
  html`<script type="application/octet-stream" id="${id}">${trusted(packed)}</script>`

export interface Bundle {
  readonly version: string
  readonly packed: string
  readonly hash: string
}

let bundle: Bundle | undefined

const read = (): string => readFileSync(require.resolve('plotly.js-cartesian-dist-min'), 'utf8')

const bundleOf = (code: string, packed: string): Bundle => ({
  version: /plotly\.js[^v]*v(\d+\.\d+\.\d+)/.exec(code.slice(0, 200))?.[1] ?? '',
  packed,
  hash: hashSource(code),
})

/** Plotly's cartesian bundle, packed once in a process. */
export const plotly = (): Bundle => {
  const code = bundle ? '' : read()
  bundle ??= bundleOf(code, pack(code))
  return bundle
}

/** Plotly's version and licence, for whoever checks a report. */
export const plotlyNote = (): string => `${plotly().version} (MIT licence, Plotly, Inc.)`

let packing: Promise<void> | undefined

/** Packs Plotly beside other work, so that a report does not wait for it. */
export function packPlotly(): Promise<void> {
  packing ??= packBeside()
  return packing
}

async function packBeside(): Promise<void> {
  const code = read()
  const packed = await promisify(deflate)(code, hard)
  bundle ??= bundleOf(code, packed.toString('base64'))
}
