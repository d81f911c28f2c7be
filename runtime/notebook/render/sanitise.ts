import sanitizeHtml from 'sanitize-html'
import { type Html, trusted } from '../../html/html.ts'

// What a notebook's outputs may put on the page. Everything that is not listed is dropped: scripts, frames, forms,
// styles, classes and ids (with which a text could pass as a part of the report), event handlers, addresses that
// run or load something. What stays cannot be read as another thing by a browser: no element of the list holds
// raw text, so each `<` of a text comes out escaped.

const words = (text: string): string[] => text.split(/\s+/)

const htmlTags = words(
  'p br hr div span b strong i em u s del ins sub sup small mark abbr code kbd samp var pre blockquote q cite ul ol li dl dt dd h1 h2 h3 h4 h5 h6 table caption colgroup col thead tbody tfoot tr th td a img figure figcaption details summary time bdi bdo',
)
const svgTags = words('svg g path rect circle ellipse line polyline polygon text tspan')
const mathTags = words(
  'math semantics annotation mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom menclose msub msup msubsup munder mover munderover mmultiscripts mtable mtr mtd mlabeledtr',
)

const svgAttributes = words(
  'viewbox width height x y x1 y1 x2 y2 cx cy r rx ry d points transform fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-dasharray opacity font-size font-weight font-style text-anchor dominant-baseline dx dy preserveaspectratio role aria-label aria-hidden',
)
const mathAttributes = words(
  'xmlns display encoding mathvariant mathcolor mathbackground mathsize fence stretchy symmetric separator lspace rspace minsize maxsize movablelimits accent accentunder linethickness notation width height depth voffset rowspacing columnspacing columnalign rowalign columnlines rowlines frame scriptlevel displaystyle columnspan rowspan',
)

const allowedAttributes = {
  ...Object.fromEntries(svgTags.map((tag) => [tag, svgAttributes])),
  ...Object.fromEntries(mathTags.map((tag) => [tag, mathAttributes])),
  a: ['href', 'title', 'rel'],
  img: ['src', 'alt', 'title', 'width', 'height'],
  th: ['colspan', 'rowspan', 'scope', 'align', 'valign'],
  td: ['colspan', 'rowspan', 'align', 'valign'],
  ol: ['start', 'reversed', 'type'],
  abbr: ['title'],
  time: ['datetime'],
  bdo: ['dir'],
  details: ['open'],
  col: ['span'],
  colgroup: ['span'],
}

/** Pictures that carry their own bytes; SVG is not among them, because it is checked where it is an output. */
const ownPicture = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=\s]*$/i
const followed = /^(?:https?:\/\/|mailto:|#)/i

type Attributes = Record<string, string>

/** Attributes whose values load something, as `fill="url(…)"` does, are dropped. */
const inert = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => !/url\s*\(|javascript:|\\/i.test(value)))

const link =
  (anchors: Anchors) =>
  (tagName: string, { href = '', title }: Attributes) => {
    const address = href.trim()
    const target = address.startsWith('#') ? anchors(address.slice(1)) : followed.test(address) ? address : undefined
    return {
      tagName: target === undefined ? 'span' : tagName,
      attribs: target === undefined ? {} : { href: target, rel: 'noreferrer noopener', ...(title && { title }) },
    }
  }

/** The address on the page that `#name` of the notebook means, or nothing where there is none. */
export type Anchors = (name: string) => string | undefined

export interface Allowed {
  readonly anchors: Anchors
  /** Classes that the project's own code wrote into the markup. */
  readonly classes?: readonly (string | RegExp)[]
  /** Ids for headings, which the project's own code wrote. */
  readonly ids?: boolean
}

/** Sanitised markup, in which only `allowed` and simple marks stay. */
export const sanitise = (markup: string, { anchors, classes = [], ids = false }: Allowed): Html =>
  trusted(
    sanitizeHtml(markup, {
      allowedTags: [...htmlTags, ...svgTags, ...mathTags],
      allowedAttributes: ids
        ? { ...allowedAttributes, ...Object.fromEntries(words('h2 h3 h4 h5 h6').map((tag) => [tag, ['id']])) }
        : allowedAttributes,
      allowedClasses: { span: [...classes], pre: [...classes], p: [...classes] },
      allowedSchemes: ['http', 'https', 'mailto'],
      allowedSchemesByTag: { img: ['data'] },
      allowProtocolRelative: false,
      // An option's text and a script's are not for the reader.
      nonTextTags: words('script style textarea option noscript iframe object template title noembed noframes xmp'),
      nestingLimit: 100,
      enforceHtmlBoundary: false,
      transformTags: {
        '*': (tagName, attributes) => ({ tagName, attribs: inert(attributes) }),
        a: link(anchors),
        img: (_, { src = '', ...rest }) =>
          ownPicture.test(src)
            ? { tagName: 'img', attribs: { src: src.replace(/\s/g, ''), ...inert(rest) } }
            : { tagName: 'span', attribs: {}, text: rest.alt ? `[picture: ${rest.alt}]` : '[picture left out]' },
      },
    }),
  )

const svgNames =
  'svg g path rect circle ellipse line polyline polygon text tspan textPath defs clipPath mask marker pattern linearGradient radialGradient stop use symbol title desc style'

/**
 * A drawing without scripts, foreign content, links and addresses outside itself, as the XML of a picture of its own:
 * a browser runs and loads nothing in it. Empty where nothing is left to draw.
 */
export const sanitiseDrawing = (drawing: string): string => {
  const clean = sanitizeHtml(drawing, {
    allowedTags: words(svgNames),
    allowVulnerableTags: true, // `style` in a picture reaches nothing outside it, and cannot load anything
    allowedAttributes: { '*': ['*'] },
    parseStyleAttributes: false,
    parser: { xmlMode: true, lowerCaseTags: false, lowerCaseAttributeNames: false, decodeEntities: true },
    enforceHtmlBoundary: false,
    nestingLimit: 200,
    transformTags: {
      '*': (tagName, attributes) => ({
        tagName,
        attribs: Object.fromEntries(
          Object.entries(attributes).filter(
            ([name, value]) =>
              /^[a-z][\w:.-]*$/i.test(name) &&
              !/^on/i.test(name) &&
              (!/href$/i.test(name) || value.trim().startsWith('#')) &&
              !/url\s*\(\s*['"]?\s*(?!['"]?#)|javascript:/i.test(value),
          ),
        ),
      }),
    },
  })
  const start = clean.indexOf('<svg')
  if (start < 0) return ''
  const only = clean
    .slice(start, clean.lastIndexOf('</svg>') + 6)
    .replace(/<style[^>]*>[^<]*/g, (sheet) => sheet.replace(/@import[^;]*;?|url\s*\((?!\s*['"]?#)[^)]*\)/gi, ''))
  return /^<svg[^>]*\sxmlns=/.test(only) ? only : only.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')
}
