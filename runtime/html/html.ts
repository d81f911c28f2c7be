/** A piece of markup that is already safe. Only `html` makes one, so text from outside cannot pass as markup. */
export class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

type Piece = Html | string | number | false | null | undefined | readonly Piece[]

// Control characters have no glyph, and overrides of the writing direction can make a name read as another.
const invisible = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu

/** Text as a reader can trust it: lone surrogates, control characters and direction overrides become U+FFFD. */
export const readable = (text: string): string => text.toWellFormed().replace(invisible, '\ufffd')

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Escapes text for element content and for quoted attributes alike. */
const escapeHtml = (text: string): string => readable(text).replace(/[&<>"']/g, (sign) => entities[sign] ?? '')

const markupOf = (piece: Piece): string => {
  if (piece === null || piece === undefined || piece === false) return ''
  if (piece instanceof Html) return piece.markup
  if (typeof piece === 'object') return piece.map(markupOf).join('')
  return escapeHtml(String(piece))
}

/** Markup with holes: other markup is put in as it is, everything else is escaped; `false` and nothing vanish. */
export const html = (strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(strings.map((text, index) => text + markupOf(pieces[index])).join(''))

/** Markup that the project itself wrote or encoded, put in unchanged; never text from outside. */
export const trusted = (markup: string): Html => new Html(markup)

/** The first `length` characters, with an ellipsis where something was cut. */
export const clip = (text: string, length: number): string => {
  // A cheap test first: counting the characters of a very long text is what clipping is to avoid.
  if (text.length <= length) return text
  const characters = Array.from(text.slice(0, length * 2))
  return characters.length <= length && text.length <= length * 2
    ? text
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`
}

/** A technical name as a person would write it: `target-group` and `targetGroup` become `Target group`. */
export const humanise = (name: string): string => {
  const words = clip(readable(name), 80)
    .replace(/([a-zà-ÿ0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .replace(/[-_\s]+/g, ' ')
    .trim()
  return words === '' ? '(no name)' : words.charAt(0).toUpperCase() + words.slice(1)
}
