import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { runSchema } from '../../../../runtime/run/record.ts'
import { keyMetrics } from '../../../../runtime/run/report/metrics.ts'
import { renderReport } from '../../../../runtime/run/report/report.ts'
import { churnRun, failedRun } from '../../../fixtures/runs/churn-run.ts'
import { hostileRun } from '../../../fixtures/runs/hostile-run.ts'
import { metric, run, step } from '../../../fixtures/runs/record.ts'
import { markup, visibleText } from '../../html/reading.ts'

const churn = renderReport(churnRun())
const failed = renderReport(failedRun())
const hostile = renderReport(hostileRun())

describe('what a report says', () => {
  test('the fixtures are records of the contract', () => {
    const valid = new Ajv({ strict: false }).compile(runSchema)
    for (const record of [churnRun(), failedRun()]) {
      valid(JSON.parse(JSON.stringify(record)))
      expect(valid.errors).toBeNull()
    }
  })

  test('the first screen: client, title, date, status, key metrics and warnings', () => {
    const first = visibleText(churn.slice(0, churn.indexOf('<nav')))
    expect(first).toContain('Pohjolan Sähkö')
    expect(first).toContain('Keep valuable customers who are about to leave')
    expect(first).toContain('As of 22 Nov 2026')
    expect(first).toContain('Status Complete')
    expect(first).toContain('10 in 34.2 s, 2 cached')
    expect(first).toContain('Data health')
    expect(first).toContain('3 warnings')
    expect(first).toContain('12 rows do not parse')
  })

  test('the attempts at a step that was tried again, with what went wrong', () => {
    const problem = { code: 'FILE_NOT_FOUND', message: 'There is no file data/<late>.csv.' }
    const attempts = [1500, 20].map((milliseconds) => ({ milliseconds, problem }))
    const late = step({ name: 'a', uses: 'import/csv', title: 'A', summary: '', attempts })
    const report = renderReport(run({ steps: [late] }))
    expect(visibleText(report)).toContain('It was tried 3 times.')
    expect(visibleText(report)).toContain('There is no file data/&lt;late&gt;.csv. (FILE_NOT_FOUND, after 1.5 s)')
    expect(churn).not.toContain('It was tried')
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
    const text = visibleText(churn)
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
    const text = visibleText(churn)
    expect(text).toContain('Reads Customers (20 412 rows) , Permissions (20 400 rows)')
    expect(text).toContain('Reads data/invoices.parquet')
    const rejected = run({
      steps: [
        ...churnRun().steps.slice(0, 1),
        step({ name: 'b', uses: 'x/y', title: 'B', summary: '', reads: ['customers.rejected'] }),
      ],
    })
    expect(visibleText(renderReport(rejected))).toContain('Customers › rejected (12 rows)')
  })

  test('findings stand in the order the step gave them', () => {
    const section = visibleText(churn.slice(churn.indexOf('id="step-7"'), churn.indexOf('id="step-8"')))
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
    const first = visibleText(failed.slice(0, failed.indexOf('<nav')))
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
    expect(visibleText(failed.slice(failed.indexOf('id="step-8"')))).toContain('not run')
    expect(visibleText(failed)).toContain('Not run. An earlier step failed.')
  })

  test('a run stopped by a rule, and one that never came to its end', () => {
    const [first] = churnRun().steps
    const stopped = run({ status: 'stopped', steps: first ? [{ ...first, status: 'stopped' }] : [] })
    expect(visibleText(renderReport(stopped))).toContain('A rule stopped this run at “Customers”')
    expect(visibleText(renderReport(run({ status: 'running', steps: [] })))).toContain(
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
