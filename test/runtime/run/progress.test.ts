import { expect, test } from 'vitest'
import { bars, lines } from '../../../runtime/run/progress.ts'
import type { StepRecord } from '../../../runtime/run/record.ts'

const table = (name: string, rows: number) => ({
  ...{ name, description: '', rows, columns: [], path: '', hash: '', bytes: 1 },
})

const step = (name: string, more: Partial<StepRecord> = {}): StepRecord => ({
  name,
  uses: 'segment/rfm',
  title: name,
  summary: '',
  from: [],
  settings: {},
  status: 'done',
  cached: false,
  why: '',
  milliseconds: 1234,
  key: '',
  outputs: [table('rows', 1_234_567)],
  findings: [],
  ...more,
})

const recorder = (columns?: number) => {
  const pieces: string[] = []
  return { pieces, columns, write: (text: string) => pieces.push(text) }
}

test('plain lines: one a finished step, with rows and time', () => {
  const output = recorder()
  const progress = lines(output)
  progress.started('A \u001b[31mflow', 'run-1', ['first', 'the-second'])
  progress.stepStarted('first', 0)
  progress.stepProgress('first', 0, 0.5)
  progress.stepEnded(step('first'), 0)
  progress.stepEnded(step('the-second', { cached: true }), 1)
  progress.stepEnded(step('csv', { outputs: [table('rows', 3), table('rejected', 2)] }), 2)
  progress.stepEnded(step('train', { outputs: [table('model', 1), table('predictions', 800)] }), 2)
  progress.stepEnded(step('x', { status: 'stopped', outputs: [] }), 2)
  progress.stepEnded(step('y', { status: 'failed' }), 3)
  progress.stepEnded(step('z', { status: 'skipped' }), 4)
  progress.ended('done')
  expect(output.pieces.join('')).toBe(
    [
      'A \ufffd[31mflow  2 steps  (run run-1)',
      '  first       1 234 567 rows, 1.2 s',
      '  the-second  1 234 567 rows, cached',
      '  csv         3 rows, 2 rejected, 1.2 s',
      '  train       1 model, 800 predictions, 1.2 s',
      '  x           1.2 s, stopped',
      '  y           failed',
      '  z           not run',
      '',
    ].join('\n'),
  )
})

test('bars: redrawn in place, never wider than the terminal, gone at the end', () => {
  const output = recorder(40)
  const progress = bars(output)
  progress.started('Flow', 'r', ['first', 'a-step-with-a-very-long-name-that-would-wrap'])
  progress.stepStarted('first', 0)
  progress.stepEnded(step('first'), 0)
  progress.stepStarted('a-step-with-a-very-long-name-that-would-wrap', 1)
  progress.stepProgress('a-step-with-a-very-long-name-that-would-wrap', 1, 0.5)
  progress.ended('done')
  const drawn = output.pieces.filter((piece) => piece.includes('░') || piece.includes('█'))
  expect(drawn).toHaveLength(3)
  expect(drawn.map((piece) => piece.split('█').length - 1)).toEqual([0, 12, 18])
  for (const piece of drawn) {
    expect(piece.length).toBeLessThan(40)
    expect(piece).not.toContain('\n')
  }
  expect(output.pieces.at(-1)).toBe('\r\u001b[2K')
})
