import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { dateAt } from '../../../runtime/data/zone.ts'
import { problemSchema } from '../../../runtime/errors/problem.ts'
import { runSchema } from '../../../runtime/run/record.ts'
import { withWorkspace } from '../../workspace.ts'
import { writeFlow } from '../engine.ts'
import { type Answer, polku } from './polku.ts'
import { polkuHere } from './polku-here.ts'

const ajv = new Ajv({ allErrors: true, strict: false })
const isRun = ajv.compile(runSchema)
const isProblem = ajv.compile(problemSchema)

const flow = `flow: shop
title: The shop
params: { classes: { type: integer, default: 3, minimum: 2 } }
steps:
  orders: { uses: import/csv, with: { path: data/orders.csv } }
  classes: { uses: segment/rfm, from: orders, with: { classes: "\${params.classes}" }, stop: "customers > 100" }
`
const onDay = ['--as-of', '2026-10-01']

test('a run is as of today where the client is, whatever day it is elsewhere', async () => {
  const dates: string[] = []
  // So far apart that it is never the same day in both.
  for (const timezone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago'])
    await withWorkspace(async (root) => {
      writeFileSync(join(root, 'client.yaml'), `client: shop\ntitle: Shop\ntimezone: ${timezone}\n`)
      writeFlow(root, flow, 'shop')
      const before = dateAt(timezone, Date.now())
      const { asOf } = JSON.parse((await polkuHere(root, 'run', 'shop', '--json')).out)
      expect([before, dateAt(timezone, Date.now())]).toContain(asOf)
      dates.push(asOf)
    })
  expect(dates[0]).not.toBe(dates[1])
})

describe('run --json', () => {
  const outcome = (text: string, ...more: string[]) =>
    withWorkspace(async (root) => {
      writeFlow(root, text, 'shop')
      const answer = await polkuHere(root, 'run', 'shop', ...onDay, '--json', ...more)
      expect(answer.error).toBe('')
      return { code: answer.code, json: JSON.parse(answer.out) }
    })

  test('gives one object of the run’s schema', async () => {
    const { code, json } = await outcome(flow)
    expect(isRun(json), JSON.stringify(isRun.errors)).toBe(true)
    expect(code).toBe(0)
    expect(json).toMatchObject({ status: 'done', flow: 'shop', asOf: '2026-10-01', params: { classes: 3 } })
    expect(json.steps[1].outputs[0]).toMatchObject({ name: 'customers', rows: 6 })
  })

  test('of a run that failed', async () => {
    const { code, json } = await outcome(flow, '--param', 'classes=9')
    expect(isRun(json), JSON.stringify(isRun.errors)).toBe(true)
    expect({ code, status: json.status, problem: json.problem.code }).toEqual({
      code: 1,
      status: 'failed',
      problem: 'segment/rfm:tooFew',
    })
  })

  test('of a run that was stopped', async () => {
    const { code, json } = await outcome(flow.replace('> 100', '< 100'))
    expect(isRun(json), JSON.stringify(isRun.errors)).toBe(true)
    expect({ code, status: json.status, problem: json.problem.code }).toEqual({
      code: 1,
      status: 'stopped',
      problem: 'STEP_STOPPED',
    })
  })

  test.each([
    [
      'with faults',
      flow.replace('segment/rfm', 'segment/rmf').replace('data/orders', 'data/order'),
      [],
      'NODE_UNKNOWN',
    ],
    ['that is not YAML', 'flow: [', [], 'FLOW_NOT_YAML'],
    ['with a wrong parameter', flow, ['--param', 'classes=1'], 'PARAM_INVALID'],
    ['with an unknown parameter', flow, ['--param', 'clases=3'], 'PARAM_UNKNOWN'],
  ])('of a flow %s lists its problems', async (_, text, more, code) => {
    const answer = await outcome(text, ...more)
    expect(answer.code).toBe(1)
    expect(Object.keys(answer.json)).toEqual(['status', 'problems'])
    expect(answer.json.status).toBe('invalid')
    for (const problem of answer.json.problems) expect(isProblem(problem), JSON.stringify(problem)).toBe(true)
    expect(answer.json.problems.map((problem: { code: string }) => problem.code)).toContain(code)
  })

  test('where there is no workspace', () =>
    withWorkspace(async (root) => {
      const { code, out } = await polkuHere(join(root, 'data'), 'run', 'shop', '--json')
      expect(code).toBe(1)
      expect(JSON.parse(out)).toMatchObject({ status: 'invalid', problems: [{ code: 'WORKSPACE_NOT_FOUND' }] })
    }))

  test('of a check', () =>
    withWorkspace(async (root) => {
      writeFlow(root, flow, 'shop')
      const { code, out } = await polkuHere(root, 'check', 'shop', '--json')
      expect(code).toBe(0)
      const answer = JSON.parse(out)
      expect(answer).toMatchObject({ status: 'valid', flow: 'shop', steps: [{ name: 'orders' }, { name: 'classes' }] })
      expect(answer.steps[1].outputs.customers.slice(0, 2)).toEqual([
        { name: 'customer_id', type: 'BIGINT' },
        { name: 'recency', type: 'INTEGER' },
      ])
      expect(readdirSync(join(root, '.polku'))).toEqual(['tmp'])
    }))
})

describe('run and explain', () => {
  test('tell what was done in plain lines, and why', () =>
    withWorkspace(async (root) => {
      writeFlow(root, flow, 'shop')
      const first = await polku(root, 'run', 'shop', ...onDay)
      expect(first).toMatchObject({ code: 0, error: '' })
      expect(first.out).toMatch(
        /^The shop {2}2 steps {2}\(run \d{8}-\d{9}-shop-[0-9a-f]{4}\)\n {2}orders +9 rows, \d.*\n {2}classes +6 rows, \d.*\nDone in .*: 2 of 2 steps, 0 cached\.\n(.*\n)*Report: (.*report\.html)\n$/,
      )
      const report = /Report: (.*)\n/.exec(first.out)?.[1] ?? ''
      expect(readFileSync(join(root, report), 'utf8')).toContain('The shop')
      const second = await polkuHere(root, 'run', 'shop', ...onDay, '--param', 'classes=2')
      expect(second.out).toMatch(/orders +9 rows, cached\n {2}classes +6 rows, \d+/)
      const explained = await polkuHere(root, 'explain', 'latest')
      expect(explained.out).toMatch(/orders +cached: nothing it depends on has changed/)
      expect(explained.out).toMatch(/classes +done: setting classes changed from 3 to 2/)
      const json = JSON.parse((await polkuHere(root, 'explain', 'latest', '--json')).out)
      expect(json).toMatchObject({
        flow: 'shop',
        status: 'done',
        steps: [
          { name: 'orders', cached: true },
          { name: 'classes', cached: false, why: 'done: setting classes changed from 3 to 2' },
        ],
      })
      // A part of the id that several runs share names none of them.
      const ambiguous = await polkuHere(root, 'explain', 'shop')
      expect(ambiguous).toMatchObject({ code: 1, out: '' })
      expect(ambiguous.error).toMatch(/RUN_UNKNOWN\n.*\n {2}It could be .*shop.*, .*shop/)
      // A workspace named from elsewhere, and a flow by its file.
      const elsewhere = await polkuHere('/', 'run', join(root, 'flows', 'shop.yaml'), '--workspace', root, ...onDay)
      expect(elsewhere.code).toBe(0)
      expect(readFileSync(join('/', /Report: (.*)\n/.exec(elsewhere.out)?.[1] ?? ''), 'utf8')).toContain('The shop')
    }))

  test('say which step failed, with what was found and what would be right', () =>
    withWorkspace(async (root) => {
      writeFlow(root, flow, 'shop')
      const { code, out, error } = await polku(root, 'run', 'shop', ...onDay, '--param', 'classes=8')
      expect(code).toBe(1)
      expect(out).toMatch(/classes +failed\nFailed in .*: 1 of 2 steps/)
      expect(error).toMatch(
        /^segment\/rfm:tooFew {2}flows\/shop\.yaml:6:3, step classes\n {2}Needs at least 8 customers.*got 6\./,
      )
    }))

  test('resume a run with its parameters and date', () =>
    withWorkspace(async (root) => {
      writeFlow(root, flow, 'shop')
      await polkuHere(root, 'run', 'shop', '--as-of', '2026-09-15', '--param', 'classes=2')
      const { code, out } = await polkuHere(root, 'run', '--resume', 'latest', '--json')
      const [id] = readdirSync(join(root, '.polku', 'runs'))
      expect(code).toBe(0)
      expect(JSON.parse(out)).toMatchObject({
        run: id,
        asOf: '2026-09-15',
        params: { classes: 2 },
        steps: [{ cached: true }, { cached: true }],
      })
      expect(readdirSync(join(root, '.polku', 'runs'))).toHaveLength(1)
    }))

  test('begin from a chosen step', () =>
    withWorkspace(async (root) => {
      writeFlow(root, flow, 'shop')
      await polkuHere(root, 'run', 'shop', ...onDay)
      const again = await polkuHere(root, 'run', 'shop', ...onDay, '--from-step', 'classes', '--json')
      expect(JSON.parse(again.out).steps).toMatchObject([
        { name: 'orders', cached: true },
        { name: 'classes', cached: false, why: 'done again: the run was to begin from here' },
      ])
      const unknown = await polkuHere(root, 'run', 'shop', '--from-step', 'clases')
      expect(unknown.code).toBe(1)
      expect(unknown.error).toMatch(/STEP_UNKNOWN .*\n {2}There is no step clases\.\n.*Did you mean classes\?/)
      const both = await polkuHere(root, 'run', '--resume', 'latest', '--from-step', 'classes')
      expect([both.code, both.error]).toEqual([2, expect.stringContaining('--from-step begins a new run')])
    }))

  test('tell every fault of a flow at once, by place', () =>
    withWorkspace(async (root) => {
      writeFlow(
        root,
        flow
          .replace('import/csv', 'import/cvs')
          .replace('"customers > 100"', 'custmers > 1')
          .replace('from: orders', 'from: order'),
        'shop',
      )
      const { code, out, error } = await polkuHere(root, 'run', 'shop')
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect([...error.matchAll(/^([A-Z_]+) {2}(\S+), step (\w+)$/gm)].map(([, ...fields]) => fields)).toEqual([
        ['NODE_UNKNOWN', 'flows/shop.yaml:5:19', 'orders'],
        ['STEP_UNKNOWN', 'flows/shop.yaml:6:39', 'classes'],
        ['COLUMN_UNKNOWN', expect.stringMatching(/^flows\/shop\.yaml:6:/), 'classes'],
      ])
      expect(error).toContain('3 faults.\n')
      expect(readdirSync(join(root, '.polku'))).toEqual(['tmp'])
    }))
})

describe('what is printed', () => {
  // What a terminal would obey: escape sequences, C1 controls, carriage returns, turned directions.
  const hostile = '\u001b[31mred\u001b]0;title\u0007 \u009b2J \rback\u0008 \u202eright'
  const obeyed = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u

  test('obeys no text of a client’s files', () =>
    withWorkspace(async (root) => {
      const quoted = JSON.stringify(hostile)
      writeFlow(
        root,
        flow
          .replace('title: The shop', `title: ${quoted}`)
          .replace('from: orders,', `from: orders, title: ${quoted}, note: ${quoted},`),
        'shop',
      )
      writeFileSync(join(root, 'client.yaml'), `client: x\ntitle: ${quoted}\n`)
      writeFlow(root, flow.replace('with: { classes', `with: { amount: ${quoted}, classes`), 'wrong')
      writeFlow(root, `flow: ${quoted}\n`, 'shape')
      writeFileSync(
        join(root, 'data', 'hostile.csv'),
        `customer_id,"${hostile}",ordered_at,amount\n1,x,2026-01-01,5\n1,x,broken,5\n`,
      )
      writeFlow(root, flow.replace('data/orders', 'data/hostile').replace('classes=3', ''), 'columns')
      const answers: Answer[] = []
      for (const words of [
        ['run', 'shop', ...onDay],
        ['run', 'shop', ...onDay, '--json'],
        ['check', 'shop'],
        ['run', 'wrong'],
        ['run', 'wrong', '--json'],
        ['check', 'shape'],
        ['run', 'columns', '--param', 'classes=2'],
        ['check', 'columns', '--json'],
        ['run', hostile],
        ['explain', hostile],
        ['nodes', hostile],
        ['run', 'shop', '--param', `${hostile}=1`],
        ['explain', 'latest'],
      ])
        answers.push(await polkuHere(root, ...words))
      for (const { out, error } of answers) {
        expect(out).not.toMatch(obeyed)
        expect(error).not.toMatch(obeyed)
      }
      expect(answers[0]?.out).toContain('red')
      expect(JSON.parse(answers[1]?.out ?? '')).toMatchObject({ title: hostile })
    }))

  test('is complete however large, and no error where the reader goes away', () =>
    withWorkspace(async (root) => {
      const { code, out } = await polku(root, 'nodes', '--json')
      expect(code).toBe(0)
      expect(JSON.parse(out).length).toBeGreaterThan(10)
      const cli = [process.execPath, join(projectRoot, 'runtime', 'cli.ts')]
      const closed = spawnSync('sh', ['-c', '("$0" "$1" nodes --json; echo "code $?" >&2) | head -c 1', ...cli], {
        cwd: root,
        encoding: 'utf8',
      })
      expect(closed.stderr).toBe('code 0\n')
    }))
})
