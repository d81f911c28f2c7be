import { describe, expect, test } from 'vitest'
import { limits } from '../../../../runtime/notebook/render/limits.ts'
import { renderNotebook } from '../../../../runtime/notebook/render/render.ts'
import { churnNotebook, failedNotebook } from '../../../fixtures/notebooks/churn-notebook.ts'
import { hostileNotebook } from '../../../fixtures/notebooks/hostile-notebook.ts'
import { code, displayed, notebook, origin, printed, text } from '../../../fixtures/notebooks/notebook.ts'
import { block, blocks, markup, policyOf, sourceOf, visibleText } from '../../html/reading.ts'

const render = (...cells: Parameters<typeof notebook>[0]): string => renderNotebook(notebook(cells), origin)
const output = (data: Record<string, unknown>): string => render(code('x', [displayed(data)]))

const churn = renderNotebook(churnNotebook(), origin)
const failed = renderNotebook(failedNotebook(), origin)
const hostile = renderNotebook(hostileNotebook(), origin)
const bare = render(text('Nothing to see.'))

describe('policy of a notebook’s report', () => {
  test.each([
    ['a notebook with figures', churn],
    ['a failed one', failed],
    ['a hostile one', hostile],
    ['one without figures', bare],
  ])('every script and style of %s is listed by its hash, and nothing else may run', (_, report) => {
    const policy = policyOf(report)
    expect(policy).toMatch(/^default-src 'none'; script-src /)
    expect(policy).not.toMatch(/unsafe|http|\*|blob/)
    const inline = [...report.matchAll(blocks)].filter(
      ([, , attributes]) => !/octet-stream|application\/json/.test(attributes ?? ''),
    )
    const plotly = report.includes('id="plotly"') ? [sourceOf(block(report, 'plotly')), sourceOf('')] : []
    expect(new Set(policy.match(/'sha256-[^']*'/g))).toEqual(
      new Set([...inline.map(([, , , content = '']) => sourceOf(content)), ...plotly]),
    )
  })

  test('nothing on the page asks for anything, and nothing of a text became a tag that could', () => {
    for (const report of [churn, failed, hostile, bare]) {
      const page = markup(report)
      expect(page).not.toMatch(/<[a-z][^>"]*(?:"[^"]*"[^>"]*)*\s(?:on[a-z]+|style|srcset|srcdoc|action)=/i)
      expect(page).not.toMatch(/<(?:iframe|object|embed|form|base|template|video|audio|use|image|foreignobject)\b/i)
      expect(page.match(/<meta http-equiv="(?!Content)/g)).toBeNull()
      for (const [, address = ''] of page.matchAll(/\s(?:src|xlink:href|poster|data)="([^"]*)"/g))
        expect(address).toMatch(/^data:image\/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]*$/)
      for (const [, address = ''] of page.matchAll(/\shref="([^"]*)"/g))
        expect(address).toMatch(/^(?:#[a-z0-9-]+|https:\/\/example\.org\/|data:image\/svg\+xml,.*)$/)
    }
  })

  test('the drawings of a hostile notebook carry no script and no address', () => {
    const packed = [...hostile.matchAll(/data:image\/svg\+xml;base64,([A-Za-z0-9+/=]+)/g)]
    expect(packed.length).toBeGreaterThan(0)
    for (const [, content = ''] of packed)
      expect(Buffer.from(content, 'base64').toString()).not.toMatch(/evil|hacked|script|ENTITY/)
  })

  test('ids are the report’s own, each once, and anchors lead to what is there', () => {
    for (const report of [churn, failed, hostile, bare]) {
      const ids = [...report.matchAll(/<[a-z][^>]*\sid="([^"]*)"/g)].map(([, id]) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const [, target] of markup(report).matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target)
    }
  })
})

describe('what a reader finds', () => {
  test('title and lead on the first screen, once; headings in the contents; code folded', () => {
    const page = visibleText(churn.slice(churn.indexOf('<body>')))
    expect(page.match(/Who is about to leave, and why/g)).toHaveLength(1)
    expect(page.match(/One customer in nine left last year/g)).toHaveLength(1)
    expect(markup(churn)).toContain('<a href="#h-what-separates-leavers">What separates leavers</a>')
    expect(markup(churn)).toContain(
      '<a href="#h-how-well-it-predicts" rel="noreferrer noopener">how well it predicts</a>',
    )
    expect(markup(churn)).toMatch(/<input type="checkbox" id="show-code"/)
    expect(churn).toMatch(/\.code \{\s*display: none;/)
  })

  test('parameters, provenance, and what an approval reads', () => {
    const page = visibleText(churn)
    for (const words of ['months 12', 'asOf 2026-10-01', '1 Oct 2026, 06:00 UTC', '8.4 s', 'churn@3', 'duckdb 1.5.6'])
      expect(page).toContain(words)
    for (const hash of ['5f', 'ab', '1c', '3e', '4f']) expect(page).toContain(hash.repeat(32))
    const provenance: unknown = JSON.parse(/id="polku-provenance">([^<]*)</.exec(churn)?.[1] ?? '')
    expect(provenance).toMatchObject({
      notebook: { path: 'notebooks/train-churn.ipynb', hash: 'ab'.repeat(32) },
      tables: [{ hash: '1c'.repeat(32) }, { hash: '3e'.repeat(32) }],
      models: [{ reference: 'churn@3', hash: '4f'.repeat(32) }],
    })
  })

  test('parameters stand in the order of their declaration, an empty list is none, and a machine’s folders are left out', () => {
    const cell = code('// days is how long\nconst file: string = "a"\nlet days = 90\nconst left: string[] = []', [], {
      tags: ['parameters'],
    })
    const polku = {
      run: { parameters: { days: 90, file: 'a', left: [] } },
      notebook: { path: '/home/aino/polku/notebooks/train-churn.ipynb', hash: 'ab' },
    }
    const report = renderNotebook(notebook([cell], { polku }), origin)
    expect(visibleText(report.slice(report.indexOf('id="parameters"')))).toMatch(/file a\s+days 90\s+left –/)
    expect(visibleText(report)).toContain('Notebook notebooks/train-churn.ipynb')
    expect(visibleText(report)).not.toContain('aino')
  })

  test('the first screen has the metrics that the author named, in that order, as they were last', () => {
    const metric = (name: string, value: number | null) => ({ kind: 'metric', name, label: name, value, unit: 'count' })
    const cells = [
      [metric('customers', 10), metric('score', 97)],
      [metric('customers', 8), metric('auc', null)],
    ].map((findings) => code('x', [displayed({ 'application/vnd.polku.findings+json': { findings } })]))
    const first = (highlights: unknown) => {
      const report = renderNotebook(notebook(cells, { polku: { highlights } }), origin)
      return /class="key-metrics">([\s\S]*?)<\/dl>/.exec(report)?.[1]?.match(/<dt>\w+<\/dt>|value">\d+/g)
    }
    const shownFirst = ['<dt>score</dt>', 'value">97', '<dt>customers</dt>', 'value">8']
    expect(first(['score', 'customers', 'auc', 'nonsense', 5])).toEqual(shownFirst)
    expect(first('score')).toEqual(first(undefined))
  })

  test('without recorded values the parameters are the cells that set them', () => {
    const report = render(code('const city = "Oulu"', [], { tags: ['parameters'] }))
    expect(visibleText(report.slice(report.indexOf('id="parameters"')))).toContain('const city = &quot;Oulu&quot;')
    expect(bare).not.toContain('id="parameters"')
  })

  test('a failure says where and why, on the first screen and in its place', () => {
    expect(visibleText(failed)).toContain(
      'This notebook failed in cell 7 PolkuError: The table customers has no column valeu.',
    )
    expect(markup(failed)).toContain('<a href="#cell-7">')
    expect(markup(failed)).toContain('<span class="ansi-red-fg">PolkuError</span>')
  })

  test('a notebook that was not run says so', () => {
    const cell = { ...code('1 + 1'), execution_count: null }
    const blank = { ...notebook([]), cells: [cell] }
    expect(visibleText(renderNotebook(blank, origin))).toContain('No cell of this notebook was run')
    expect(visibleText(churn)).not.toContain('No cell of this notebook was run')
  })

  test('maths is MathML, code is coloured, colours of the terminal are classes', () => {
    expect(markup(churn)).toMatch(/<math [^>]*display="block">.*<mfrac>/)
    expect(markup(churn)).toContain('<span class="hljs-keyword">const</span>')
    expect(markup(churn)).toContain('<span class="ansi-yellow-fg">12 rows have no postal code</span>')
  })

  test('columns of numbers are aligned, whoever made the table', () => {
    const report = output({
      'text/html':
        '<table class="dataframe"><thead><tr><th></th><th>n</th><th>city</th></tr></thead><tbody><tr><th>0</th><td>1.5</td><td>Oulu</td></tr><tr><th>1</th><td>NaN</td><td>7</td></tr></tbody></table>',
    })
    expect(markup(report)).toContain('<th class="number">n</th><th>city</th>')
    expect(markup(report)).toContain('<td class="number">NaN</td><td>7</td>')
    const findings = output({
      'text/html':
        '<table><thead><tr><th>phone</th><th>n</th></tr><tr><td>VARCHAR</td><td>INTEGER</td></tr></thead><tbody><tr><td align="left">0501</td><td align="right">–</td></tr></tbody></table>',
    })
    expect(markup(findings)).toContain('<th>phone</th><th class="number">n</th>')
    expect(markup(findings)).toContain('<td>INTEGER</td>')
  })

  test('the same notebook gives the same bytes', () => {
    expect(renderNotebook(churnNotebook(), origin)).toBe(churn)
  })
})

describe('outputs', () => {
  test('the richest form that needs no script is shown', () => {
    expect(visibleText(output({ 'text/html': '<b>rich</b>', 'text/plain': 'poor' }))).not.toContain('poor')
    expect(
      visibleText(output({ 'text/html': '<div><script>draw()</script></div>', 'text/plain': 'plain form' })),
    ).toContain('plain form')
    expect(visibleText(output({ 'application/javascript': 'draw()' }))).toContain(
      'cannot show this output (application/javascript)',
    )
    expect(visibleText(output({ 'application/json': { a: [1] } }))).toContain('a')
    expect(markup(output({ 'text/latex': '$x^2$' }))).toContain('<msup>')
    expect(markup(output({ 'image/png': 'iVBORw0KGgo=\n', 'text/plain': '<Figure>' }))).toContain(
      '<img src="data:image/png;base64,iVBORw0KGgo=" alt="&lt;Figure&gt;">',
    )
  })

  test('progress that a terminal would overwrite is shown as it ended', () => {
    const report = render(code('x', [printed('1 %\r50'), printed(' %\r100 %\nab\bc\n')]))
    expect(visibleText(report)).toContain('100 % ac')
    expect(visibleText(report)).not.toContain('50 %')
  })

  test('plotly.py’s packed numbers are drawn, and a figure it cannot draw falls back on its picture', () => {
    const packed = { dtype: 'f8', bdata: Buffer.from(new Float64Array([1.5, 2.5]).buffer).toString('base64') }
    const report = output({
      'application/vnd.plotly.v1+json': { data: [{ type: 'scattergl', y: packed }], layout: {} },
    })
    expect(JSON.parse(block(report, 'figures'))).toMatchObject([{ data: [{ type: 'scatter', y: [1.5, 2.5] }] }])
    const globe = { data: [{ type: 'scattergeo' }], layout: { title: { text: 'Globe' } } }
    expect(visibleText(output({ 'application/vnd.plotly.v1+json': globe }))).toContain(
      'cannot draw this kind of figure',
    )
    expect(markup(output({ 'application/vnd.plotly.v1+json': globe, 'image/png': 'AAAA' }))).toContain('base64,AAAA')
  })

  test('findings that are none are not drawn as such', () => {
    const wrong = { 'application/vnd.polku.findings+json': { findings: [{ kind: 'metric' }] }, 'text/plain': 'as text' }
    expect(visibleText(output(wrong))).toContain('as text')
  })
})

describe('size', () => {
  const megabytes = 50 * 1024 * 1024

  test.each([
    ['printed', printed('long line '.repeat(megabytes / 10))],
    ['without a line end', printed('x'.repeat(megabytes))],
    ['as text', displayed({ 'text/plain': 'y\n'.repeat(megabytes / 2) })],
    ['as HTML', displayed({ 'text/html': `<table>${'<tr><td>1</td></tr>'.repeat(megabytes / 19)}</table>` })],
    ['as one tag', displayed({ 'text/html': `<p title="${'x'.repeat(megabytes)}">`, 'text/plain': 'cut' })],
    ['as JSON', displayed({ 'application/json': { a: 'z'.repeat(megabytes) } })],
    ['as a picture', displayed({ 'image/png': 'A'.repeat(megabytes) })],
    ['as markdown', displayed({ 'text/markdown': '*'.repeat(megabytes) })],
  ])('50 MB %s are cut with a note', (_, huge) => {
    const report = render(code('x', [huge]))
    expect(Buffer.byteLength(report)).toBeLessThan(1_000_000)
    expect(visibleText(report)).toMatch(
      /are left out in the middle|Only the beginning is shown|too large for the report|cut/,
    )
  })

  test('however much there is, the whole stays within its limit', () => {
    const many = Array.from({ length: 60 }, () =>
      code('x', [displayed({ 'text/html': `<p>${'w '.repeat(limits.html / 2 - 10)}</p>` })]),
    )
    const report = render(...many)
    expect(Buffer.byteLength(report)).toBeLessThan(limits.whole + 1_000_000)
    expect(visibleText(report)).toContain('The report is full')
    const cells = Array.from({ length: limits.cells + 5 }, () => text('a'))
    expect(visibleText(render(...cells))).toContain('5 more cells are left out')
    expect(
      visibleText(
        render(
          code(
            'x',
            Array.from({ length: 300 }, (_, index) => displayed({ 'text/plain': `o${index}` })),
          ),
        ),
      ),
    ).toContain('100 more outputs of this cell are left out')
  })

  test('a notebook as analysts write them stays under a megabyte', () => {
    for (const report of [churn, failed, hostile]) expect(Buffer.byteLength(report)).toBeLessThan(1_000_000)
    expect(Buffer.byteLength(bare)).toBeLessThan(40_000)
    expect(bare).not.toContain('<script>')
  })
})
