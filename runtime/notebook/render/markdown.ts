import { katex } from '@mdit/plugin-katex'
import MarkdownIt from 'markdown-it'
import { clip, type Html, html } from '../../html/html.ts'
import { type Metadata, metadataPart } from '../nbformat/cells.ts'
import { highlighted } from './code.ts'
import { type Anchors, sanitise } from './sanitise.ts'

/** A heading of a notebook, for its contents list. */
export interface Heading {
  readonly level: number
  readonly text: string
  readonly id: string
}

interface Environment {
  readonly attachments: Metadata
}

// KaTeX may neither follow commands that write HTML nor expand a macro for long.
const mathOptions = {
  output: 'mathml',
  throwOnError: false,
  trust: false,
  maxExpand: 500,
  logger: () => 'ignore',
} as const

const reader = new MarkdownIt({
  html: true,
  linkify: false,
  typographer: true,
  highlight: (code, language) => highlighted(code, language).markup,
})
  .enable(['table', 'strikethrough'])
  .use(katex, { ...mathOptions, delimiters: 'all', allowInlineWithSpace: false })

// Addresses are judged when the markup is sanitised; here a picture pasted into the cell has an address of its own.
reader.validateLink = () => true

const pictureTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

const decoded = (address: string): string => {
  try {
    return decodeURIComponent(address)
  } catch {
    return address // a stray % stands for itself
  }
}

const attached = (attachments: Metadata, name: string): string => {
  const bundle = metadataPart(attachments, decoded(name))
  const type = pictureTypes.find((mime) => mime in bundle)
  return type ? `data:${type};base64,${[bundle[type]].flat().join('').replace(/\s/g, '')}` : ''
}

const drawImage = reader.renderer.rules.image
reader.renderer.rules.image = (tokens, index, options, environment: Environment, self) => {
  const token = tokens[index]
  const [, name] = /^attachment:(.*)$/.exec(token?.attrGet('src') ?? '') ?? []
  if (name !== undefined) token?.attrSet('src', attached(environment.attachments, name))
  return drawImage?.(tokens, index, options, environment, self) ?? ''
}

type Tokens = ReturnType<typeof reader.parse>

const plainText = (token: Tokens[number] | undefined): string =>
  (token?.children ?? [])
    .map(({ type, content }) =>
      type === 'softbreak' || type === 'hardbreak' ? ' ' : type === 'html_inline' ? '' : content,
    )
    .join('')
    .trim()

// The page has one title; the notebook's other headings stand below it.
const headingLevel = (tag: string): number => Math.max(2, Number(tag.slice(1)))

const slug = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)

/** The addresses of a notebook's headings: each its own, made of its words. */
export class HeadingIds {
  readonly #used = new Map<string, number>()

  next(text: string): string {
    const base = `h-${slug(text) || 'section'}`
    const count = (this.#used.get(base) ?? 0) + 1
    this.#used.set(base, count)
    if (count === 1) return base
    return this.next(`${slug(text) || 'section'}-${count}`)
  }

  /** What a link to `#name` within the notebook means. */
  readonly anchors: Anchors = (name) => {
    const id = `h-${slug(decoded(name))}`
    return this.#used.has(id) ? `#${id}` : undefined
  }
}

export interface ReadMarkdown {
  readonly headings: readonly Heading[]
  /** The markup, once all headings of the notebook have their ids. */
  render(anchors: Anchors, withIds?: boolean): Html
}

const numberHeadings = (tokens: Tokens, ids: HeadingIds): Heading[] =>
  tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open' || token.level > 0) return []
    const text = clip(plainText(tokens[index + 1]) || 'Section', 120)
    const level = headingLevel(token.tag)
    const id = ids.next(text)
    const close = tokens.slice(index).find(({ type }) => type === 'heading_close')
    token.tag = `h${level}`
    if (close) close.tag = token.tag
    token.attrSet('id', id)
    return [{ level, text, id }]
  })

const own = [/^hljs-[\w-]+$/, /^language-[\w-]+$/, 'katex', 'katex-error', 'katex-block', 'hljs']

const rendering =
  (tokens: Tokens, attachments: Metadata) =>
  (anchors: Anchors, withIds = true) =>
    sanitise(reader.renderer.render(tokens, reader.options, { attachments } satisfies Environment), {
      anchors,
      classes: own,
      ids: withIds,
    })

/** Reads a cell's markdown. */
export const readMarkdown = (source: string, attachments: Metadata, ids: HeadingIds): ReadMarkdown => {
  const tokens = reader.parse(source, {})
  return { headings: numberHeadings(tokens, ids), render: rendering(tokens, attachments) }
}

export interface Opening {
  readonly title?: string
  /** The first paragraph after the title. */
  readonly lead?: string
  /** What the cell says after them. */
  readonly rest: string
}

/** The title of a notebook whose first cell begins with one, and the paragraph that follows it. */
export const openingOf = (source: string): Opening => {
  const tokens = reader.parse(source, {})
  const lines = source.split('\n')
  const [heading, inline] = tokens
  if (heading?.type !== 'heading_open' || heading.tag !== 'h1') return { rest: source }
  const title = plainText(inline)
  const next = tokens[3]
  const followed = next?.type === 'paragraph_open' && !/[!<]/.test(tokens[4]?.content.slice(0, 1) ?? '')
  const lead = followed ? tokens[4]?.content : undefined
  return { title, lead, rest: lines.slice((followed ? next.map?.[1] : heading.map?.[1]) ?? 0).join('\n') }
}

/** A formula of an output, its dollars or brackets taken off. */
export const formula = (latex: string, anchors: Anchors): Html => {
  const bare = latex.trim().replace(/^(\$\$?|\\\[|\\\()|(\$\$?|\\\]|\\\))$/g, '')
  return html`<div class="formula scroll">${sanitise(reader.render(`$$\n${bare}\n$$`), { anchors, classes: own })}</div>`
}

/** Markdown of one paragraph, without the paragraph around it. */
export const inlineMarkdown = (source: string, anchors: Anchors): Html =>
  sanitise(reader.renderInline(source, { attachments: {} } satisfies Environment), { anchors, classes: own })
