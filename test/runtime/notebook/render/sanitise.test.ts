import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sanitise, sanitiseDrawing } from '../../../../runtime/notebook/render/sanitise.ts'
import { hostileHtml } from '../../../fixtures/notebooks/hostile-notebook.ts'

const clean = (markup: string): string =>
  sanitise(markup, { anchors: (name) => (name === 'known' ? '#h-known' : undefined) }).markup

const forbidden =
  /<\/?(?:script|style|iframe|object|embed|meta|base|link|form|input|button|textarea|template|noscript|xmp|video|audio|source|animate|set|use|foreignobject|maction|mglyph|title|body)\b|<[^>]*\s(?:on\w+|style|class|id|srcset|srcdoc|background|formaction|xlink:href)=|javascript:|vbscript:|url\(|file:/i

/** The markup with what stands between quotes taken out, where only text can be. */
const tags = (markup: string): string => [...markup.matchAll(/<[^>]*>/g)].join('\n')

/** A tag without the words of its texts that would be attributes outside of quotes. */
const named = (tag: string): string => tag.replaceAll(/"[^"]*"/g, (value) => value.replaceAll(/\s[a-z:]+=/gi, ' '))

describe('what outputs bring', () => {
  test.each(Object.entries(hostileHtml))(
    '%s: nothing that runs, loads or disguises stays, what is harmless does',
    (_, html) => {
      const markup = clean(html)
      expect(markup).toContain('kept')
      expect(tags(markup)).not.toMatch(forbidden)
      expect(markup).not.toContain('evil.example')
      // What a browser would make of the result stays the same when it is cleaned again.
      expect(clean(markup)).toBe(markup)
    },
  )

  test('any mixture of tags, quotes and handlers comes out of listed tags only', () => {
    const pieces = fc.constantFrom(
      ...[
        '<',
        '>',
        '"',
        "'",
        '/',
        '=',
        ' ',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '\0',
        '\n',
        '`',
        '&lt;',
        '&#x3c;',
        '\\',
      ],
      ...[
        '<svg',
        '<math>',
        '</svg>',
        '<p ',
        '<a href=',
        'javascript:x',
        ' onload=x',
        '<script>',
        '</script>',
        '<style>',
      ],
      ...[
        '<table>',
        '<td align=',
        '<img src=',
        'data:image/png;base64,AA',
        '<title>',
        '<mtext>',
        '<annotation>',
        'url(x)',
        ' style=x',
      ],
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25 }), (drawn) => {
        const markup = clean(drawn.join(''))
        for (const [tag] of markup.matchAll(/<[^>]*>/g)) {
          expect(tag).toMatch(/^<\/?[a-z][a-z0-9]*(?: [a-z-]+(?:="[^"<>]*")?)*(?: \/)?>$/)
          expect(named(tag)).not.toMatch(forbidden)
        }
      }),
      // Words of an attribute in the value of another.
      { numRuns: 2000, examples: [[['<td align=', '"', ' style=x', '"']]] },
    )
  })

  test('links of the web, of the notebook’s own headings and pictures with their own bytes stay', () => {
    expect(clean('<a href="https://example.org/a?b=1" title="t">x</a>')).toBe(
      '<a href="https://example.org/a?b=1" rel="noreferrer noopener" title="t">x</a>',
    )
    expect(clean('<a href="#known">x</a><a href="#other">y</a>')).toBe(
      '<a href="#h-known" rel="noreferrer noopener">x</a><span>y</span>',
    )
    expect(clean('<img src="data:image/png;base64,iVBO\nRw==" alt="a" width="5">')).toBe(
      '<img src="data:image/png;base64,iVBORw==" alt="a" width="5" />',
    )
  })

  test('a histogram drawn into a table’s head stays whole', () => {
    const svg =
      '<svg width="80" height="22" viewBox="0 0 80 22" role="img" aria-label="Histogram of a"><rect x="0" y="3" width="9" height="19" fill="#4b7bab"></rect></svg>'
    expect(clean(`<table><tr><td valign="bottom">${svg}</td></tr></table>`)).toContain(
      svg.replace('viewBox', 'viewbox'),
    )
  })
})

describe('a drawing', () => {
  test('keeps its shapes, its gradients and its style, and loads and runs nothing', () => {
    const drawing = sanitiseDrawing(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs><style>.a{fill:url(#g)}</style><path class="a" d="M0 0"/></svg>',
    )
    for (const part of [
      'viewBox="0 0 9 9"',
      '<linearGradient id="g">',
      '.a{fill:url(#g)}',
      '<path class="a" d="M0 0">',
    ])
      expect(drawing).toContain(part)
    const bad = sanitiseDrawing(
      '<svg onload="x" viewBox="0 0 1 1"><script>1</script><style>@import "https://a.b"; a{b:url( "https://a.b")}</style><image href="https://a.b"/><use href="https://a.b#x"/><a href="javascript:x"><rect fill="url(https://a.b)" width="1"/></a><foreignObject><p>x</p></foreignObject></svg>',
    )
    expect(bad).toContain('<rect width="1">')
    expect(bad).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(bad.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|onload|script|@import|foreignObject|<image|<a\b/,
    )
  })

  test('that is none gives nothing', () => {
    expect(sanitiseDrawing('<p>x</p>')).toBe('')
    expect(sanitiseDrawing('')).toBe('')
  })
})
