import { describe, expect, test } from 'vitest'
import { flowGraph } from '../../../runtime/html/graph.ts'
import { rowsCell, rowsText, stepRows } from '../../../runtime/html/step-rows.ts'

const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ')

const imported = [
  { name: 'rows', rows: 3 },
  { name: 'rejected', rows: 2 },
]
const trained = [
  { name: 'model', rows: 1 },
  { name: 'predictions', rows: 800 },
  { name: 'importance', rows: 7 },
]

describe('the rows of a step', () => {
  test('are those of its first output; other outputs are named beside it', () => {
    expect(stepRows(imported)).toEqual({ rows: 3, others: { rejected: 2 } })
    expect(rowsText(stepRows(imported))).toBe('3\u00a0rows, 2\u00a0rejected')
    expect(rowsText({ rows: 9, others: { rejected: 0 } })).toBe('9\u00a0rows')
    expect(rowsText(stepRows([{ name: 'customers', rows: 1 }]))).toBe('1\u00a0row')
    expect(plain(rowsText(stepRows([{ name: 'customers', rows: 1_234_567 }])))).toBe('1 234 567 rows')
  })

  test('are none where it stored a model, and where it has no outputs', () => {
    expect(stepRows(trained)).toEqual({ others: { model: 1, predictions: 800, importance: 7 } })
    expect(plain(rowsText(stepRows(trained)))).toBe('1 model, 800 predictions, 7 importance')
    expect(stepRows([])).toEqual({})
    expect(rowsText({})).toBe('')
  })

  test('a table of models is a table', () => {
    expect(stepRows([{ name: 'model', rows: 12 }])).toEqual({ rows: 12 })
  })

  test('in a table of steps', () => {
    expect(plain(rowsCell(stepRows(imported)).markup)).toMatch(/^3<.*2 rejected/)
    expect(rowsCell({}).markup).toBe('–')
  })

  test('in the picture of a flow', () => {
    const step = { name: 'a', title: 'A', uses: 'import/csv', from: [], status: 'done', cached: false } as const
    const markup = plain(flowGraph({ steps: [{ ...step, ...stepRows(imported) }] }).markup)
    expect(markup).toContain('done · 3 rows')
    expect(markup).toContain('<title>A, done, 3 rows, 2 rejected</title>')
    expect(plain(flowGraph({ steps: [{ ...step, ...stepRows(trained) }] }).markup)).not.toMatch(/ rows?</)
  })
})
