// Slow: runs again on PostgreSQL.
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RunRow } from '../../../../runtime/service/queue/run.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { lightFlow } from '../../../fixtures/light-client.ts'
import { type Scheduling, scheduling } from '../schedules/scheduling.ts'

describe.each(databases)('on $name', ({ open }) => {
  let database: TestDatabase
  let at: Scheduling
  beforeAll(async () => {
    database = await open()
    at = await scheduling(['first'], await database.options())
  })
  beforeEach(() => at.clear())
  afterAll(async () => {
    await at.end()
    await database.end()
  })

  const started = async (flow: string): Promise<RunRow[]> => at.runs(flow)

  /** Looks now, and again after so many seconds, with another service beside. */
  async function later(...seconds: number[]): Promise<void> {
    const other = at.another()
    for (const passed of seconds) {
      at.clock.at += passed * 1000
      await Promise.all([at.tick(), other.tick()])
    }
  }

  describe('a new snapshot of a dataset', () => {
    const snapshot = (number: number, asOf = '2026-02-01') => {
      const file = join(at.folder, 'first/.polku/datasets/contacts', `${String(number).padStart(6, '0')}.json`)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(
        file,
        JSON.stringify({ snapshot: number, key: `k${number}`, asOf, rows: 1, columns: [], file: 'x.parquet' }),
      )
    }

    test('starts one run each, with its date; those that were there start none', async () => {
      snapshot(1)
      at.writeFlow('follows', 'triggers: [{ dataset: contacts }]\n')
      await later(0, 1)
      expect(await started('follows')).toEqual([])
      snapshot(2, '2026-02-02')
      snapshot(3, '2026-02-03')
      await later(1, 1)
      snapshot(4, '2026-02-04')
      await later(1, 1)
      expect((await started('follows')).map(({ as_of, trigger }) => [as_of, trigger])).toEqual([
        ['2026-02-02', { kind: 'dataset', by: 'contacts 2' }],
        ['2026-02-03', { kind: 'dataset', by: 'contacts 3' }],
        ['2026-02-04', { kind: 'dataset', by: 'contacts 4' }],
      ])
    })

    test('of a dataset that is only to come starts the first one too, and waits while the flow is paused', async () => {
      at.writeFlow('follows', 'triggers: [{ dataset: contacts }]\n')
      await later(0, 1)
      await at.schedules.pause('first', 'follows', 'Aino')
      snapshot(1)
      await later(1, 1)
      expect(await started('follows')).toEqual([])
      await at.schedules.resume('first', 'follows', 'Aino')
      await later(1, 1)
      expect(await started('follows')).toHaveLength(1)
    })
  })

  describe('a file that arrives', () => {
    const head = (quiet = '') => `triggers: [{ file: "inbox/*.csv", param: path${quiet} }]\n`
    const flow = (text = head()) =>
      `flow: takes\n${text}params:\n  path: { type: text }\nsteps:\n  s0: { uses: import/csv, with: { path: "\${params.path}" } }\n`
    const put = (name: string, text: string): string => {
      const file = join(at.folder, 'first', name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      return file
    }
    const paths = async () => (await started('takes')).map(({ params }) => params.path)

    test('starts a run once it has not changed for a while', async () => {
      at.writeText('takes', flow())
      const file = put('inbox/a.csv', 'n\n1\n')
      await later(0, 9)
      appendFileSync(file, '2\n')
      await later(5, 9)
      expect(await paths()).toEqual([])
      await later(1)
      expect(await paths()).toEqual(['inbox/a.csv'])
      expect((await started('takes'))[0]).toMatchObject({
        as_of: '2026-03-01',
        trigger: { kind: 'file', by: 'inbox/a.csv' },
      })
      expect(await at.schedules.list('first')).toMatchObject([{ broken: null }])
    })

    test('is taken with each content once, also after a restart', async () => {
      at.writeText('takes', flow(head(', quiet: 1')))
      const file = put('inbox/a.csv', 'n\n1\n')
      await later(0, 2, 2)
      utimesSync(file, 5, 5)
      await later(2, 2, 2)
      expect(await paths()).toEqual(['inbox/a.csv'])
      writeFileSync(file, 'n\n2\n')
      await later(2, 2, 2)
      // And what it held at first is not new either.
      writeFileSync(file, 'n\n1\n')
      await later(2, 2, 2)
      rmSync(file)
      await later(2)
      put('inbox/b.csv', 'n\n1\n')
      await later(2, 2)
      expect(await paths()).toEqual(['inbox/a.csv', 'inbox/a.csv', 'inbox/b.csv'])
    })

    test('is not taken under the name of one that is still written, as a folder, or through a link that leads out', async () => {
      at.writeText('takes', flow(head(', quiet: 1').replace('*.csv', '*')))
      for (const name of ['a.csv.part', 'b.tmp', '.c.csv', 'd.csv~', 'e.filepart', 'f.csv.crdownload'])
        put(`inbox/${name}`, 'x')
      mkdirSync(join(at.folder, 'first/inbox/folder.csv'))
      symlinkSync('/etc/hostname', join(at.folder, 'first/inbox/out.csv'))
      await later(0, 2, 2)
      expect(await paths()).toEqual([])
      renameSync(join(at.folder, 'first/inbox/a.csv.part'), join(at.folder, 'first/inbox/a.csv'))
      await later(2, 2)
      expect(await paths()).toEqual(['inbox/a.csv'])
      expect(at.warnings).toEqual([])
    })

    test('whose name the flow does not take is told once', async () => {
      const options = flow(head(', quiet: 1')).replace('type: text', 'type: text, options: [inbox/b.csv]')
      at.writeText('takes', options)
      put('inbox/a.csv', 'n\n1\n')
      await later(0, 2, 2, 2)
      expect(await paths()).toEqual([])
      expect((await at.events()).filter((event) => event === 'trigger failed').length).toBeGreaterThan(0)
    })
  })

  describe('the end of another flow', () => {
    const ends = async (flow: string, state: 'done' | 'failed' | 'stopped' | 'cancelled', asOf = '2026-01-05') => {
      const request = { client: 'first', id: `20260301-000000000-${flow}-${state}${asOf}`, flow, params: {}, asOf }
      const { run } = await at.queue.request({ ...request, trigger: { kind: 'request', by: 'Aino' } })
      await at.finish(run, state)
      return run
    }

    test('starts one run with its date, where it ended as it shall', async () => {
      at.writeFlow('good', 'triggers: [{ flow: two }]\n')
      at.writeFlow('bad', 'triggers: [{ flow: two, on: failed }]\n')
      at.writeFlow('any', 'triggers: [{ flow: two, on: ended }]\n')
      await ends('two', 'done', '2025-12-31')
      await later(0, 1)
      const done = await ends('two', 'done')
      await ends('two', 'failed', '2026-01-06')
      await ends('two', 'stopped', '2026-01-07')
      await ends('two', 'cancelled', '2026-01-08')
      await later(1, 1, 1)
      expect((await started('good')).map(({ as_of, trigger }) => [as_of, trigger])).toEqual([
        ['2026-01-05', { kind: 'flow', by: done.id }],
      ])
      expect((await started('bad')).map(({ as_of }) => as_of)).toEqual(['2026-01-06', '2026-01-07'])
      expect((await started('any')).map(({ as_of }) => as_of)).toEqual(['2026-01-05', '2026-01-06', '2026-01-07'])
    })

    test('starts others in a row, and never what led to it', async () => {
      at.writeFlow('b', 'triggers: [{ flow: two }]\n')
      at.writeFlow('c', 'triggers: [{ flow: b }]\n')
      await later(0, 1)
      await ends('two', 'done')
      await later(1)
      const [b] = await started('b')
      if (b) await at.finish(b)
      await later(1)
      const [c] = await started('c')
      // A circle that no check has seen: two flows whose good versions come from different days.
      await at.database.query(
        `update polku.flow set triggers = '[{"flow": "c"}]', cursors = '{"flow c done": "2000-01-01T00:00:00Z"}' where flow = 'b'`,
      )
      if (c) await at.finish(c)
      await later(1, 1)
      expect(await started('b')).toHaveLength(1)
      expect((await at.events()).filter((event) => event === 'trigger circle').length).toBeGreaterThan(0)
    })
  })

  describe('triggers that make no sense are refused by the check', () => {
    test.each([
      ['{ flow: two, dataset: contacts }', 'TRIGGER_INVALID'],
      ['{}', 'TRIGGER_INVALID'],
      ['{ dataset: contacts, on: done }', 'TRIGGER_INVALID'],
      ['{ file: "in*/a.csv" }', 'TRIGGER_INVALID'],
      ['{ file: "../inbox/*.csv" }', 'PATH_OUTSIDE'],
      ['{ file: ".polku/runs/*" }', 'PATH_OUTSIDE'],
      ['{ file: "inbox/*.csv", param: nothing }', 'PARAM_UNKNOWN'],
      ['{ file: "inbox/*.csv", param: add }', 'TRIGGER_INVALID'],
      ['{ flow: tow }', 'FLOW_NOT_FOUND'],
      ['{ flow: odd }', 'TRIGGER_CIRCLE'],
      ['{ dataset: Contacts }', 'FLOW_SHAPE'],
    ])('%s', async (trigger, code) => {
      at.writeFlow('odd', `triggers: [${trigger}]\n`)
      await later(0)
      expect(await at.schedules.list('first')).toMatchObject([{ flow: 'odd', version: null, broken: [{ code }] }])
    })

    test('flows that start each other: the one that closes the circle goes on as it was', async () => {
      at.writeFlow('two', 'triggers: [{ dataset: contacts }]\n')
      at.writeFlow('b', 'triggers: [{ flow: two }]\n')
      await later(0, 1)
      at.writeFlow('two', 'triggers: [{ dataset: contacts }, { flow: b }]\n')
      await later(1)
      expect(await at.schedules.list('first')).toMatchObject([
        { flow: 'b', broken: null },
        { flow: 'two', triggers: [{ dataset: 'contacts' }], broken: [{ code: 'TRIGGER_CIRCLE' }] },
      ])
    })

    test('a flow that a dataset starts to which it adds', async () => {
      const writes = 'uses: select/export, from: s0, with: { dataset: contacts, campaign: c, channel: email } '
      const text = lightFlow('loops', 1).replace('uses: enrich/light, from: s0, with: { add: "${params.add}" }', writes)
      at.writeText('loops', text.replace('params:', 'triggers: [{ dataset: contacts }]\nparams:'))
      await later(0)
      const [state] = await at.schedules.list('first')
      expect(state?.broken?.map(({ code }) => code)).toContain('TRIGGER_CIRCLE')
    })
  })
})
