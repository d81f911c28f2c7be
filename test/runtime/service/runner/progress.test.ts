import { expect, test } from 'vitest'
import type { StepRecord } from '../../../../runtime/run/record.ts'
import type { RunEvent } from '../../../../runtime/service/queue/queue.ts'
import type { StepProgress } from '../../../../runtime/service/queue/run.ts'
import { sentProgress } from '../../../../runtime/service/runner/progress.ts'

test('the worker hears the same rows of a step as the command line and the report give', () => {
  const sent: { steps: readonly StepProgress[]; events: readonly RunEvent[] }[] = []
  const progress = sentProgress(
    (steps, events) => void sent.push({ steps, events }),
    () => {},
  )
  const step: StepRecord = {
    ...{ name: 'orders', uses: 'import/csv', title: '', summary: '', from: [], settings: {}, status: 'done' },
    ...{ cached: false, why: '', milliseconds: 12, key: '', findings: [] },
    outputs: [
      { name: 'rows', description: '', rows: 3, columns: [], path: '', hash: '', bytes: 1 },
      { name: 'rejected', description: '', rows: 2, columns: [], path: '', hash: '', bytes: 1 },
    ],
  }
  progress.started('Orders', 'r', ['orders'])
  progress.stepEnded(step, 0)
  expect(sent.at(-1)?.steps).toMatchObject([{ name: 'orders', rows: 3, others: { rejected: 2 } }])
  expect(sent.at(-1)?.events).toMatchObject([{ event: 'step done', detail: { rows: 3, others: { rejected: 2 } } }])
})
