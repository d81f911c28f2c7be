import { readFileSync } from 'node:fs'
import type { PreparedFigure } from './figures.ts'
import { type Html, html, trusted } from './html.ts'
import { palette, paletteSheet } from './palette.ts'
import { dataBlock, hashSource, pack, plotly } from './plotly.ts'

// The browser reads a script or style without the line ends' carriage returns, and hashes that.
const own = (file: string | URL): string =>
  readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll('\r\n', '\n')

/** The text of style sheets of a page's own. */
export const sheetText = (files: readonly URL[]): string => files.map(own).join('\n')

const sheet = (name: string): string => own(`./styles/${name}.css`)

/** The look that reports and console share. */
export const sharedStyle = [paletteSheet, ...['base', 'parts', 'flow', 'findings', 'tables', 'pairs'].map(sheet)].join(
  '\n',
)

const reportStyle = [sharedStyle, ...['overview', 'page', 'step'].map(sheet)].join('\n')
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

/** A path on a map, in the accent colour. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><title>Polku</title><path d="M3 13C3 8 13 9 13 3" fill="none" stroke="${palette.accent}" stroke-width="2.5" stroke-linecap="round"/></svg>`

// Without an icon a browser asks the server for one.
const iconAddress = `data:image/svg+xml,${encodeURIComponent(icon)}`

export interface Page {
  readonly title: string
  /** What stands on the first screen. */
  readonly overview: Html
  /** List items with links to the parts of the page, and what stands above them. */
  readonly contents: Html
  readonly aboveContents?: Html
  readonly main: Html
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

const bodyOf = ({ overview, contents, aboveContents, main }: Page): Html =>
  html`<a class="skip" href="#main">Skip to the contents</a>
<header class="overview">
<div class="inner">
${overview}
</div>
</header>
<div class="columns-of-page">
<nav class="contents" aria-labelledby="contents-title">
${aboveContents}
<h2 id="contents-title">Contents</h2>
<ul>
${contents}
</ul>
</nav>
<main id="main">
${main}
</main>
</div>`

/**
 * One HTML file that stands alone: it asks for nothing, and its policy runs only its own script and
 * Plotly, by their hashes. Plotly is left out where there is no figure.
 */
export const page = (content: Page): string => {
  const { title, figures, style: more, data = {} } = content
  const withFigures = figures.length > 0
  const style = more === undefined ? reportStyle : `${reportStyle}\n${more}`
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
<link rel="icon" href="${iconAddress}">
<style>${trusted(style)}</style>
</head>
<body>
${bodyOf(content)}
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
