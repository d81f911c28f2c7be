import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ArtifactStore } from '../../../runtime/data/artifacts.ts'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { Workspace } from '../../../runtime/data/workspace.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { cleanWorkspace } from '../../../runtime/retention/clean.ts'
import type { RetentionLimits } from '../../../runtime/retention/holdings.ts'
import { takeInventory } from '../../../runtime/retention/inventory.ts'
import { neededOf } from '../../../runtime/retention/needed.ts'
import { planCleaning } from '../../../runtime/retention/plan.ts'
import { remove } from '../../../runtime/retention/remove.ts'
import { runWorkspace, type TestWorkspace } from '../../fixtures/run-workspace.ts'

const day = 86_400_000
const nobody = { open: new Set<string>(), parents: new Map<string, string>() }

let tried: TestWorkspace
beforeAll(() => {
  tried = runWorkspace()
})
afterAll(() => tried.end())
let ids: string[]
beforeEach(async () => {
  tried.reset()
  // Three runs of a flow with another result each; the first step is the same in all.
  ids = [await tried.run(1, 300), await tried.run(2, 200), await tried.run(3, 100)]
})

const clean = (limits: RetentionLimits, more: Partial<Parameters<typeof cleanWorkspace>[1]> = {}) =>
  cleanWorkspace(Workspace.open(tried.root), { limits, runIndex: nobody, now: Date.now(), ...more })
const runs = () => readdirSync(join(tried.root, '.polku', 'runs'))
const artifacts = () =>
  readdirSync(join(tried.root, '.polku', 'artifacts'), { recursive: true }).filter((name) =>
    /result\.json$/.test(String(name)),
  ).length

describe('cleaning', () => {
  test('removes runs and results that are older than the days, and what they take', async () => {
    expect(artifacts()).toBe(4)
    const planned = await clean({ days: 150 }, { dryRun: true })
    expect(runs()).toHaveLength(3)
    const removed = await clean({ days: 150 })
    expect(removed).toEqual(planned)
    expect(removed).toMatchObject({ runs: ids.slice(0, 2), artifacts: 2 })
    expect(runs()).toEqual(ids.slice(2))
    expect(artifacts()).toBe(2)
    expect(await clean({ days: 150 })).toEqual({ runs: [], artifacts: 0, notebooks: 0, bytes: 0 })
    expect(readdirSync(join(tried.root, '.polku', 'tmp'))).toEqual([])
  })

  test('keeps the newest run that was done, however old, and its results', async () => {
    await clean({ days: 1, gigabytes: 0.000001 })
    expect(runs()).toEqual(ids.slice(2))
    expect(artifacts()).toBe(2)
    const again = await tried.run(3, 0)
    expect(tried.record(again).steps.every(({ cached }) => cached)).toBe(true)
  })

  test('keeps runs that go on, and those that the service says shall go on', async () => {
    const record = tried.record(ids[1] ?? '')
    writeFileSync(
      join(tried.root, '.polku', 'runs', ids[1] ?? '', 'run.json'),
      JSON.stringify({ ...record, status: 'running' }),
    )
    await clean({ days: 150 }, { runIndex: { ...nobody, open: new Set([ids[0] ?? '']) } })
    expect(runs()).toEqual(ids)
    expect(artifacts()).toBe(4)
  })

  test('keeps the runs on whose reports approvals rest', async () => {
    const folder = join(tried.root, 'models', 'churn')
    mkdirSync(join(folder, '1'), { recursive: true })
    mkdirSync(join(folder, 'stages'))
    writeFileSync(join(folder, '1', 'model.json'), JSON.stringify({ name: 'churn', version: 1, hash: 'x', card: {} }))
    const evidence = [{ kind: 'report', path: join('.polku', 'runs', ids[0] ?? '', 'report.html'), hash: 'x' }]
    writeFileSync(
      join(folder, 'stages', '000001.json'),
      JSON.stringify({ version: 1, stage: 'approved', by: 'Testaaja', evidence }),
    )
    await clean({ days: 1 })
    expect(runs()).toEqual([ids[0], ids[2]])
    expect(tried.record(ids[0] ?? '').status).toBe('done')
  })

  test('leaves a result that a run finds between the look and the removal', async () => {
    const workspace = Workspace.open(tried.root)
    const holdings = await takeInventory(workspace)
    const cleaning = planCleaning(
      holdings,
      neededOf(workspace, holdings, nobody, Date.now()),
      { days: 150 },
      Date.now(),
    )
    const [used, lost] = cleaning.artifacts
    const store = new ArtifactStore(workspace.internal('artifacts'), workspace.internal('tmp'))
    expect(store.find(used?.key ?? '')).toBeDefined()
    const removed = await remove(workspace, cleaning)
    expect(removed.artifacts).toBe(1)
    expect(store.find(used?.key ?? '')).toBeDefined()
    expect(store.find(lost?.key ?? '')).toBeUndefined()
  })

  test('leaves a run that somebody goes on with meanwhile', async () => {
    const workspace = Workspace.open(tried.root)
    const holdings = await takeInventory(workspace)
    const cleaning = planCleaning(
      holdings,
      neededOf(workspace, holdings, nobody, Date.now()),
      { days: 150 },
      Date.now(),
    )
    const file = join(tried.root, '.polku', 'runs', ids[0] ?? '', 'events.jsonl')
    utimesSync(file, new Date(), new Date())
    expect((await remove(workspace, cleaning)).runs).toEqual(ids.slice(1, 2))
  })

  test('and running at once lose no result that a run has', async () => {
    const client = await openEngine(tried.root)
    try {
      for (let add = 1; add <= 3; add += 1) {
        tried.age(400 * day)
        const [id] = await Promise.all([tried.runWith(client, add), clean({ days: 30, gigabytes: 0.000001 })])
        const { status, steps } = tried.record(id)
        expect(status).toBe('done')
        for (const { outputs } of steps)
          for (const { path } of outputs) expect(existsSync(join(tried.root, path))).toBe(true)
      }
    } finally {
      await client.close()
    }
  })

  test('by the command says what it frees, and what is missing where nothing says what may go', () => {
    const polku = (...words: string[]) =>
      execFileSync(
        process.execPath,
        [join(projectRoot, 'runtime', 'cli.ts'), 'clean', '--workspace', tried.root, ...words],
        { encoding: 'utf8' },
      )
    expect(() => polku()).toThrow(/RETENTION_MISSING/)
    const planned = polku('--days', '150', '--dry-run')
    expect(planned).toContain(`  ${ids[0]}\n  ${ids[1]}\n2 runs, 2 results, 0 notebooks: `)
    expect(planned).toContain('would be freed')
    expect(runs()).toHaveLength(3)
    expect(polku('--days', '150')).toMatch(/MB freed\.\n$/)
    expect(runs()).toHaveLength(1)
    expect(readFileSync(join(tried.root, 'client.yaml'), 'utf8')).toContain('client: tried')
  })
})
