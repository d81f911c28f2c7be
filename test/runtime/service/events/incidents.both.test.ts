// Slow: runs again on PostgreSQL.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { alertContent } from '../../../../runtime/service/alerts/text.ts'
import { type Incident, listIncidents } from '../../../../runtime/service/events/events.ts'
import type { RunState } from '../../../../runtime/service/queue/run.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { type Scheduling, scheduling } from '../schedules/scheduling.ts'

describe.each(databases)('incidents of flows that do not start, on $name', ({ open }) => {
  let database: TestDatabase
  let at: Scheduling
  beforeAll(async () => {
    database = await open()
    at = await scheduling(['first'], await database.options())
  })
  beforeEach(async () => {
    await at.clear()
    await at.database.query('delete from polku.incident')
  })
  afterAll(async () => {
    await at.end()
    await database.end()
  })

  const incidents = (): Promise<Incident[]> =>
    listIncidents(at.database, { clients: undefined, open: false, before: undefined, limit: 9 })
  const kinds = async () =>
    (await incidents()).map(({ kind, subject, recovered_at: over }) => [kind, subject, over ? 'over' : 'open'])
  const titles = async () =>
    (await incidents()).flatMap((incident) => [
      alertContent(incident, 'begun', undefined).title,
      alertContent(incident, 'over', undefined).title,
    ])

  const seconds = async (...passed: number[]) => {
    for (const each of passed) {
      at.clock.at += each * 1000
      await at.tick()
    }
  }

  const request = async (flow: string, state: RunState = 'done') => {
    const request = { client: 'first', id: `${flow}-${state}-${at.clock.at}`, flow, params: {}, asOf: '2026-01-05' }
    const { run } = await at.queue.request({ ...request, trigger: { kind: 'request', by: 'Aino' } })
    await at.finish(run, state)
    return run
  }

  describe('a file that a flow does not take', () => {
    const arrives = async (name: string, flow = 'takes') => {
      const head = `flow: ${flow}\ntriggers: [{ file: "inbox/*.csv", param: path, quiet: 1 }]\n`
      const params = 'params:\n  path: { type: text, options: [inbox/b.csv] }\n'
      at.writeText(flow, `${head}${params}steps:\n  s0: { uses: import/csv, with: { path: "\${params.path}" } }\n`)
      mkdirSync(join(at.folder, 'first/inbox'), { recursive: true })
      writeFileSync(join(at.folder, 'first/inbox', name), 'n\n1\n')
      await seconds(0, 2, 2)
    }

    test('is an incident until one that it takes is done, not by a run that a person asks for', async () => {
      await arrives('Meikalainen.csv')
      expect(await kinds()).toEqual([['trigger failed', 'takes', 'open']])
      expect(await titles()).toEqual(['first: a trigger of takes failed', 'first: the triggers of takes work again'])
      const [incident] = await incidents()
      const alert = incident && alertContent(incident, 'begun', 'https://polku.test')
      expect(alert).toMatchObject({ code: 'PARAM_INVALID', run: null, link: 'https://polku.test/clients/first' })
      expect(alert?.expected).toBe('The events of the client say what it met.')
      expect(alert?.text).not.toContain('Meikalainen')
      await request('takes')
      expect(await kinds()).toEqual([['trigger failed', 'takes', 'open']])
      await arrives('b.csv')
      const started = (await at.runs('takes')).find(({ state }) => state === 'queued')
      if (started) await at.finish(started)
      expect(await kinds()).toEqual([['trigger failed', 'takes', 'over']])
    })

    test('is an incident until the flow changes or is gone', async () => {
      await arrives('a.csv')
      await arrives('a.csv', 'other')
      at.writeFlow('takes', 'triggers: [{ dataset: contacts }]\n')
      rmSync(join(at.folder, 'first/flows/other.yaml'))
      await seconds(2)
      expect((await kinds()).sort()).toEqual([
        ['trigger failed', 'other', 'over'],
        ['trigger failed', 'takes', 'over'],
      ])
    })
  })

  test('a circle is reported with the flow that was not started, whatever began the run that ended', async () => {
    at.writeFlow('follows', 'triggers: [{ flow: two, on: ended }]\n')
    await at.tick()
    await at.database.query(
      `insert into polku.run (client, id, flow, state, trigger, params, as_of)
      values ('first', 'led', 'follows', 'done', '{"kind": "request", "by": "Aino"}', '{}', '2026-01-01')`,
    )
    await at.database.query(
      `insert into polku.run (client, id, flow, state, trigger, params, as_of, finished_at, parent, problem)
      values ('first', 'ended', 'two', 'failed', '{"kind": "for_each", "by": "led"}', '{}', '2026-01-01',
        clock_timestamp(), 'led', '{"code": "DISK_FULL", "message": "x"}')`,
    )
    await at.tick()
    expect(await kinds()).toEqual([['trigger circle', 'follows', 'open']])
    const [incident] = await incidents()
    expect(incident).toMatchObject({ run: 'ended', detail: { after: 'two' } })
    expect(incident?.detail.problem).toBeUndefined()
    await request('two')
    await at.tick()
    const [started] = (await at.runs('follows')).filter(({ state }) => state === 'queued')
    if (started) await at.finish(started)
    expect(await kinds()).toEqual([['trigger circle', 'follows', 'over']])
  })

  describe('a backfill', () => {
    const ask = (flow = 'two') =>
      at.backfills.request({
        ...{ client: 'first', flow, from: '2026-02-01', to: '2026-02-03', atOnce: 1 },
        ...{ keepGoing: false, by: 'Aino' },
      })

    test('whose flow can be started no more is reported, until one is asked for or a later run is done', async () => {
      at.writeFlow('other', '')
      for (const flow of ['two', 'other']) await ask(flow)
      const early = { client: 'first', id: 'early', flow: 'two', params: {}, asOf: '2026-01-05' }
      const { run } = await at.queue.request({ ...early, trigger: { kind: 'request', by: 'Aino' } })
      for (const flow of ['two', 'other']) rmSync(join(at.folder, `first/flows/${flow}.yaml`))
      await at.tick()
      await at.finish(run)
      expect((await kinds()).sort()).toEqual([
        ['backfill failed', 'other', 'open'],
        ['backfill failed', 'two', 'open'],
      ])
      expect((await incidents()).map(({ detail }) => detail.problem?.code)).toEqual([
        'FLOW_NOT_FOUND',
        'FLOW_NOT_FOUND',
      ])
      for (const flow of ['two', 'other']) at.writeFlow(flow, '')
      await ask('other')
      await request('two')
      expect((await kinds()).map(([, , state]) => state)).toEqual(['over', 'over'])
    })

    test('that ends since a run failed is reported by that run', async () => {
      await ask()
      await at.tick()
      for (const run of await at.runs()) await at.finish(run, 'failed')
      await at.tick()
      expect(await at.events()).toContain('backfill failed')
      expect(await kinds()).toEqual([['run failed', 'two', 'open']])
    })
  })
})
