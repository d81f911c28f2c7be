import { copyFileSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CatalogueNode } from '../../../runtime/catalogue/catalogue.ts'
import { silent } from '../../../runtime/run/progress.ts'
import { withWorkspace } from '../../workspace.ts'
import { cachedSteps, campaignFlow, runFlow, staleTemporary, stepOf, writeFlow } from '../engine.ts'
import { testNodes } from '../nodes.ts'

const busy = () => Object.assign(new Error('the other side is busy'), { code: 'ECONNRESET' })

/** Waits that take no time, added up as they come one after another without work between them. */
function waits() {
  const seconds: number[] = []
  let whole = 0
  return {
    seconds,
    /** Called when the work goes on. */
    over: () => {
      if (whole > 0) seconds.push(whole)
      whole = 0
    },
    delay: async (milliseconds: number) => {
      whole += milliseconds / 1000
    },
  }
}

const withRetry = (retry: string) => campaignFlow.replace('from: scaled }', `from: scaled, retry: ${retry} }`)

/** Runs the flow whose step `moments` fails the first `times` times with `error`. */
const failing = (retry: string, times: number, error: () => Error) =>
  withWorkspace(async (root) => {
    const waited = waits()
    let attempts = 0
    const nodes = testNodes((moment) => {
      if (moment !== 'moments:middle') return
      waited.over()
      attempts += 1
      if (attempts <= times) throw error()
    })
    writeFlow(root, withRetry(retry))
    const retries: [string, number, string][] = []
    const progress = {
      ...silent,
      stepRetried: (step: string, _: number, wait: number, { code }: { code: string }) =>
        retries.push([step, wait, code]),
    }
    const record = await runFlow(root, { nodes, delay: waited.delay, progress })
    waited.over()
    const events = readFileSync(join(root, '.polku', 'runs', record.run, 'events.jsonl'), 'utf8')
    expect(staleTemporary(root)).toEqual([])
    return { record, step: stepOf(record, 'moments'), attempts, waits: waited.seconds, retries: retries, events }
  })

describe('a step with retry', () => {
  test('is tried again after what may pass, each time later, and names its attempts', async () => {
    const { record, step, attempts, waits, retries, events } = await failing('{ times: 3, wait: 10 }', 2, busy)
    expect([record.status, attempts, waits]).toEqual(['done', 3, [10, 20]])
    expect(step.problem).toBeUndefined()
    const problem = {
      code: 'STEP_FAILED',
      message: 'The step failed: the other side is busy',
      step: 'moments',
      line: 5,
    }
    expect(step.attempts).toMatchObject([{ problem }, { problem }])
    expect(retries).toEqual([
      ['moments', 10, 'STEP_FAILED'],
      ['moments', 20, 'STEP_FAILED'],
    ])
    const retried = events.split('\n').filter((line) => line.includes('"step retried"'))
    expect(retried.map((line) => JSON.parse(line))).toMatchObject([
      { step: 'moments', attempt: 1, wait: 10, code: 'STEP_FAILED' },
      { step: 'moments', attempt: 2, wait: 20 },
    ])
  })

  test('fails after the last time, with what was wrong then', async () => {
    const { record, step, attempts, waits } = await failing('{ times: 2, wait: 1, backoff: 1 }', 9, busy)
    expect([record.status, attempts, waits]).toEqual(['failed', 3, [1, 1]])
    expect(step.attempts).toHaveLength(2)
    expect(step.problem).toMatchObject({ code: 'STEP_FAILED', step: 'moments' })
  })

  test('waits no longer than its limit', async () => {
    const { waits } = await failing('{ times: 4, wait: 30, backoff: 3, limit: 100 }', 4, busy)
    expect(waits).toEqual([30, 90, 100, 100])
  })

  test('is not tried again after what the author has to mend, nor without retry', async () => {
    const mistake = () => new TypeError('something unforeseen')
    const { record, attempts, step } = await failing('{ times: 5 }', 9, mistake)
    expect([record.status, attempts, step.attempts]).toEqual(['failed', 1, undefined])
    expect((await failing('{ times: 0 }', 9, busy)).attempts).toBe(1)
  })

  test.each([
    ['the disk', 'IO Error: Could not read from file', true],
    ['memory that others take', 'Out of Memory Error: could not allocate block', true],
    ['a value', 'Conversion Error: Could not convert string', false],
    ['a column', 'Binder Error: Referenced column "x" not found', false],
  ])('is tried again or not after what DuckDB says of %s', async (_, message, again) => {
    const { attempts } = await failing('{ times: 1, wait: 0 }', 1, () => new Error(message))
    expect(attempts).toBe(again ? 2 : 1)
  })
})

test('a file that is not there yet is waited for', () =>
  withWorkspace(async (root) => {
    writeFlow(
      root,
      `flow: campaign
steps:
  orders: { uses: import/rows, with: { path: data/orders.csv } }
  late: { uses: import/rows, with: { path: data/late.csv }, retry: { times: 3, wait: 60 } }
`,
    )
    const late = join(root, 'data', 'late.csv')
    const away = join(root, 'data', 'away.csv')
    copyFileSync(join(root, 'data', 'orders.csv'), late)
    // It is there while the flow is checked, away when the step begins, and comes back in the third minute.
    let waited = 0
    const record = await runFlow(root, {
      progress: { ...silent, stepEnded: ({ name }) => (name === 'orders' ? renameSync(late, away) : undefined) },
      delay: async (milliseconds) => {
        waited += milliseconds / 1000
        if (waited === 180) renameSync(away, late)
      },
    })
    expect(record.problem).toBeUndefined()
    expect(stepOf(record, 'late').attempts?.map(({ problem }) => problem.code)).toEqual([
      'FILE_NOT_FOUND',
      'FILE_NOT_FOUND',
    ])
  }))

describe("a node's own error", () => {
  const flow = `flow: campaign
steps:
  orders: { uses: import/rows, with: { path: data/orders.csv } }
  broken: { uses: enrich/trouble, from: orders, with: { how: declared }, retry: { times: 2, wait: 1 } }
`
  const attemptsWith = (transient: readonly string[] | undefined) =>
    withWorkspace(async (root) => {
      writeFlow(root, flow)
      const nodes = testNodes().map(
        (node): CatalogueNode => ({ ...node, definition: { ...node.definition, ...(transient ? { transient } : {}) } }),
      )
      const record = await runFlow(root, { nodes, delay: async () => {} })
      expect(record.problem?.code).toBe('enrich/trouble:broken')
      return stepOf(record, 'broken').attempts?.map(({ problem }) => problem.code)
    })

  test('is tried again where the node says that it may pass', async () =>
    expect(await attemptsWith(['broken'])).toEqual(['enrich/trouble:broken', 'enrich/trouble:broken']))
  test('fails at once where it does not', async () => expect(await attemptsWith(undefined)).toBeUndefined())
})

describe('while it waits', () => {
  const nodes = (failed: () => boolean) =>
    testNodes((moment) => {
      if (moment === 'moments:middle' && failed()) throw busy()
    })

  test('a run can be cancelled', () =>
    withWorkspace(async (root) => {
      writeFlow(root, withRetry('{ times: 3, wait: 600 }'))
      const cancel = new AbortController()
      const delay = (_: number, signal: AbortSignal) => {
        cancel.abort()
        return Promise.reject(signal.reason)
      }
      const record = await runFlow(root, { nodes: nodes(() => true), delay, signal: cancel.signal })
      expect(record.problem).toMatchObject({ code: 'RUN_CANCELLED', step: 'moments' })
      expect(stepOf(record, 'moments').attempts).toHaveLength(1)
      expect(staleTemporary(root)).toEqual([])
    }))

  test('a run can be handed over, and another process goes on with it', () =>
    withWorkspace(async (root) => {
      writeFlow(root, withRetry('{ times: 3, wait: 600 }'))
      let naps = 0
      const delay = async () => {
        naps += 1
      }
      const record = await runFlow(root, { nodes: nodes(() => true), delay, handOver: () => naps >= 3 })
      expect([record.status, naps]).toEqual(['running', 3])
      expect(record.steps.map(({ status }) => status)).toEqual(['done', 'done', 'waiting', 'waiting', 'waiting'])
      const rest = await runFlow(root, { nodes: nodes(() => false), delay, resume: record.run })
      expect([rest.status, cachedSteps(rest)]).toEqual(['done', ['orders', 'scaled']])
    }))
})
