import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withWorkspace } from '../../workspace.ts'
import { campaignFlow, hashesOf, keptSteps, runFlow, writeFlow } from '../engine.ts'

const fixture = join(import.meta.dirname, '..', '..', 'fixtures', 'workspace')

function workspaceIn(parent: string, name: string): string {
  const root = join(parent, name)
  mkdirSync(root)
  cpSync(fixture, root, { recursive: true })
  writeFlow(root, campaignFlow)
  return root
}

test.each(['[x] client', `client's "own" [1]`, 'työ (x) #1'])('a workspace in a folder named %s', (name) =>
  withWorkspace(async (parent) => {
    const [plain, odd] = [workspaceIn(parent, 'client'), workspaceIn(parent, name)]
    const first = await runFlow(odd)
    expect(first.problem).toBeUndefined()
    expect(hashesOf(first)).toEqual(hashesOf(await runFlow(plain)))
    expect(keptSteps(await runFlow(odd))).toEqual(keptSteps(await runFlow(plain)))
  }),
)

// DuckDB would read `client` too where it is asked for `c*`.
test.each(['c*', 'clien?'])('a workspace in a folder named %s is refused', (name) =>
  withWorkspace(async (parent) => {
    workspaceIn(parent, 'client')
    await expect(runFlow(workspaceIn(parent, name))).rejects.toMatchObject({ code: 'WORKSPACE_FOLDER' })
  }),
)

test('a file named as a pattern is that file alone', () =>
  withWorkspace(async (parent) => {
    const root = workspaceIn(parent, 'client')
    cpSync(join(root, 'data', 'orders.csv'), join(root, 'data', 'o?*.csv'))
    writeFlow(root, "flow: odd\nsteps: { orders: { uses: import/csv, with: { path: 'data/o?*.csv' } } }\n", 'odd')
    writeFlow(root, 'flow: plain\nsteps: { orders: { uses: import/csv, with: { path: data/orders.csv } } }\n', 'plain')
    const hashes = async (flow: string) => hashesOf(await runFlow(root, { flow }))
    expect(await hashes('odd')).toEqual(await hashes('plain'))
  }))
