import { readFileSync } from 'node:fs'
import type { PreparedFigure } from './figures.ts'
import { type Html, html, trusted } from './html.ts'
import { dataBlock, hashSource, pack, plotly } from './plotly.ts'

// The browser reads a script or style without the line ends' carriage returns, and hashes that.
const own = (file: string | URL): string =>
  readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll('\r\n', '\n')

/** The text of style sheets of a page's own. */
export const sheetText = (files: readonly URL[]): string => files.map(own).join('\n')

const sheets = ['base', 'overview', 'page', 'flow', 'step', 'findings', 'tables', 'pairs']
const common = sheets.map((name) => own(`./styles/${name}.css`)).join('\n')
const script = own('./browser.js')

// Plotly opens an empty style element and fills it rule by rule.
const emptyStyle = hashSource('')

const policy = (style: string, withFigures: boolean): string => {
  const scripts = withFigures ? `${hashSource(script)} ${plotly().hash}` : "'none'"
  const styles = [hashSource(style), ...(withFigures ? [emptyStyle] : [])].join(' ')
  return [
    "default-src 'none'",
    `script-src ${scripts}`,
    `style-src ${styles}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

// A path on a map, in the accent colour; without it a browser asks the server for one.
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M3 13C3 8 13 9 13 3" fill="none" stroke="#0b5a86" stroke-width="2.5" stroke-linecap="round"/></svg>',
)}`

export interface Page {
  readonly title: string
  readonly body: Html
  /** In the order of the `data-figure` numbers in the body. */
  readonly figures: readonly PreparedFigure[]
  /** Style beside that of every report. */
  readonly style?: string
  /** Data the page carries for programs, by the id of its element. */
  readonly data?: Readonly<Record<string, unknown>>
}

// JSON in an element that the browser neither runs nor shows, and that nothing in it can end.
const jsonBlock = ([id, value]: [string, unknown]): Html =>
  html`<script type="application/json" id="${id}">${trusted(JSON.stringify(value).replaceAll('<', '\\u003c'))}</script>\n`

/**
 * One HTML file that stands alone: it asks for nothing, and its policy runs only its own script and
 * Plotly, by their hashes. Plotly is left out where there is no figure.
 */
export const page = ({ title, body, figures, style: more, data = {} }: Page): string => {
  const withFigures = figures.length > 0
  const style = more === undefined ? common : `${common}\n${more}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style, withFigures)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light">
<meta name="generator" content="Polku">
<title>${title}</title>
<link rel="icon" href="${icon}">
<style>${trusted(style)}</style>
</head>
<body>
${body}
${Object.entries(data).map(jsonBlock)}${
  withFigures &&
  html`${dataBlock('figures', pack(JSON.stringify(figures)))}
${dataBlock('plotly', plotly().packed)}
<script>${trusted(script)}</script>`
}
</body>
</html>
`.markup
}
