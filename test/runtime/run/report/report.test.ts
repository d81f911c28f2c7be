import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunRecord } from '../../../../runtime/run/record.ts'
import { renderReport, reportLimit } from '../../../../runtime/run/report/report.ts'
import { churnRun, failedRun } from '../../../fixtures/runs/churn-run.ts'
import { hostileRun } from '../../../fixtures/runs/hostile-run.ts'
import { figure, metric, note, output, run, step, table, warning } from '../../../fixtures/runs/record.ts'
import { block, blocks, markup, policyOf, sourceOf, visibleText } from '../../html/reading.ts'

const churn = renderReport(churnRun())
const failed = renderReport(failedRun())
const hostile = renderReport(hostileRun())
const withoutFigures = renderReport(run({ steps: [] }))

/** Every tag with the names of its attributes: what outside text must never be able to change. */
const skeleton = (report: string): string[] =>
  [...markup(report).matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'))

describe('policy of a report', () => {
  test.each([
    ['a complete run', churn],
    ['a failed run', failed],
    ['a hostile run', hostile],
    ['a run without figures', withoutFigures],
  ])('every script and style of %s is listed by its hash, and nothing else may run', (_, report) => {
    const policy = policyOf(report)
    expect(policy).toMatch(/^default-src 'none'; script-src /)
    expect(policy).not.toMatch(/unsafe|http|\*|blob/)
    const inline = [...report.matchAll(blocks)].filter(([, , attributes]) => !attributes?.includes('octet-stream'))
    for (const [, , , text = ''] of inline) expect(policy).toContain(sourceOf(text))
    const listed = policy.match(/'sha256-[^']*'/g) ?? []
    const plotly = report === withoutFigures ? [] : [sourceOf(block(report, 'plotly')), sourceOf('')]
    expect(new Set(listed)).toEqual(new Set([...inline.map(([, , , text = '']) => sourceOf(text)), ...plotly]))
  })

  test('the report asks for nothing: no address but its own anchors and its icon', () => {
    for (const report of [churn, failed, hostile, withoutFigures]) {
      const addresses = [
        ...markup(report).matchAll(/\s(?:href|src|srcset|action|data|poster|xlink:href)="([^"]*)"/g),
      ].map(([, value]) => value ?? '')
      expect(
        addresses.filter((address) => !/^#[a-z0-9-]+$/.test(address) && !address.startsWith('data:image/svg+xml,')),
      ).toEqual([])
      expect(markup(report)).not.toMatch(/<[a-z][^>"]*\son[a-z]+=|<[^>"]*\sstyle=/i)
    }
  })

  test('anchors lead to what is there', () => {
    for (const report of [churn, failed, hostile]) {
      const ids = [...markup(report).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const [, target] of markup(report).matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target)
    }
  })

  test('a report without figures leaves Plotly out', () => {
    expect(Buffer.byteLength(withoutFigures)).toBeLessThan(30_000)
    expect(policyOf(withoutFigures)).toContain("script-src 'none'")
    expect(withoutFigures).not.toContain('<script')
  })
})

describe('text from outside', () => {
  test('adds no tag and no attribute, whatever it is', () => {
    const hostileTexts = (text: string): RunRecord =>
      run({
        title: `x${text}`,
        client: text,
        params: { a: `x${text}` },
        status: 'failed',
        problem: { code: text, message: text, file: text, actual: text, expected: text, step: text },
        versions: { node: text },
        steps: [
          step({
            name: `x${text}`,
            uses: text,
            title: `t${text}`,
            summary: text,
            settings: { a: `x${text}`, list: [text], deep: { [text]: text } },
            why: text,
            outputs: [{ ...output('a', text, 1, ['x VARCHAR']), name: text, path: text }],
            findings: [
              metric(text, text, 1, 'count', { note: `x${text}` }),
              table(text, [text], [[`x${text}`]], `x${text}`),
              note(text),
              warning(text),
            ],
          }),
        ],
      })
    const expected = skeleton(renderReport(hostileTexts('plain')))
    const nasty = fc.oneof(
      fc.string({ maxLength: 26, unit: 'binary' }),
      fc
        .array(
          fc.constantFrom(
            '<',
            '>',
            '"',
            "'",
            '&',
            '/',
            '=',
            '`',
            '</td>',
            '<!--',
            '-->',
            ']]>',
            '<p x=',
            '\0',
            '&#60;',
            '\u2028',
          ),
          { maxLength: 8 },
        )
        .map((pieces) => pieces.join('').slice(0, 26)),
    )
    fc.assert(
      fc.property(nasty, (text) => {
        expect(skeleton(renderReport(hostileTexts(text)))).toEqual(expected)
      }),
      { numRuns: 80 },
    )
  })

  test('is shown, not lost: escaped, with direction overrides and control characters made visible', () => {
    expect(markup(hostile)).toContain('&lt;script&gt;window.hacked=1&lt;/script&gt;')
    expect(markup(hostile)).toContain('abc\ufffdgnp.exe')
    for (const sign of ['\u202e', '\u2066', '\0', '\u0007']) expect(hostile).not.toContain(sign)
    expect(hostile.isWellFormed()).toBe(true)
  })

  test('reaches figures as plain JSON that links and loads nothing', () => {
    const figures: unknown = JSON.parse(block(hostile, 'figures'))
    expect(figures).toHaveLength(4)
    const text = block(hostile, 'figures')
    expect(text).not.toMatch(/<(?!br>|\/?b>|extra>|\/extra>)/)
    expect(text).not.toMatch(/"(images|source|updatemenus|href|family)":(?!"system-ui)/)
  })
})

describe('size of a report', () => {
  test('the samples stay under a megabyte', () => {
    for (const report of [churn, failed, hostile]) expect(Buffer.byteLength(report)).toBeLessThan(reportLimit)
  })

  test('a table shows 200 rows and says how many there are', () => {
    const rows = Array.from({ length: 1234 }, (_, index) => [index + 10_000, `row-${index}`])
    const report = renderReport(
      run({
        steps: [
          step({ name: 'a', uses: 'x/y', title: 'A', summary: '', findings: [table('Many', ['n', 'name'], rows)] }),
        ],
      }),
    )
    expect(visibleText(report)).toContain('row-199')
    expect(visibleText(report)).not.toContain('row-200 ')
    expect(visibleText(report)).toContain('The first 200 of 1 234 rows.')
  })

  test('a figure with too many points is left out, and the report says so', () => {
    const noise = Array.from({ length: 50_000 }, (_, index) => Math.sin(index * 12.9898) * 43_758.5453)
    const big = figure('Cloud', 'A cloud', [{ type: 'scatter', x: noise, y: noise }])
    const report = renderReport(
      run({
        steps: [
          step({
            name: 'a',
            uses: 'x/y',
            title: 'A',
            summary: '',
            findings: [big, figure('Small', 'Small', [{ y: [1, 2] }])],
          }),
        ],
      }),
    )
    expect(visibleText(report)).toContain('This figure has too many points for the report')
    expect(block(report, 'figures')).toContain('[1,2]')
    expect(visibleText(hostile)).toContain('There is nothing to draw.')
    expect(Buffer.byteLength(report)).toBeLessThan(reportLimit)
  })

  test('a run of any size gives a report that can be mailed and names what it leaves out', () => {
    const wide = table(
      'Wide',
      Array.from({ length: 80 }, (_, index) => `c${index}`),
      Array.from({ length: 300 }, () => Array.from({ length: 80 }, () => 'é'.repeat(100))),
    )
    const steps = Array.from({ length: 500 }, (_, index) =>
      step({
        name: `step-${index}`,
        uses: 'x/y',
        title: `Step ${index}`,
        summary: 'x'.repeat(5000),
        reads: Array.from({ length: Math.min(index, 30) }, (_, before) => `step-${index - before - 1}`),
        findings: [
          wide,
          ...Array.from({ length: 50 }, (_, count) => metric(`m${count}`, 'l'.repeat(300), count)),
          warning('w'.repeat(3000)),
        ],
      }),
    )
    const report = renderReport(run({ steps }))
    expect(Buffer.byteLength(report)).toBeLessThan(reportLimit)
    expect(visibleText(report)).toMatch(/\d+ warnings Step 0 w+/)
    expect(visibleText(report)).toMatch(/\d+ steps are left out of this report to keep it small/)
    expect(visibleText(report)).toMatch(/\d+ more findings are in run.json/)
    expect(visibleText(report)).toMatch(/The first \d+ of 300 rows\. The first \d+ of 80 columns\./)
  })
})
