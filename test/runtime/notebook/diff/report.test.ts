import { describe, expect, test } from 'vitest'
import type { Finding } from '../../../../nodes/node.ts'
import { renderDiff } from '../../../../runtime/notebook/diff/report.ts'
import { churnNotebook, failedNotebook } from '../../../fixtures/notebooks/churn-notebook.ts'
import { hostileNotebook } from '../../../fixtures/notebooks/hostile-notebook.ts'
import { code, displayed, notebook, origin, text } from '../../../fixtures/notebooks/notebook.ts'
import { figure, metric, table } from '../../../fixtures/runs/record.ts'
import { block, markup, visibleText } from '../../html/reading.ts'

type Parts = Parameters<typeof notebook>

const diff = (a: ReturnType<typeof notebook>, b: ReturnType<typeof notebook>): string =>
  renderDiff({ notebook: a, origin }, { notebook: b, origin: { ...origin, hash: '6a'.repeat(32) } })

const findingsCell = (...findings: Finding[]): Parts[0][number] =>
  code('x', [displayed({ 'application/vnd.polku.findings+json': { findings } })])
const of = (...findings: Finding[]) => notebook([findingsCell(...findings)])

const churn = diff(churnNotebook(0), churnNotebook(1))
const page = visibleText(churn)

/** The traces of each figure by their names. */
const traces = (report: string): unknown[][] => {
  const figures = JSON.parse(block(report, 'figures')) as { data: { name?: string }[] }[] // the report's own data
  return figures.map(({ data }) => data.map(({ name }) => name))
}

describe('what changed between two runs', () => {
  test('a summary, parameters, data and models with both values', () => {
    expect(page).toContain(
      'Changed: 2 of 2 parameters, 3 of 3 metrics, 3 of 5 figures, 1 table, 1 cell of code or text.',
    )
    expect(page).toContain('months 12 13')
    expect(page).toContain('1 Oct 2026, 06:00 UTC 1 Nov 2026, 06:00 UTC')
    expect(page).toContain(`churn@3 ${'4f'.repeat(8)} churn@4 ${'5a'.repeat(8)}`)
    expect(markup(churn)).toMatch(/<tr><th scope="row"><bdi>duckdb<\/bdi>/)
    expect(markup(churn)).toMatch(/<tr class="changed"><th scope="row"><bdi>data\/customers.csv<\/bdi>/)
  })

  test('of many parameters those that changed stand alone, the others in a sentence', () => {
    const ran = (days: number, list: string[]) => {
      const same = Array.from({ length: 9 }, (_, index) => [`same${index}`, index])
      const parameters = { days, list, empty: '', ...Object.fromEntries(same) }
      return notebook([code('x')], { polku: { run: { parameters } } })
    }
    const text = visibleText(diff(ran(90, ['a, b']), ran(60, ['a', 'b'])))
    expect(text).toContain('days 90 60')
    expect(text).toContain('list [&quot;a, b&quot;] [&quot;a&quot;,&quot;b&quot;]')
    expect(text).toMatch(/The same in both: empty \(empty\) ?; same0 0 ?; same1 1/)
    expect(text).toContain('Changed: 2 of 12 parameters')
  })

  test('figures laid over each other have room for both, and no legend for lines without a name', () => {
    const drawn = (most: number, extra: string[]) =>
      of(
        figure(
          'Index',
          '',
          [
            { type: 'bar', orientation: 'h', name: 'Index', y: ['a', ...extra], x: [most, ...extra.map(() => 1)] },
            { type: 'scatter', x: [0, 1], y: [0, 1] },
          ],
          { xaxis: { range: [0, most] }, height: 200 },
        ),
      )
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`)
    const [overlay] = JSON.parse(block(diff(drawn(9, names), drawn(5, [])), 'figures')) // the report's own data
    expect(overlay.layout.xaxis.range).toEqual([0, 9])
    expect(overlay.layout.height).toBe(120 + 26 * 11)
    expect(overlay.data.map(({ showlegend }: { showlegend: boolean }) => showlegend)).toEqual([true, true, false])
  })

  test('metrics side by side with how much they moved', () => {
    expect(page).toContain('Leavers in the data 2 214 2 275 +61 (+2.8 %)')
    expect(page).toMatch(/Area under the ROC curve 0\.846 .* 0\.844 .* −0\.002/)
    const shares = visibleText(diff(of(metric('s', 'Share', 0.2, 'share')), of(metric('s', 'Share', 0.25, 'share'))))
    expect(shares).toContain('Share 20.0 % 25.0 % +5.0 points')
    expect(visibleText(diff(of(metric('m', 'M', 1)), of(metric('m', 'M', 1))))).toContain('M 1 1 the same')
    expect(visibleText(diff(of(metric('m', 'M', 1)), of(metric('n', 'N', 2))))).toMatch(
      /M 1 – only in A N – 2 only in B/,
    )
    expect(visibleText(diff(of(metric('m', 'M', 0)), of(metric('m', 'M', null))))).toMatch(/M 0 – /)
  })

  test('metrics of one name are paired in their order', () => {
    const twice = (second: number) => of(metric('auc', 'AUC', 0.5, 'score'), metric('auc', 'AUC', second, 'score'))
    expect(visibleText(diff(twice(0.6), twice(0.7)))).toMatch(/AUC 0\.500 0\.500 the same AUC 0\.600 0\.700 \+0\.100/)
  })

  test('rows of tables by their first column, with what each value was', () => {
    expect(page).toContain('monthly 9 120 1 604 1 654 0.176')
    expect(page).toContain('1 row is the same.')
    const rows = (...values: [string, number][]) => of(table('T', ['city', 'n'], values))
    const moved = markup(diff(rows(['Oulu', 1], ['Kemi', 2]), rows(['Kemi', 2], ['Oulu', 3], ['Inari', 4])))
    expect(moved).toContain('<del>1</del> <ins>3</ins>')
    expect(moved).toContain('<ins>Inari</ins>')
    expect(moved).not.toContain('Kemi')
  })

  test('tables of HTML are compared too', () => {
    const html = (count: number) =>
      notebook([
        text('## Cities'),
        code('x', [
          displayed({
            'text/html': `<table><thead><tr><th>city</th><th>n</th></tr></thead><tbody><tr><td>Oulu</td><td>${count}</td></tr><tr><td>Kemi &amp; Tornio</td><td>1</td></tr></tbody></table>`,
          }),
        ]),
      ])
    expect(markup(diff(html(5), html(6)))).toContain('<del>5</del> <ins>6</ins>')
    expect(visibleText(diff(html(5), html(6)))).toContain('Cities')
    expect(visibleText(diff(html(5), html(5)))).toContain('Nothing that the report compares changed.')
  })

  test('figures lie over each other where their traces match, and stand side by side elsewhere', () => {
    expect(traces(churn)).toEqual([
      ['A', 'B'],
      ['Observed – A', 'Observed – B', 'Perfect – A', 'Perfect – B'],
      ['A', 'B'],
    ])
    const lines = (...names: string[]) =>
      of(
        figure(
          'F',
          'd',
          names.map((name) => ({ type: 'scatter', name, y: [1, name.length] })),
        ),
      )
    expect(traces(diff(lines('one', 'two'), lines('one', 'two', 'three')))).toEqual([
      ['one', 'two'],
      ['one', 'two', 'three'],
    ])
    const bars = (height: number) =>
      of(
        figure('F', 'd', [
          { type: 'bar', name: 'x', y: [height] },
          { type: 'bar', name: 'same', y: [1] },
        ]),
      )
    expect(traces(diff(bars(1), bars(2)))).toEqual([['x – A', 'x – B', 'same']])
    const pie = (value: number) => of(figure('F', 'd', [{ type: 'pie', values: [value, 1], labels: ['a', 'b'] }]))
    expect(traces(diff(pie(1), pie(2)))).toHaveLength(2)
    expect(visibleText(diff(pie(1), pie(2)))).toContain('F – A')
  })

  test('changed code line by line; the injected parameters are no change of code', () => {
    expect(markup(churn)).toContain('<del>− const atRisk = scored.filter(({ risk }) =&gt; risk &gt; 0.6)</del>')
    expect(markup(churn)).toContain('<ins>+ const atRisk = scored.filter(({ risk }) =&gt; risk &gt; 0.65)</ins>')
    expect(page).not.toContain('const months = 13')
    const shorter = visibleText(diff(churnNotebook(), failedNotebook()))
    expect(shorter).toContain('only in A')
    expect(shorter).toContain('only in B')
  })

  test('the same run twice has no change, and different notebooks are told', () => {
    expect(visibleText(diff(churnNotebook(), churnNotebook()))).toContain('Nothing that the report compares changed.')
    expect(diff(churnNotebook(), churnNotebook())).not.toContain('id="plotly"')
    const other = notebook([code('y')])
    const foreign = { ...other, cells: other.cells.map((cell) => ({ ...cell, id: 'other' })) }
    expect(visibleText(diff(churnNotebook(), foreign))).toContain('no cell in common')
    expect(page).not.toContain('no cell in common')
    expect(() => diff(notebook([]), notebook([]))).not.toThrow()
  })

  test('hostile texts stay texts, and ids are each once', () => {
    for (const report of [diff(hostileNotebook(), churnNotebook()), diff(churnNotebook(), hostileNotebook()), churn]) {
      expect(markup(report)).not.toMatch(/<(?:script|iframe|img|object|form|a href="[^#])/i)
      expect(markup(report)).not.toMatch(/<[a-z][^>"]*(?:"[^"]*"[^>"]*)*\s(?:on[a-z]+|style)=/i)
      const ids = [...report.matchAll(/<[a-z][^>]*\sid="([^"]*)"/g)].map(([, id]) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const [, target] of markup(report).matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target)
      expect(Buffer.byteLength(report)).toBeLessThan(1_000_000)
    }
  })
})
