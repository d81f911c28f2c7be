import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../runtime/engine/engine.ts'
import { requestOfRun } from '../../../runtime/engine/request.ts'
import { PolkuErrors } from '../../../runtime/errors/errors.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { silent } from '../../../runtime/run/progress.ts'
import type { RunRecord } from '../../../runtime/run/record.ts'
import { withWorkspace } from '../../workspace.ts'
import { stepOf } from '../engine.ts'

const child = `flow: part
params:
  n: { type: integer, default: 1, minimum: 0, maximum: 5 }
  name: { type: text, default: none }
steps:
  rows: { uses: import/csv, with: { path: data/n.csv } }
  kept: { uses: enrich/derive, from: rows, with: { where: "n >= \${params.n}" } }
`
const parent = (more: string, steps = ''): string => `flow: all
params:
  wanted: { type: list, default: [1, 2, 3] }
steps:
  regions: { uses: import/csv, with: { path: data/regions.csv } }
${steps}  each: { uses: flow/part, ${more} }
`

const files = {
  'data/n.csv': 'n\n1\n2\n3\n',
  'data/regions.csv': 'region,least\nnorth,1\nsouth,3\n',
  'flows/part.yaml': child,
}

/** Runs a flow in a workspace with these files, and lets `look` see what came of it. */
const ran = (text: string, look: (record: RunRecord, engine: Engine) => Promise<void>, more = {}): Promise<void> =>
  withWorkspace(async (root) => {
    for (const [file, content] of Object.entries({ ...files, 'flows/all.yaml': text, ...more })) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), content)
    }
    const engine = await openEngine(root)
    try {
      const request = { flow: join(root, 'flows', 'all.yaml'), params: {}, asOf: '2026-10-01' }
      const options = { progress: silent, signal: new AbortController().signal, now: Date.now }
      await look(await engine.run(request, options), engine)
    } finally {
      await engine.close()
    }
  })

async function tableOf(engine: Engine, record: RunRecord, step: string, output: string): Promise<string[]> {
  const table = stepOf(record, step).outputs.find(({ name }) => name === output)
  const text = await engine.tableCsv(join(engine.workspace.root, table?.path ?? ''))
  return text.trim().split('\n').slice(1)
}

const refused = async (text: string, more = {}): Promise<unknown[]> => {
  const error = await ran(text, async () => undefined, more).catch((thrown: unknown) => thrown)
  if (!(error instanceof PolkuErrors)) throw error
  return error.errors.map((each) => each.toProblem())
}

test('a list: one run each, one after the other, gathered in its order', () =>
  ran(parent('for_each: "${params.wanted}", with: { n: "${item}" }, gather: kept'), async (record, engine) => {
    expect(record.problem).toBeUndefined()
    expect(stepOf(record, 'each').findings).toMatchObject([
      { name: 'runs', value: 3 },
      { name: 'failed', value: 0 },
    ])
    expect(await tableOf(engine, record, 'each', 'gathered')).toEqual(['1', '2', '3', '2', '3', '3'])
    const runs = (await tableOf(engine, record, 'each', 'runs')).map((line) => line.split(','))
    expect(runs.map(([number, item, , status]) => [number, item, status])).toEqual([
      ['1', '1', 'done'],
      ['2', '2', 'done'],
      ['3', '3', 'done'],
    ])
    const ids = runs.map(([, , run = '']) => run)
    expect([...ids, record.run]).toEqual([...new Set([...ids, record.run])].sort())
  }))

test('the rows of a table: each column by its name', () =>
  ran(
    parent('for_each: regions, with: { n: "${item.least}", name: "from ${item.region}" }, gather: kept'),
    async (record, engine) => {
      expect(record.problem).toBeUndefined()
      expect(await tableOf(engine, record, 'each', 'gathered')).toEqual(['1', '2', '3', '3'])
    },
  ))

test('a new run has new runs, whatever an earlier one has stored', () =>
  ran(parent('for_each: [1], with: { n: "${item}" }, gather: kept'), async (record, engine) => {
    writeFileSync(join(engine.workspace.root, 'data/n.csv'), 'n\n7\n')
    const { flow, params, asOf } = requestOfRun(engine.workspace, record.run)
    const options = { progress: silent, signal: new AbortController().signal, now: Date.now }
    const again = await engine.run({ flow, params, asOf }, options)
    expect(await tableOf(engine, record, 'each', 'gathered')).toEqual(['1', '2', '3'])
    expect(await tableOf(engine, again, 'each', 'gathered')).toEqual(['7'])
  }))

test('a run that is gone on with has the runs that it began', () =>
  ran(parent('for_each: [1, 2], with: { n: "${item}" }, gather: kept'), async (record, engine) => {
    const options = { progress: silent, signal: new AbortController().signal, now: Date.now, resume: record.run }
    const again = await engine.run(requestOfRun(engine.workspace, record.run), options)
    expect(again.status).toBe('done')
    expect(await tableOf(engine, again, 'each', 'runs')).toEqual(await tableOf(engine, record, 'each', 'runs'))
  }))

test('a run that is cancelled begins no more', () =>
  ran(parent('for_each: [1]'), async (_, engine) => {
    const cancel = new AbortController()
    const stepProgress = () => cancel.abort()
    const request = { flow: join(engine.workspace.root, 'flows/all.yaml'), params: {}, asOf: '2026-10-01' }
    writeFileSync(request.flow, parent('for_each: [1, 2, 3], with: { n: "${item}" }'))
    const options = { progress: { ...silent, stepProgress }, signal: cancel.signal, now: Date.now }
    const record = await engine.run(request, options)
    expect(record.problem).toMatchObject({ code: 'RUN_CANCELLED', step: 'each' })
    const runs = readdirSync(join(engine.workspace.root, '.polku/runs')).filter((name) => name.includes('-part-'))
    // The one of the first run, and the one that was just done.
    expect(runs).toHaveLength(2)
  }))

describe('a run that fails', () => {
  const failing = { 'flows/part.yaml': child.replace('data/n.csv', '"data/${params.name}.csv"').replace('none', 'n') }
  const use = 'for_each: [n, missing, n], with: { name: "${item}" }, gather: kept'

  test('fails the step after the others have ended', () =>
    ran(
      parent(use),
      async (record) => {
        expect(record.problem).toMatchObject({ code: 'FOR_EACH_FAILED', step: 'each' })
        expect(record.problem?.message).toMatch(/^1 of 3 runs of part were not done/)
      },
      failing,
    ))

  test('is told and passed over where the flow says so', () =>
    ran(
      parent(`${use}, on_failure: continue, stop: failed > 1`),
      async (record, engine) => {
        expect(record.status).toBe('done')
        expect(await tableOf(engine, record, 'each', 'gathered')).toHaveLength(6)
        const [, second = ''] = await tableOf(engine, record, 'each', 'runs')
        expect(second).toMatch(/^2,missing,.*,failed,There is no file data\/missing\.csv/)
      },
      failing,
    ))
})

test('a run whose columns differ from what the flow promises is not gathered', () =>
  ran(
    parent('for_each: ["data/n.csv", "data/other.csv"], with: { path: "${item}" }, gather: rows'),
    async (record) => {
      expect(record.problem).toMatchObject({
        code: 'GATHER_COLUMNS',
        step: 'each',
        actual: 'other VARCHAR',
        expected: 'The columns that the other runs give: n BIGINT.',
      })
    },
    {
      'data/other.csv': 'other\nx\n',
      'flows/part.yaml':
        'flow: part\nparams:\n  path: { type: text, default: data/n.csv }\nsteps:\n  rows: { uses: import/csv, with: { path: "${params.path}" } }\n',
    },
  ))

test('no items: no runs, and tables without rows', () =>
  ran(parent('for_each: [], with: { n: "${item}" }, gather: kept'), async (record, engine) => {
    expect(record.status).toBe('done')
    expect(await tableOf(engine, record, 'each', 'runs')).toEqual([])
  }))

test('more than ten thousand rows are refused before any run', () =>
  ran(
    parent('for_each: regions, with: { name: "${item.region}" }'),
    async (record) => expect(record.problem).toMatchObject({ code: 'FOR_EACH_MANY', step: 'each' }),
    { 'data/regions.csv': `region\n${'north\n'.repeat(10_001)}` },
  ))

test('a value that the flow does not take is told before any run', () =>
  ran(parent('for_each: [1, 2, 9], with: { n: "${item}" }'), async (record, engine) => {
    expect(record.problem).toMatchObject({ code: 'PARAM_INVALID', step: 'each', actual: '9' })
    expect(() => requestOfRun(engine.workspace, '-part-')).toThrow('There is no run')
  }))

test.each([
  ['for_each: [1], with: { m: "${item}" }', 'PARAM_UNKNOWN'],
  ['for_each: regions, with: { name: "${item.regoin}" }', 'REFERENCE_UNKNOWN'],
  ['for_each: regions, with: { name: "${item}" }', 'REFERENCE_UNKNOWN'],
  ['for_each: regoins, with: { name: "${item.region}" }', 'STEP_UNKNOWN'],
  ['for_each: [1], gather: kpet', 'STEP_UNKNOWN'],
  ['for_each: [1], gather: kept.nothing', 'OUTPUT_UNKNOWN'],
  ['with: { n: 1 }', 'FOR_EACH_INVALID'],
  ['for_each: [1], from: regions', 'FOR_EACH_INVALID'],
  ['for_each: [1], with: { n: "${item.least}" }', 'REFERENCE_UNKNOWN'],
])('%s is refused with %s', async (more, code) => {
  expect(await refused(parent(more))).toMatchObject([{ code }])
})

test.each([
  ['a flow that is not there', parent('for_each: [1]').replace('flow/part', 'flow/prat'), {}, 'FLOW_NOT_FOUND'],
  ['a node', parent('for_each: [1]').replace('flow/part', 'enrich/derive'), {}, 'FOR_EACH_INVALID'],
  ['itself', parent('for_each: [1]').replace('flow/part', 'flow/all'), {}, 'FOR_EACH_CIRCLE'],
  [
    'one that runs it',
    parent('for_each: [1]'),
    { 'flows/part.yaml': 'flow: part\nsteps: { back: { uses: flow/all, for_each: [1] } }\n' },
    'FOR_EACH_CIRCLE',
  ],
  [
    'a broken one',
    parent('for_each: [1]'),
    { 'flows/part.yaml': child.replace('enrich/derive', 'enrich/deriv') },
    'NODE_UNKNOWN',
  ],
  [
    'one whose columns only an item tells',
    parent('for_each: regions, with: { name: "${item.region}" }, gather: kept'),
    { 'flows/part.yaml': child.replace(', default: none', '') },
    'GATHER_UNKNOWN',
  ],
])('%s is refused', async (_, text, more, code) => {
  expect(await refused(text, more)).toMatchObject([{ code }])
})
