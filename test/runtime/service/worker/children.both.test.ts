// Slow: runs again on PostgreSQL.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NewRun, RunRow } from '../../../../runtime/service/queue/run.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { lightFlow } from '../../../fixtures/light-client.ts'
import { runRequest, type TestService, testService, whenRun } from '../../../fixtures/service.ts'

describe.each(databases)('on $name', ({ open }) => {
  let database: TestDatabase
  let at: TestService
  beforeAll(async () => {
    database = await open()
    at = await testService(['first', 'narrow'], await database.options())
    const write = (name: string, text: string, client = 'first') =>
      writeFileSync(join(at.folder, client, 'flows', `${name}.yaml`), text)
    appendFileSync(join(at.folder, 'narrow', 'client.yaml'), 'runs: { atOnce: 1 }\n')
    write('outer', each('outer', 'inner', '[1, 2, 3, 4]'), 'narrow')
    write('inner', `${each('inner', 'part', '[10, 20]')}runs: { atOnce: 2 }\n`, 'narrow')
    write('part', `${lightFlow('part', 1)}runs: { atOnce: 1 }\n`, 'narrow')
    write('many', each('many', 'part', '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]'))
    write('outer', each('outer', 'inner', '[1, 2, 3]'))
    write('inner', each('inner', 'part', '[10, 20]'))
    write('part', lightFlow('part', 1))
    write('waits', each('waits', 'endless', '[1, 2, 3]'))
    write('crashes', each('crashes', 'crash-once', '[1]'))
  })
  afterAll(async () => {
    await at.end()
    await database.end()
  })

  const each = (name: string, flow: string, items: string): string => `flow: ${name}
params:
  add: { type: number, default: 0 }
steps:
  each: { uses: flow/${flow}, for_each: ${items}, with: { add: "\${item}" } }
`

  const childrenOf = ({ client, id }: RunRow): Promise<RunRow[]> =>
    at.service.database.query('select * from polku.run where client = $1 and parent = $2 order by id', [client, id])

  const start = async (flow: string, more: Partial<NewRun> = {}): Promise<RunRow> =>
    (await at.service.queue.request(runRequest(flow, more))).run

  test('each item has a run of the queue, begun by its parent, and more of them than places end', async () => {
    const parent = await start('many')
    expect(await whenRun(at, parent)).toMatchObject({ state: 'done', attempts: 1 })
    const children = await childrenOf(parent)
    expect(children).toHaveLength(12)
    for (const child of children)
      expect(child).toMatchObject({ state: 'done', as_of: parent.as_of, trigger: { kind: 'for_each', by: parent.id } })
    expect(children.map(({ params }) => params.add)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
      '11',
      '12',
    ])
    const record = readFileSync(join(at.folder, 'first', '.polku', 'runs', parent.id, 'run.json'), 'utf8')
    expect(JSON.parse(record)).toMatchObject({ status: 'done', steps: [{ outputs: [{ name: 'runs', rows: 12 }] }] })
  })

  test('runs that wait hold no place: what they have begun may wait in turn', async () => {
    const parents = await Promise.all(['outer', 'outer', 'outer'].map((flow) => start(flow)))
    for (const parent of parents) expect(await whenRun(at, parent)).toMatchObject({ state: 'done', problem: null })
    const inner = (await Promise.all(parents.map(childrenOf))).flat()
    expect(inner).toHaveLength(9)
    const innermost = (await Promise.all(inner.map(childrenOf))).flat()
    expect(innermost.map(({ state }) => state)).toEqual(Array.from({ length: 18 }, () => 'done'))
  })

  test('a client with one place has its runs done one by one, also those that runs of runs have begun', async () => {
    const begun = { client: 'narrow', clientLimit: 1 }
    const parents = [await start('outer', begun), await start('outer', begun), await start('part', begun)]
    for (const parent of parents) expect(await whenRun(at, parent)).toMatchObject({ state: 'done', problem: null })
    const leaves = await at.service.database.query<RunRow>(
      `select * from polku.run where client = 'narrow' and flow = 'part' order by started_at`,
    )
    expect(leaves).toHaveLength(17)
    for (const [index, leaf] of leaves.slice(1).entries())
      expect(leaf.started_at?.getTime()).toBeGreaterThanOrEqual(leaves[index]?.finished_at?.getTime() ?? Number.NaN)
  })

  test('the end of a run that waits ends those it has begun', async () => {
    const parent = await start('waits')
    const isWaiting = async () => (await childrenOf(parent)).some(({ state }) => state === 'running')
    const begun = Promise.withResolvers<void>()
    const look = () => void isWaiting().then((is) => is && begun.resolve(), begun.reject)
    const end = await at.service.database.listen('polku_event', look)
    look()
    await begun.promise
    await end()
    await at.service.queue.cancel('first', parent.id)
    expect(await whenRun(at, parent)).toMatchObject({ state: 'cancelled', problem: null })
    for (const child of await childrenOf(parent)) expect((await whenRun(at, child)).state).toBe('cancelled')
  })

  test('a run whose process dies is done again, and its parent has the result', async () => {
    const parent = await start('crashes')
    expect(await whenRun(at, parent)).toMatchObject({ state: 'done', problem: null })
    expect(await childrenOf(parent)).toMatchObject([{ state: 'done', attempts: 2 }])
  })

  test('a run that is gone on with elsewhere finds what it has begun', async () => {
    const parent = await start('many')
    await whenRun(at, parent)
    const before = await childrenOf(parent)
    // As if process and job had been lost before it could be told that the run is done.
    await at.service.database.query(`update polku.run set state = 'queued', finished_at = null where id = $1`, [
      parent.id,
    ])
    await at.service.queue.queueMissed()
    expect(await whenRun(at, parent, ({ state, attempts }) => state === 'done' && attempts === 2)).toBeTruthy()
    expect((await childrenOf(parent)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  })
})
