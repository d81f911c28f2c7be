import { describe, expect, test } from 'vitest'
import type { Figure } from '../../../nodes/node.ts'
import { isWide, prepareFigure } from '../../../runtime/html/figures.ts'

const prepare = (data: Figure['data'], layout?: Figure['layout']) =>
  prepareFigure({ kind: 'figure', title: 'Lift & more, by decile', description: '', data, layout })

describe('figures of a report', () => {
  test('texts link nowhere: only marks of emphasis and line breaks stay', () => {
    const { data } = prepare([
      {
        type: 'scatter',
        x: ['<a href="javascript:x()">a</a>'],
        y: [1],
        hovertemplate: '<b>%{x}</b><br>%{y}<extra></extra><i onclick="x">',
      },
    ])
    expect(data[0]).toMatchObject({
      x: ['&lt;a<br>href="javascript:x()">a&lt;/<br>a>'],
      hovertemplate: '<b>%{x}</b><br>%{y}<extra></extra>&lt;i onclick="x">',
    })
  })

  test('a scale that Plotly draws dark is the house’s, and a heat map of few cells says its numbers', () => {
    const z = [[1, 2000]]
    const [map] = prepare([{ type: 'heatmap', z, colorscale: 'Blues' }]).data
    expect(map).toMatchObject({ texttemplate: '%{z:,.2~f}' })
    expect(JSON.stringify(map)).toContain('[0,"#f2f7fa"]')
    const own = { type: 'heatmap', z, colorscale: 'Viridis', texttemplate: '%{z}' }
    expect(prepare([own]).data[0]).toMatchObject(own)
    const many = { type: 'heatmap', z: [Array.from({ length: 40 }, (_, index) => index)] }
    expect(prepare([many]).data[0]).not.toHaveProperty('texttemplate')
    expect(prepare([{ type: 'bar', y: [1] }]).data[0]).not.toHaveProperty('texttemplate')
  })

  test('pictures, buttons, foreign templates and fonts are left out, at any depth and by any name', () => {
    const { layout, data } = prepare(
      [
        { type: 'bar', y: [1], marker: { image: { source: 'http://x' } } },
        { type: 'image', source: 'http://x' },
        { type: 'table' },
      ],
      {
        images: [{ source: 'http://x' }],
        'images[0].source': 'http://x',
        updatemenus: [{}],
        sliders: [{}],
        template: { layout: { images: [] } },
        font: { family: 'x', size: 9 },
        legend: { font: { family: 'x' }, title: { text: 'Channel' } },
        width: 2000,
      },
    )
    expect(data).toEqual([{ type: 'bar', y: [1], marker: {} }])
    expect(layout).toMatchObject({ font: { size: 9 }, legend: { font: {}, title: { text: 'Channel' } } })
    expect(JSON.stringify(layout)).not.toMatch(/http|updatemenus|sliders|2000/)
    expect(layout).not.toHaveProperty('width')
  })

  test('keys that reach an object’s prototype are left out', () => {
    const hostile: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"bargap":0.1}',
    )
    const { layout } = prepare([], hostile as Figure['layout']) // what JSON.parse gives here is an object
    expect(layout.bargap).toBe(0.1)
    expect(JSON.stringify(layout)).not.toContain('polluted')
    expect('polluted' in {}).toBe(false)
  })

  test('long names wrap, and different names stay different', () => {
    const long = `${'very '.repeat(30)}long name`
    const { data } = prepare([
      {
        type: 'bar',
        orientation: 'h',
        y: [`${long} 1`, `${long} 2`, `${long} 1`, 'price_difference_to_best_market_offer'],
        x: [1, 2, 3, 4],
      },
    ])
    const [one, two, again, joint] = (data[0] as { y: string[] }).y // the trace above
    expect(one).not.toBe(two)
    expect(again).toBe(one)
    expect(one?.length).toBeLessThan(100)
    expect(joint).toBe('price_difference_to_best_<br>market_offer')
  })

  test('numbers are as short as a screen needs, and what is no number is null', () => {
    const { data } = prepare([
      { y: [1 / 3, 1_700_000_000_123, Number.NaN, Number.POSITIVE_INFINITY, 12n], x: Float64Array.of(0.1, 2) },
    ])
    expect(data[0]).toEqual({ y: [0.3333333333, 1_700_000_000_123, null, null, 12], x: [0.1, 2] })
  })

  test('heights stay within reason, and the file is named after the figure', () => {
    expect(prepare([], { height: 1e9 }).layout.height).toBe(900)
    expect(prepare([], { height: -1 }).layout.height).toBe(200)
    expect(prepare([], { height: '90vh' }).layout.height).toBe(360)
    expect(prepare([]).file).toBe('lift-more-by-decile')
  })

  test('a figure takes the full width for many names side by side only', () => {
    const bars = (x: unknown[], orientation?: string) =>
      isWide({ kind: 'figure', title: '', description: '', data: [{ type: 'bar', x, orientation }] })
    expect(bars(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])).toBe(false)
    expect(
      bars(['All customers', 'Marketing ban', 'No channel allowed', 'Risk too low', 'Over budget', 'Target group']),
    ).toBe(true)
    expect(bars(Array.from({ length: 40 }, (_, index) => `2026-01-${index}`))).toBe(false)
    expect(
      bars(
        Array.from({ length: 40 }, (_, index) => `a long name ${index}`),
        'h',
      ),
    ).toBe(false)
  })
})
