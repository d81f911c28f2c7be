import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceHash } from '../../../../../runtime/model/approval.ts'
import type { RunRow } from '../../../../../runtime/service/queue/run.ts'
import { publisherOf } from '../../../../../runtime/service/queue/run.ts'
import { type TestApp, testApp } from '../../../../fixtures/app.ts'
import { whenRun } from '../../../../fixtures/service.ts'

/** Trains nothing, and publishes a model for each number. */
const trainer = `import { defineNode, input, Type } from 'polku/node'
import { sql } from 'polku/sql'
export default defineNode({
  title: 'Train',
  summary: 'Publishes a model.',
  inputs: { rows: input('Rows') },
  params: Type.Object({ number: Type.Number({ description: 'What tells it' }) }, { additionalProperties: false }),
  outputs: { rows: 'The same rows' },
  plan: ({ rows }) => sql\`select n from \${rows}\`,
  async run({ rows }, { number }, { models }) {
    const target = { column: 'n', positive: '1' }
    const content = { kind: 'logistic', target, preprocessing: {}, parameters: { number }, card: {} }
    await models.publish('churn', content)
    return sql\`select n from \${rows}\`
  },
})
`
const flow = `flow: train
params:
  number: { type: number }
steps:
  s0: { uses: import/csv, with: { path: data/n.csv } }
  s1: { uses: enrich/train, from: s0, with: { number: "\${params.number}" } }
`

let server: TestApp
let root: string
beforeAll(async () => {
  server = await testApp(['first'], { slots: 1 })
  root = join(server.folder, 'first')
  mkdirSync(join(root, 'nodes/enrich/train'), { recursive: true })
  writeFileSync(join(root, 'nodes/enrich/train/train.ts'), trainer)
  writeFileSync(join(root, 'flows/train.yaml'), flow)
})
afterAll(() => server.end())

async function train(number: number, token: string): Promise<string> {
  const body = { flow: 'train', params: { number } }
  const { body: run } = await server.ask('POST', '/api/clients/first/runs', { body, token })
  expect((await whenRun(server, { client: 'first', id: run.id })).problem).toBeNull()
  return `.polku/runs/${run.id}/report.html`
}

const approve = (version: number, report: string, token: string) =>
  server.ask('POST', `/api/clients/first/models/churn/versions/${version}/approve`, { body: { report }, token })

describe('approving a model', () => {
  test('needs a reviewer other than whoever published it, also where others did the same again', async () => {
    const chief = await server.person('administrator')
    const reviewer = await server.person('reviewer')
    const first = await train(1, chief.token)
    const published = JSON.parse(readFileSync(join(root, 'models/churn/1/published.json'), 'utf8'))
    expect(published).toMatchObject({ person: chief.id, run: first.split('/')[2] })
    const again = await train(1, server.token)
    for (const report of [first, again])
      expect(await approve(1, report, chief.token)).toMatchObject({ status: 403, body: { code: 'APPROVER_PUBLISHED' } })
    const analyst = await server.person('analyst')
    expect((await approve(1, first, analyst.token)).body.code).toBe('NOT_ALLOWED')
    const done = await approve(1, first, reviewer.token)
    expect(done).toMatchObject({ status: 200 })
    const [entry] = (await server.ask('GET', '/api/audit?action=approve%20model&limit=1')).body.items
    expect(entry).toMatchObject({ person: reviewer.id, client: 'first', target: { model: 'churn', version: 1 } })
  })

  test('rests on a report of the workspace that speaks of the model', async () => {
    const reviewer = await server.person('reviewer')
    const two = await train(2, server.token)
    expect((await approve(2, two.replace('report', '../../../client'), reviewer.token)).status).toBe(422)
    for (const report of ['../second/client.yaml', '/etc/passwd', '.polku/runs/nothing/report.html', 'data/n.csv\0'])
      expect((await approve(2, report, reviewer.token)).body.code, report).toMatch(/^(FILE_NOT_FOUND|REQUEST_INVALID)$/)
    const three = await train(3, server.token)
    expect((await approve(2, three, reviewer.token)).body.code).toBe('REPORT_UNRELATED')
    expect((await approve(2, two, reviewer.token)).status).toBe(200)
  })
})

describe('evidence that a client’s files name', () => {
  test('outside the workspace is gone for the service, wherever a name leads', async () => {
    const outside = join(server.folder, 'outside.csv')
    writeFileSync(outside, 'n\n1\n')
    symlinkSync(outside, join(root, 'link.csv'))
    symlinkSync('/dev/zero', join(root, 'endless.ipynb'))
    const folder = join(root, 'models/other')
    mkdirSync(join(folder, 'stages'), { recursive: true })
    mkdirSync(join(folder, '1'))
    writeFileSync(join(folder, '1/model.json'), JSON.stringify({ name: 'other', version: 1, hash: 'h' }))
    writeFileSync(join(root, 'report.html'), 'A report')
    const hash = evidenceHash(outside)
    const named = [outside, '../outside.csv', 'link.csv', 'endless.ipynb', '/dev/zero', 'data/\0']
    const evidence = [
      { kind: 'report', path: 'report.html', hash: evidenceHash(join(root, 'report.html')) },
      ...named.map((path) => ({ kind: 'data', path, hash })),
    ]
    const approval = {
      version: 1,
      stage: 'approved',
      by: 'Eero Malli',
      at: '2026-01-01T00:00:00Z',
      model: 'h',
      evidence,
    }
    writeFileSync(join(folder, 'stages/000001.json'), JSON.stringify(approval))
    const { status, body } = await server.ask('GET', '/api/clients/first/models/other/versions/1')
    expect(status).toBe(200)
    expect(body.approvals).toMatchObject([{ holds: false, lapsed: named.map((path) => `the data ${path} is gone`) }])
  })
})

describe('the publisher of a run’s models', () => {
  const rows = new Map<string, RunRow>()
  const row = (id: string, trigger: RunRow['trigger'], parent: string | null = null) => {
    const stored = { client: 'first', id, trigger, parent } as RunRow // no more of it is looked at
    rows.set(id, stored)
    return stored
  }
  const queue = { get: async (_: string, id: string) => rows.get(id) }

  test('is the person behind it, through whatever that person began', async () => {
    const requested = row('asked', { kind: 'request', by: 'Maija', person: 'm' })
    const child = row('child', { kind: 'for_each', by: 'asked' }, 'asked')
    const after = row('after', { kind: 'flow', by: 'child' })
    for (const run of [requested, child, after])
      expect(await publisherOf(queue, run)).toEqual({ name: 'Maija', person: 'm', run: run.id })
    const past = row('past', { kind: 'backfill', by: 'b', askedBy: 'Maija' })
    expect(await publisherOf(queue, past)).toEqual({ name: 'Maija', run: 'past' })
    const nightly = row('nightly', { kind: 'schedule', by: '0 3 * * * UTC' })
    expect(await publisherOf(queue, nightly)).toEqual({ name: 'schedule 0 3 * * * UTC', run: 'nightly' })
  })
})
