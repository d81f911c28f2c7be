import { expect, test } from 'vitest'
import { findingsMarkup, warningsPanel } from '../../../runtime/html/findings.ts'
import { keyMetrics } from '../../../runtime/html/metrics.ts'
import { stepState, stepTable } from '../../../runtime/html/steps.ts'
import { metric, note, warning } from '../../fixtures/runs/record.ts'
import { visibleText } from './reading.ts'

test.each([
  ['done', false, 'done', 'done'],
  ['failed', false, 'failed', 'failed'],
  ['waiting', false, 'not run', 'waiting'],
  ['skipped', false, 'not run', 'waiting'],
  ['running', false, 'running', 'running'],
  ['done', true, 'cached', 'cached'],
] as const)(
  'a step that is %s reads, cached %s, in a report %s and in a run under way %s',
  (status, cached, still, live) => {
    expect(stepState({ status, cached }).word).toBe(still)
    expect(stepState({ status, cached }, true).word).toBe(live)
  },
)

test('one table shows the steps of a run, whatever its page asks for', () => {
  const line = { title: 'Orders', uses: 'import/csv', state: stepState({ status: 'done', cached: true }) }
  const steps = [{ ...line, rows: { rows: 3, others: { rejected: 2 } }, milliseconds: 1500, href: '#a' }]
  const { markup } = stepTable('Steps', steps, ['step', 'rows', 'time'], true)
  expect(visibleText(markup)).toMatch(/Step\s+Rows\s+Time\s+Orders\s+3\s+2 rejected\s+1\.5 s/)
  expect(markup).toContain('<tr id="step-1">')
  expect(stepTable('Steps', steps, ['state', 'node']).markup).not.toContain('id="step-1"')
})

test('warnings of all steps stand together, those past the eighth folded', () => {
  const steps = Array.from({ length: 9 }, (_, index) => ({ title: `S${index}`, findings: [warning('w'), note('n')] }))
  const panel = warningsPanel(steps, (_, index) => `#${index}`)
  expect(panel && visibleText(panel.markup)).toMatch(/9 warnings .*1 more/)
  expect(warningsPanel([{ title: 'quiet', findings: [note('n')] }, { title: 'none' }], () => '')).toBe(false)
})

test('a page without room for figures names them', () => {
  const figure = { kind: 'figure', title: 'Lift', description: 'By decile.', data: [] } as const
  expect(visibleText(String(findingsMarkup([figure]).map(({ markup }) => markup)))).toContain('Lift. By decile.')
})

test('of many metrics the first ones of the last sources are taken, each label once where that is asked', () => {
  const sources = [[metric('a', 'A', 1), metric('b', 'B', 1)], [metric('c', 'C', null)], [metric('d', 'A', 1)]]
  const names = (options: Parameters<typeof keyMetrics>[1]) =>
    keyMetrics(sources, options).map(({ metric: { name } }) => name)
  expect(names({ most: 2 })).toEqual(['a', 'd'])
  expect(names({ most: 3, labelsOnce: true })).toEqual(['b', 'd'])
  expect(names({ most: 9, ofEach: 1 })).toEqual(['a', 'd'])
})
