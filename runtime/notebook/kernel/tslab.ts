import { randomUUID } from 'node:crypto'
import { polkuVersion } from '../../data/installation.ts'
import type { Display as PolkuDisplay } from './display.ts'

// What `import * as tslab from 'tslab'` gives in a Polku kernel: tslab's API on Polku's own display, so that
// notebooks written for tslab run unchanged.

const verbs = ['javascript', 'html', 'markdown', 'latex', 'svg', 'png', 'jpeg', 'gif', 'pdf', 'text', 'raw'] as const

/** Shows, and gives nothing back. */
export type Display = {
  [V in (typeof verbs)[number]]: PolkuDisplay[V] extends (...args: infer A) => unknown ? (...args: A) => void : never
}

// The kernel makes its `display` before a cell can import this.
const own = (): PolkuDisplay => (globalThis as unknown as { display: PolkuDisplay }).display // undeclared here, lest Polku's own code use it

/** A display whose every use replaces what it showed before. */
export function newDisplay(): Display {
  const display_id = randomUUID()
  let update = false
  const show = (type: string, content: unknown): void => {
    own().raw(type, content, { display_id, update })
    update = true
  }
  return {
    javascript: (script) => show('application/javascript', script),
    html: (html) => show('text/html', html),
    markdown: (text) => show('text/markdown', text),
    latex: (text) => show('text/latex', text),
    svg: (svg) => show('image/svg+xml', svg),
    png: (image) => show('image/png', image),
    jpeg: (image) => show('image/jpeg', image),
    gif: (image) => show('image/gif', image),
    pdf: (document) => show('application/pdf', document),
    text: (text) => show('text/plain', text),
    raw: show,
  }
}

// A new place for every use, as tslab has it.
const once = (verb: (typeof verbs)[number]) => [
  verb,
  (...args: unknown[]): void => void (own()[verb] as (...args: unknown[]) => unknown)(...args), // the verbs' types are in Display
]
export const display = Object.fromEntries(verbs.map(once)) as Display // one entry per verb

/** tslab's `versions`: what runs the notebook. */
export const versions = { tslab: `polku ${polkuVersion}`, node: process.version }
