import type { Finding } from '../../../nodes/node.ts'
import { shapeFaults } from '../../data/shape.ts'
import { type FigureBox, findingsMarkup } from '../../html/findings.ts'
import { clip, type Html, html } from '../../html/html.ts'
import { bytes } from '../../html/numbers.ts'
import { findingsSchema } from '../../run/record.ts'
import type { ErrorOutput, MimeBundle, Output } from '../nbformat/cells.ts'
import { codeBlock } from './code.ts'
import { mergedOutputs } from './document.ts'
import { type Cut, cutMarkup, cutText, limits, type Room } from './limits.ts'
import { formula, HeadingIds, readMarkdown } from './markdown.ts'
import { plotlyFigure, plotMarkup } from './plots.ts'
import { type Anchors, sanitise, sanitiseDrawing } from './sanitise.ts'
import { dressTables } from './tables.ts'
import { terminalText } from './terminal.ts'

/** What the outputs of a page share. */
export interface Sheet {
  readonly box: FigureBox
  readonly room: Room
  readonly anchors: Anchors
}

/** One way to show a bundle; nothing where its value is empty or not what its type says. */
type Way = (value: unknown, sheet: Sheet, bundle: MimeBundle) => Html | undefined

const note = (text: string | undefined): Html | false => text !== undefined && html`<p class="caption">${text}</p>`

const left = (what: string): Html => html`<p class="callout">${what} The notebook has it.</p>`

/** Markup of a text that is cut to its limit, where the report has room for it. */
const within = ({ text, note: cutNote }: Cut, { room }: Sheet, markup: (text: string) => Html): Html =>
  room.take(text.length) ? html`${markup(text)}${note(cutNote)}` : left('The report is full; this output is left out.')

const asText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const pre = (text: string, look: string): Html =>
  html`<pre class="printed ${look} scroll" tabindex="0">${terminalText(text)}</pre>`

const plainText: Way = (value, sheet) => {
  const text = asText(value)
  return text === undefined ? undefined : within(cutText(text, limits.text), sheet, (part) => pre(part, 'result'))
}

/** The contract's findings: metrics, tables, figures and notes. Throws nothing for other JSON: it is told. */
export const findingsOf = (value: unknown): readonly Finding[] | undefined => {
  // The check fills in defaults, and the notebook is not ours to change.
  if (typeof value !== 'object' || value === null) return undefined
  const copy: unknown = structuredClone(value)
  return shapeFaults(findingsSchema, copy).length === 0 ? (copy as { findings: Finding[] }).findings : undefined // just proved
}

const findings: Way = (value, sheet) => {
  const list = findingsOf(value)
  if (!list) return undefined
  const blocks = findingsMarkup(list.slice(0, limits.outputsOfACell), sheet.box)
  const markup = html`<div class="findings">${blocks}</div>`
  return sheet.room.take(markup.markup.length) ? markup : left('The report is full; these findings are left out.')
}

const plot: Way = (value, sheet, bundle) => {
  const figure = plotlyFigure(value)
  if (!figure) return undefined
  const { drawn, markup } = plotMarkup(figure, sheet.box)
  // A kernel that cannot know what the page draws may have sent a picture as well.
  return drawn ? markup : (picture('image/png')(bundle['image/png'], sheet, bundle) ?? markup)
}

const isBare = (markup: string): boolean => markup.replace(/<(?!img|svg|hr)[^>]*>|\s|&nbsp;/g, '') === ''

const rich: Way = (value, sheet) => {
  const text = asText(value)
  if (text === undefined) return undefined
  const { text: markupText, note: cutNote } = cutMarkup(text, limits.html)
  const markup = dressTables(sanitise(markupText, sheet))
  // What only a script would have filled shows better in another form, where the bundle has one.
  if (isBare(markup.markup)) return undefined
  return within({ text: markup.markup, note: cutNote }, sheet, () => html`<div class="rich scroll">${markup}</div>`)
}

const markdown: Way = (value, sheet) => {
  const text = asText(value)
  return text === undefined
    ? undefined
    : within(cutMarkup(text, limits.markdown), sheet, (part) => {
        // Headings of outputs stand in no contents list, and so need no address.
        const read = readMarkdown(part, {}, new HeadingIds())
        return html`<div class="prose">${dressTables(read.render(sheet.anchors, false))}</div>`
      })
}

const latex: Way = (value, sheet) => {
  const text = asText(value)
  return text === undefined ? undefined : within(cutText(text, 5000), sheet, (part) => formula(part, sheet.anchors))
}

const pictureMarkup = (address: string, label: string): Html =>
  html`<p class="picture"><img src="${address}" alt="${label}"></p>`

const labelOf = (bundle: MimeBundle): string => clip(asText(bundle['text/plain']) ?? 'Picture', 200)

const picture =
  (type: string): Way =>
  (value, { room }, bundle) => {
    const packed = asText(value)?.replace(/\s/g, '')
    if (packed === undefined || !/^[a-z0-9+/]+=*$/i.test(packed)) return undefined
    if (packed.length > limits.picture || !room.take(packed.length))
      return left(`This picture is too large for the report (${bytes(packed.length * 0.75)}).`)
    return pictureMarkup(`data:${type};base64,${packed}`, labelOf(bundle))
  }

const drawing: Way = (value, { room }, bundle) => {
  const text = asText(value)
  if (text === undefined) return undefined
  if (text.length > limits.picture) return left(`This drawing is too large for the report (${bytes(text.length)}).`)
  const clean = sanitiseDrawing(text)
  if (clean === '') return undefined
  const packed = Buffer.from(clean.toWellFormed()).toString('base64')
  return room.take(packed.length)
    ? pictureMarkup(`data:image/svg+xml;base64,${packed}`, labelOf(bundle))
    : left('The report is full; this drawing is left out.')
}

const json: Way = (value, sheet) => {
  if (value === undefined) return undefined
  return within(cutText(JSON.stringify(value, null, 2), limits.text), sheet, (part) => codeBlock(part, 'json'))
}

const ways: readonly (readonly [string, Way])[] = [
  ['application/vnd.polku.findings+json', findings],
  ['application/vnd.plotly.v1+json', plot],
  ['text/html', rich],
  ['text/markdown', markdown],
  ['text/latex', latex],
  ['image/svg+xml', drawing],
  ['image/png', picture('image/png')],
  ['image/jpeg', picture('image/jpeg')],
  ['image/gif', picture('image/gif')],
  ['image/webp', picture('image/webp')],
  ['application/json', json],
  ['text/plain', plainText],
]

const bundleMarkup = (bundle: MimeBundle, sheet: Sheet): Html => {
  for (const [type, way] of ways) {
    const markup = Object.hasOwn(bundle, type) ? way(bundle[type], sheet, bundle) : undefined
    if (markup) return markup
  }
  const types = Object.keys(bundle).filter((type) => type !== 'text/plain')
  return types.length === 0 ? html`` : left(`The report cannot show this output (${clip(types.join(', '), 200)}).`)
}

const errorMarkup = ({ ename, evalue, traceback }: ErrorOutput, sheet: Sheet): Html => {
  const { text, note: cutNote } = cutText(traceback.join('\n'), limits.text)
  const title = clip([ename, evalue.split('\n')[0]].filter(Boolean).join(': ') || 'The cell failed', 400)
  return html`<div class="callout failed error"><p class="message"><strong>${title}</strong></p>${text.trim() !== '' && sheet.room.take(text.length) && pre(text, 'traceback')}${note(cutNote)}</div>`
}

/** The outputs of a cell, each in the richest form that the page can show without running it. */
export const outputsMarkup = (outputs: readonly Output[], sheet: Sheet): Html[] => {
  const merged = mergedOutputs(outputs)
  const blocks = merged.slice(0, limits.outputsOfACell).map((output) => {
    if (output.output_type === 'error') return errorMarkup(output, sheet)
    if (output.output_type === 'stream')
      return within(cutText(output.text, limits.text), sheet, (text) =>
        pre(text, output.name === 'stderr' ? 'stderr' : 'stdout'),
      )
    return bundleMarkup(output.data, sheet)
  })
  const more = merged.length - blocks.length
  return more > 0 ? [...blocks, left(`${more} more outputs of this cell are left out.`)] : blocks
}
