import { describe, expect, test } from 'vitest'
import { Findings } from '../../../../runtime/notebook/api/findings.ts'
import { mimeSymbol } from '../../../../runtime/notebook/api/mime.ts'
import { plot } from '../../../../runtime/notebook/api/open.ts'
import { withNotebook } from './opened.ts'

const plotlyMime = 'application/vnd.plotly.v1+json'

/** What reaches a front end: the bundle goes there as JSON. */
const sent = (figure: { [mimeSymbol](): object }) =>
  JSON.parse(JSON.stringify(figure[mimeSymbol]())) as Record<string, never> // looked at field by field

interface Sent {
  readonly data: readonly Record<string, unknown>[]
  readonly layout: Record<string, unknown>
}

const plotly = (figure: { [mimeSymbol](): object }): Sent => sent(figure)[plotlyMime] as unknown as Sent // as above

describe('plot', () => {
  test('gives Plotly plain JSON: typed arrays as lists, what is no number as null', () => {
    const figure = plot({
      data: [{ type: 'bar', x: ['a', 'b', 'c'], y: Float64Array.of(1, Number.NaN, 2.5) }, { y: Int32Array.of(1, 2) }],
      layout: { title: { text: 'Orders <b>' } },
    })
    const { data, layout } = plotly(figure)
    expect(data[0]).toMatchObject({ type: 'bar', x: ['a', 'b', 'c'], y: [1, null, 2.5] })
    expect(data[1]).toMatchObject({ y: [1, 2] })
    expect(layout.title).toMatchObject({ text: 'Orders &lt;b>' })
  })

  test('has a drawing for who has no Plotly: escaped, without script or style', () => {
    const { 'text/html': markup } = sent(
      plot({
        data: [
          { type: 'bar', name: '<script>alert(1)</script>', x: ['<img src=x>', 'south'], y: [3, -1] },
          { type: 'bar', x: ['south'], y: [2] },
        ],
        title: '<b>Title</b>',
        description: 'Orders by "region"',
      }),
    )
    const text = String(markup)
    expect(text).not.toMatch(/<script|<img|style=|<b>Title/)
    expect(text).toContain('&lt;b&gt;Title&lt;/b&gt;')
    expect(text).toContain('aria-label="Orders by &quot;region&quot;"')
    expect(text.match(/<rect [^>]*fill="#|<rect x="[\d.]+" y="[\d.]+" width/g)?.length).toBeGreaterThanOrEqual(3)
    expect(text).not.toContain('NaN')
  })

  test.each([
    ['lines over dates', [{ x: ['2026-01-01', '2026-02-01'], y: [1, 2] }], '<polyline'],
    ['points', [{ mode: 'markers', x: [1, 2], y: [3, 4] }], '<circle'],
    ['bars across', [{ type: 'bar', orientation: 'h', y: ['a', 'b'], x: [1, 2] }], '<rect'],
    ['a heatmap', [{ type: 'heatmap', x: ['<a>', 'b'], y: ['c'], z: [[1, null]] }], '&lt;a&gt;'],
    ['an empty heatmap', [{ type: 'heatmap', z: [] }], '<svg'],
    ['nothing', [{ x: [], y: [] }], '<svg'],
    ['one value', [{ y: [5] }], '<polyline'],
    [
      'what is only drawn with Plotly',
      [{ type: 'pie', labels: ['a'], values: [1] }],
      'drawn where the notebook is shown with Plotly',
    ],
  ])('draws %s', (_, traces, expected) => {
    const markup = String(sent(plot(traces))['text/html'])
    expect(markup).toContain(expected)
    expect(markup).not.toMatch(/NaN|Infinity|undefined/)
  })

  test('keeps a hundred thousand points out of the drawing', () => {
    const y = Float64Array.from({ length: 100_000 }, (_, index) => Math.sin(index))
    expect(String(sent(plot([{ y }]))['text/html']).length).toBeLessThan(30_000)
  })

  test.each([
    ['no figure', 5, 'it is 5.'],
    ['no data', {}, 'its data is undefined.'],
    ['a trace that is none', [5], 'one of its traces is 5.'],
    ['a kind that is not drawn', [{ type: 'surface' }], 'it has traces of a kind that cannot be drawn: surface.'],
  ])('refuses %s', (_, figure, expected) => {
    const wrong = figure as Parameters<typeof plot>[0] // wrong on purpose
    expect(() => plot(wrong)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ code: 'FIGURE_INVALID' })] }),
    )
    expect(() => plot(wrong)).toThrow(`This figure cannot be drawn: ${expected}`)
  })
})

describe('findings', () => {
  test('of a node show themselves: metrics, tables, notes and figures', () =>
    withNotebook(async (workspace) => {
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      const { findings, customers } = await workspace.segment.rfm({ orders }, { classes: 3 })
      expect(findings.metrics.customers).toBe(customers.count())
      expect(findings.figures.length).toBeGreaterThan(0)
      for (const figure of findings.figures) expect(plotly(figure).data.length).toBeGreaterThan(0)
      const bundle = sent(findings)
      expect(bundle['application/vnd.polku.findings+json']).toEqual({
        findings: JSON.parse(JSON.stringify(findings.all)),
      })
      expect(String(bundle['text/html'])).toContain('Customers by recency and frequency class')
      expect(String(bundle['text/plain'])).toContain('Customers')
    }))

  test('escape what they tell', () => {
    const text = '<script>alert(1)</script>'
    const findings = new Findings([
      { kind: 'metric', name: 'm', label: text, value: 1, note: text },
      { kind: 'table', title: text, columns: [text], rows: [[text], [null], [1.5]], note: text },
      { kind: 'note', level: 'warning', text },
      { kind: 'figure', title: text, description: text, data: [{ y: [1, 2] }] },
    ])
    const markup = String(sent(findings)['text/html'])
    expect(markup).not.toContain('<script')
    expect(markup.split('&lt;script&gt;').length).toBeGreaterThan(7)
  })

  test('a result shows its tables and findings', () =>
    withNotebook(async (workspace) => {
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      const bundle = sent(orders as unknown as { [mimeSymbol](): object }) // how a kernel looks at it
      expect(String(bundle['text/html'])).toContain('<bdi>rejected</bdi>')
      expect(String(bundle['text/plain'])).toContain('rows: 9 rows, 4 columns')
    }))
})
