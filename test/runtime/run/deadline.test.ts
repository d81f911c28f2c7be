import { getEventListeners } from 'node:events'
import { existsSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { RunOptions } from '../../../runtime/engine/request.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { within } from '../../../runtime/run/deadline.ts'
import { silent } from '../../../runtime/run/progress.ts'
import { realDelay } from '../../../runtime/run/retry.ts'
import { withWorkspace } from '../../workspace.ts'
import { campaignFlow, runFlow, staleTemporary, stepOf, writeFlow } from '../engine.ts'
import { testNodes } from '../nodes.ts'

const endless = (limits: string, head = '') => `flow: endless
${head}steps:
  orders: { uses: import/rows, with: { path: data/orders.csv } }
  forever: { uses: enrich/trouble, from: orders, with: { how: cancel }${limits} }
  scaled: { uses: enrich/scale, from: orders }
`

/** Waits of the seconds in `over` are over when `when` is; all others last until they are given up. */
const overAfter =
  (when: Promise<unknown>, ...over: readonly number[]): RunOptions['delay'] =>
  (milliseconds, signal) =>
    over.includes(milliseconds / 1000)
      ? when
      : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

/** A promise that is kept when a step comes to a moment. */
function moment(name: string) {
  const reached = Promise.withResolvers<void>()
  return { nodes: testNodes((at) => (at === name ? reached.resolve() : undefined)), reached: reached.promise }
}

describe('a step with timeout', () => {
  test('is cancelled when it takes longer, and the database serves others again', () =>
    withWorkspace(async (root) => {
      writeFlow(root, endless(', timeout: 6'), 'endless')
      writeFlow(root, campaignFlow)
      const { nodes, reached } = moment('trouble:run')
      const client = await openEngine(root, { nodes })
      const options = { progress: silent, signal: new AbortController().signal, now: Date.now }
      const run = (flow: string, delay?: RunOptions['delay']) =>
        client.run({ flow, params: {}, asOf: '2026-10-01' }, { ...options, delay })
      try {
        const record = await run('endless', overAfter(reached, 6))
        expect(record.steps.map((step) => step.status)).toEqual(['done', 'failed', 'skipped'])
        expect(record.problem).toMatchObject({
          code: 'STEP_TIMEOUT',
          message: 'The step took longer than 6 s.',
          step: 'forever',
          line: 4,
        })
        expect(client.isSpoilt).toBe(false)
        expect((await run('campaign')).status).toBe('done')
      } finally {
        await client.close()
      }
      expect(staleTemporary(root)).toEqual([])
    }))

  test('is not touched when it ends in time', () =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow.replace('from: scaled }', 'from: scaled, timeout: 6 }'))
      const record = await runFlow(root, { delay: overAfter(Promise.resolve()) })
      expect(record.problem).toBeUndefined()
    }))

  test('is tried again where it has a retry', () =>
    withWorkspace(async (root) => {
      writeFlow(root, endless(', timeout: 6, retry: { times: 2, wait: 0 }'), 'endless')
      const { nodes, reached } = moment('trouble:run')
      const record = await runFlow(root, { flow: 'endless', nodes, delay: overAfter(reached, 6) })
      expect(record.problem?.code).toBe('STEP_TIMEOUT')
      expect(stepOf(record, 'forever').attempts?.map(({ problem }) => problem.code)).toEqual([
        'STEP_TIMEOUT',
        'STEP_TIMEOUT',
      ])
    }))

  test('that cancels a run at the same moment is a cancelled run', () =>
    withWorkspace(async (root) => {
      writeFlow(root, endless(', timeout: 6'), 'endless')
      const cancel = new AbortController()
      const { nodes, reached } = moment('trouble:run')
      const both = reached.then(() => cancel.abort())
      const record = await runFlow(root, {
        flow: 'endless',
        nodes,
        signal: cancel.signal,
        delay: overAfter(both, 6),
      })
      expect(record.problem?.code).toBe('RUN_CANCELLED')
    }))
})

describe('a step that does not end when it is told to', () => {
  const deaf = () => testNodes((at) => (at === 'moments:middle' ? new Promise(() => {}) : undefined))

  test.each([
    ['is given up when it is over its time, and not tried again', ', timeout: 7, retry: { times: 3 }', 'STEP_TIMEOUT'],
    ['is given up when the run is cancelled', '', 'RUN_CANCELLED'],
  ])('%s', (_, limits, code) =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow.replace('from: scaled }', `from: scaled${limits} }`))
      const cancel = new AbortController()
      const client = await openEngine(root, { nodes: deaf() })
      try {
        const record = await client.run(
          { flow: 'campaign', params: {}, asOf: '2026-10-01' },
          {
            progress: {
              ...silent,
              stepStarted: (step) => (step === 'moments' && limits === '' ? cancel.abort() : undefined),
            },
            signal: cancel.signal,
            now: Date.now,
            delay: overAfter(Promise.resolve(), 7, 5),
          },
        )
        expect(record.steps.map((step) => step.status)).toEqual(['done', 'done', 'failed', 'skipped', 'skipped'])
        expect(record.problem).toMatchObject({ code, step: 'moments' })
        expect(stepOf(record, 'moments').attempts).toBeUndefined()
        expect(existsSync(`${root}/${record.report}`)).toBe(true)
      } finally {
        await client.close()
      }
    }),
  )

  test('makes the client serve nobody any more', () =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow.replace('from: scaled }', 'from: scaled, timeout: 7 }'))
      const client = await openEngine(root, { nodes: deaf() })
      const options = { progress: silent, signal: new AbortController().signal, now: Date.now }
      const request = { flow: 'campaign', params: {}, asOf: '2026-10-01' }
      try {
        await client.run(request, { ...options, delay: overAfter(Promise.resolve(), 7, 5) })
        expect(client.isSpoilt).toBe(true)
        await expect(client.tableCsv(`${root}/data/orders.csv`)).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
      } finally {
        await client.close()
      }
    }))
})

describe('a run with timeout', () => {
  test('fails in the step it has come to', () =>
    withWorkspace(async (root) => {
      writeFlow(root, endless(', timeout: 60', 'timeout: 20\n'), 'endless')
      const { nodes, reached } = moment('trouble:run')
      // The clock stands still: the run has all of its 20 s left when the step begins.
      const record = await runFlow(root, { flow: 'endless', nodes, now: () => 1e12, delay: overAfter(reached, 20) })
      expect(record.problem).toMatchObject({ code: 'RUN_TIMEOUT', step: 'forever' })
      expect(record.problem?.message).toBe('The run took longer than 20 s.')
      expect(record.steps.map((step) => step.status)).toEqual(['done', 'failed', 'skipped'])
    }))

  test('begins no step when its time is over', () =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow.replace('steps:', 'timeout: 20\nsteps:'))
      let now = 1e12
      const progress = {
        ...silent,
        stepEnded: ({ name }: { name: string }) => {
          if (name === 'scaled') now += 20_000
        },
      }
      const delay = overAfter(Promise.resolve())
      const record = await runFlow(root, { now: () => now, progress, delay })
      expect(record.problem).toMatchObject({ code: 'RUN_TIMEOUT', step: 'moments' })
      const resumed = await runFlow(root, { resume: record.run, delay })
      expect(resumed.status).toBe('done')
    }))

  test('does not wait for a next attempt beyond its time', () =>
    withWorkspace(async (root) => {
      const text = campaignFlow.replace('steps:', 'timeout: 20\nsteps:')
      writeFlow(root, text.replace('from: scaled }', 'from: scaled, retry: { times: 1, wait: 600 } }'))
      const nodes = testNodes((at) => {
        if (at === 'moments:middle') throw Object.assign(new Error('busy'), { code: 'EBUSY' })
      })
      let waited = 0
      const never = overAfter(Promise.resolve())
      const record = await runFlow(root, {
        nodes,
        now: () => 1e12,
        delay: async (milliseconds, signal) => {
          if (milliseconds > 1000) return never?.(milliseconds, signal)
          waited += milliseconds
        },
      })
      expect([record.problem?.code, waited]).toEqual(['RUN_TIMEOUT', 20_000])
    }))
})

test('nothing of a step stays in memory when it has ended', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // what the flag has just made
  const run = new AbortController()
  const context = { deadline: undefined, signal: run.signal, delay: realDelay, cancel: () => {}, restore: () => {} }
  const perform = async () => {
    const rows = { of: 'a step' }
    await within(context, async (signal) => signal.addEventListener('abort', () => rows.of))
    return new WeakRef(rows)
  }
  const left = await perform()
  // What was made in this turn of the event loop is kept until the next.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(left.deref()).toBeUndefined()
  expect(getEventListeners(run.signal, 'abort')).toEqual([])
})
