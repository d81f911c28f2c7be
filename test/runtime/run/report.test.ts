import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RunRecord, runSchema } from '../../../runtime/run/record.ts'
import { keyMetrics } from '../../../runtime/run/report/metrics.ts'
import { renderReport, reportLimit } from '../../../runtime/run/report/report.ts'
import { churnRun, failedRun } from '../../fixtures/runs/churn-run.ts'
import { hostileRun } from '../../fixtures/runs/hostile-run.ts'
import { figure, metric, note, output, run, step, table, warning } from '../../fixtures/runs/record.ts'

const churn = renderReport(churnRun())
const failed = renderReport(failedRun())
const hostile = renderReport(hostileRun())
const withoutFigures = renderReport(run({ steps: [] }))

const blocks = /<(script|style)\b([^>]*)>([\s\S]*?)<\/\1>/g
const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const policyOf = (report: string): string =>
  /Content-Security-Policy" content="([^"]*)"/.exec(report)?.[1]?.replaceAll('&#39;', "'") ?? ''
const block = (report: string, id: string): string =>
  inflateSync(Buffer.from(new RegExp(`id="${id}">([A-Za-z0-9+/=]*)<`).exec(report)?.[1] ?? '', 'base64')).toString()

/** The markup without scripts and styles, and what a reader sees of it. */
const markup = (report: string): string => report.replace(blocks, '')
const seen = (report: string): string =>
  markup(report)
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replace(/[\s\u202f\u00a0]+/g, ' ')

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
    const told = (text: string): RunRecord =>
      run({
        title: `x${text}`,
        client: text,
        params: { a: `x${text}` },
        status: 'failed',
        problem: { code: text, message: text, file: text, found: text, expected: text, step: text },
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
    const expected = skeleton(renderReport(told('plain')))
    const nasty = fc.oneof(
      fc.string({ maxLength: 38, unit: 'binary' }),
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
        .map((parts) => parts.join('').slice(0, 38)),
    )
    fc.assert(
      fc.property(nasty, (text) => {
        expect(skeleton(renderReport(told(text)))).toEqual(expected)
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

describe('what a report says', () => {
  test('the fixtures are records of the contract', () => {
    const valid = new Ajv({ strict: false }).compile(runSchema)
    for (const record of [churnRun(), failedRun()]) {
      valid(JSON.parse(JSON.stringify(record)))
      expect(valid.errors).toBeNull()
    }
  })

  test('the first screen: client, title, date, status, key metrics and warnings', () => {
    const first = seen(churn.slice(0, churn.indexOf('<nav')))
    expect(first).toContain('Pohjolan Sähkö')
    expect(first).toContain('Keep valuable customers who are about to leave')
    expect(first).toContain('As of 22 Nov 2026')
    expect(first).toContain('Status Complete')
    expect(first).toContain('10 in 34.2 s, 2 cached')
    expect(first).toContain('Data health')
    expect(first).toContain('3 warnings')
    expect(first).toContain('12 rows do not parse')
  })

  test('key metrics: the first of each step in the flow’s order, one import only, at most eight', () => {
    expect(keyMetrics(churnRun()).map(({ metric: { name } }) => name)).toEqual([
      'rows',
      'score',
      'customers',
      'auc',
      'selected',
      'control',
      'detectable',
      'contacts',
    ])
    const one = step({
      name: 'a',
      uses: 'measure/campaign',
      title: '',
      summary: '',
      findings: ['x', 'y', 'z', 'q', 'r'].map((name) => metric(name, name, name === 'y' ? null : 1)),
    })
    expect(keyMetrics(run({ steps: [one] })).map(({ metric: { name } }) => name)).toEqual(['x', 'z', 'q', 'r'])
    expect(keyMetrics(run({ steps: [] }))).toEqual([])
  })

  test('parameters, settings, cache, time, versions, seed and where each table lies', () => {
    const text = seen(churn)
    for (const output of churnRun().steps.flatMap((one) => one.outputs)) expect(text).toContain(output.path)
    for (const said of [
      'minimumRisk 0.2',
      'channels letter, email',
      'dryRun no',
      '24.21.0',
      '20261122',
      'decimalComma yes',
      'windows-1252',
    ])
      expect(text).toContain(said)
    expect(text).toContain('Same node, settings, inputs, seed and engine as in 2026-11-15T060010Z-save-at-risk-41c0.')
    expect(text).toContain('Train churn predict/train done 19 587 21.5 s')
    expect(text).toContain('Contracts import/csv cached 27 845 38 ms')
    expect(text).toContain('plotly.js 4.')
  })

  test('a step says what it reads, from which step or file and how much', () => {
    const text = seen(churn)
    expect(text).toContain('Reads Customers (20 412 rows) , Permissions (20 400 rows)')
    expect(text).toContain('Reads data/invoices.parquet')
    const rejected = run({
      steps: [
        ...churnRun().steps.slice(0, 1),
        step({ name: 'b', uses: 'x/y', title: 'B', summary: '', reads: ['customers.rejected'] }),
      ],
    })
    expect(seen(renderReport(rejected))).toContain('Customers › rejected (12 rows)')
  })

  test('findings stand in the order the step gave them', () => {
    const section = seen(churn.slice(churn.indexOf('id="step-7"'), churn.indexOf('id="step-8"')))
    const order = [
      'AUC',
      'p < 0.001',
      'ROC curve',
      'Calibration',
      'Lift by decile',
      'What the prediction rests on',
      'Who leaves',
      'Stored as churn@3',
    ]
    const places = order.map((words) => section.replaceAll('&lt;', '<').indexOf(words))
    expect(places).toEqual(places.toSorted((one, other) => one - other))
    expect(places[0]).toBeGreaterThan(0)
  })

  test('every figure has its words, and its drawing is numbered in order', () => {
    const figures = churnRun().steps.flatMap(({ findings }) => findings.filter((finding) => finding.kind === 'figure'))
    const numbers = [...churn.matchAll(/aria-label="([^"]*)" data-figure="(\d+)"/g)]
    expect(numbers.map(([, , number]) => Number(number))).toEqual([...figures.keys()])
    expect(numbers.map(([, words]) => words)).toEqual(figures.map(({ description }) => description))
    for (const { description, title } of figures) {
      expect(churn).toContain(`<figcaption>${description}</figcaption>`)
      expect(churn).toContain(`<h4>${title}</h4>`)
    }
  })

  test('headings never skip a level', () => {
    for (const report of [churn, failed, hostile]) {
      const levels = [...markup(report).matchAll(/<h([1-6])\b/g)].map(([, level]) => Number(level))
      expect(levels.filter((level) => level === 1)).toHaveLength(1)
      for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1)
    }
  })

  test('a failed run says first what happened, where, what was found and expected, and what is kept', () => {
    const first = seen(failed.slice(0, failed.indexOf('<nav')))
    for (const said of [
      'Failed',
      'This run failed at “Train churn”',
      'The target column has only one class',
      'flows/save-at-risk.yaml:14:23',
      'churned is “no” in all 19 587 rows',
      'at least 20 rows of each class',
      'predict/train.oneClass',
      '6 of 10 steps were finished and are kept: Customers , Contracts',
    ])
      expect(first).toContain(said)
    expect(seen(failed.slice(failed.indexOf('id="step-8"')))).toContain('not run')
    expect(seen(failed)).toContain('Not run. An earlier step failed.')
  })

  test('a run stopped by a rule, and one that never came to its end', () => {
    const [first] = churnRun().steps
    const stopped = run({ status: 'stopped', steps: first ? [{ ...first, status: 'stopped' }] : [] })
    expect(seen(renderReport(stopped))).toContain('A rule stopped this run at “Customers”')
    expect(seen(renderReport(run({ status: 'running', steps: [] })))).toContain(
      'not finished when the report was written',
    )
  })

  test('the same record gives the same bytes', () => {
    expect(renderReport(churnRun())).toBe(churn)
    expect(renderReport(JSON.parse(JSON.stringify(hostileRun())))).toBe(
      renderReport(JSON.parse(JSON.stringify(hostileRun()))),
    )
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
    expect(seen(report)).toContain('row-199')
    expect(seen(report)).not.toContain('row-200 ')
    expect(seen(report)).toContain('The first 200 of 1 234 rows.')
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
    expect(seen(report)).toContain('This figure has too many points for the report')
    expect(block(report, 'figures')).toContain('[1,2]')
    expect(seen(hostile)).toContain('There is nothing to draw.')
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
        title: 'X',
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
    expect(seen(report)).toMatch(/\d+ warnings Step 0 w+/)
    expect(seen(report)).toMatch(/\d+ steps are left out of this report to keep it small/)
    expect(seen(report)).toMatch(/\d+ more findings are in run.json/)
    expect(seen(report)).toMatch(/The first \d+ of 300 rows\. The first \d+ of 80 columns\./)
  })
})
