import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { withWorkspace } from '../../workspace.ts'
import { cachedSteps, campaignFlow, runFlow, staleTemporary, stepOf, writeFlow } from '../engine.ts'

const troubled = (how: string) => `flow: troubled
steps:
  orders: { uses: import/rows, with: { path: data/orders.csv } }
  scaled: { uses: enrich/scale, from: orders }
  broken: { uses: enrich/trouble, from: scaled, with: { how: ${how} } }
  moments: { uses: enrich/moments, from: scaled }
`

/** Runs a flow whose third of four steps fails, and gives its record and problem. */
const failing = (how: string) =>
  withWorkspace(async (root) => {
    writeFlow(root, troubled(how), 'troubled')
    const record = await runFlow(root, { flow: 'troubled' })
    expect(record.status).toBe('failed')
    expect(record.steps.map((step) => step.status)).toEqual(['done', 'done', 'failed', 'skipped'])
    expect(record.problem).toEqual(stepOf(record, 'broken').problem)
    expect(record.problem).toMatchObject({ step: 'broken', line: 5, column: 3 })
    expect(record.problem?.file).toContain('troubled.yaml')
    // What was finished is kept and can be looked at, the report is there, and nothing half-made.
    expect(stepOf(record, 'broken').outputs).toEqual([])
    for (const output of stepOf(record, 'scaled').outputs) expect(existsSync(join(root, output.path))).toBe(true)
    expect(readFileSync(join(root, record.report ?? ''), 'utf8')).toContain(record.problem?.code)
    expect(JSON.parse(readFileSync(join(root, '.polku', 'runs', record.run, 'run.json'), 'utf8'))).toEqual(record)
    expect(staleTemporary(root)).toEqual([])
    const again = await runFlow(root, { flow: 'troubled' })
    expect(cachedSteps(again)).toEqual(['orders', 'scaled'])
    expect(again.problem).toEqual(record.problem)
    const events = readFileSync(join(root, '.polku', 'runs', record.run, 'events.jsonl'), 'utf8')
    return { problem: record.problem, events }
  })

describe('a step that fails', () => {
  test.each(['declared', 'report'])('with an error that its node declares (%s)', async (how) => {
    const { problem } = await failing(how)
    const where = how === 'report' ? 'the report' : 'the run'
    expect(problem).toMatchObject({
      code: 'enrich/trouble:broken',
      message: `It is ${how}, at ${where}.`,
      actual: where,
    })
  })

  test('in TypeScript, with the stack in the events', async () => {
    const { problem, events } = await failing('throws')
    expect(problem).toMatchObject({ code: 'STEP_FAILED', message: 'The step failed: something unforeseen' })
    expect(events).toMatch(/TypeError: something unforeseen\\n +at .*nodes\.ts/)
  })

  test('with an error that its node does not declare', async () => {
    const { problem } = await failing('undeclared')
    expect(problem).toMatchObject({
      code: 'NODE_INVALID',
      message: 'The node enrich/trouble cannot be used: it fails with unheard, which it does not declare.',
    })
  })

  test('in SQL, on a value', async () => {
    const { problem } = await failing('sql')
    expect(problem?.code).toBe('STEP_FAILED')
    expect(problem?.message).toMatch(/Could not convert string '(home|garden|toys)' to INT32/)
  })

  test('because its node does not give what it promised', async () => {
    expect((await failing('lies')).problem).toMatchObject({
      code: 'OUTPUT_MISMATCH',
      message: 'The node enrich/trouble promised one INTEGER for its output rows and gave one VARCHAR.',
    })
    expect((await failing('less')).problem).toMatchObject({
      code: 'NODE_INVALID',
      message: 'The node enrich/trouble cannot be used: it gives no more.',
    })
  })

  test('because its file has gone since the flow was checked', () =>
    withWorkspace(async (root) => {
      writeFlow(
        root,
        campaignFlow.replace(/ {2}orders.*\n/, '  orders: { uses: import/rows, with: { path: data/gone.csv } }\n'),
      )
      await expect(runFlow(root)).rejects.toMatchObject({ errors: [{ code: 'FILE_NOT_FOUND' }] })
    }))
})

describe('stop', () => {
  const stopping = (condition: string) =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow.replace('from: moments }', `from: moments, stop: "${condition}" }`))
      return { first: await runFlow(root), second: await runFlow(root) }
    })

  test('halts the run where it holds, from the store too', async () => {
    const { first, second } = await stopping('customers < 100 and largest > 0')
    for (const record of [first, second]) {
      expect(record.status).toBe('stopped')
      expect(record.steps.map((step) => step.status)).toEqual(['done', 'done', 'done', 'stopped', 'skipped'])
      expect(record.problem).toMatchObject({ code: 'STEP_STOPPED', step: 'totals', line: 6 })
      // Customer 3 bought for 240, 33.20 and 58 euros: each doubled and squared.
      expect(record.problem?.message).toBe(
        `The run was stopped, because customers < 100 and largest > 0 holds (customers = 6, largest = 248264.96).`,
      )
      expect(stepOf(record, 'totals').outputs[0]?.rows).toBe(6)
    }
    expect(cachedSteps(second)).toContain('totals')
  })

  test('lets the run go on where it does not hold, or where a metric has no value', async () => {
    expect((await stopping('customers < 3')).second.status).toBe('done')
    expect((await stopping('largest / 0 = null')).second.status).toBe('done')
  })
})
