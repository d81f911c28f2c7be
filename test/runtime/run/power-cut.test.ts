import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { withWorkspace } from '../../workspace.ts'
import { filesUnder, hashesOf, runFlow, writeFlow } from '../engine.ts'

// The disk as a killed process leaves it between any two of its changes: after the first n changes every
// further one fails. Whatever n is, the next run must find its way.

const flow = `flow: campaign
steps:
  orders: { uses: import/rows, with: { path: data/totals.csv } }
  contacts: { uses: select/contacts, from: orders, with: { path: exports/contacts.csv, dataset: contacts } }
`

const changing = ['writeFileSync', 'appendFileSync', 'renameSync', 'linkSync', 'mkdirSync', 'rmSync'] as const
const real = Object.fromEntries(changing.map((name) => [name, fs[name]]))

/** Lets `allowed` changes of the disk through, then none; gives how many were asked for. */
function cutAfter(allowed: number): () => number {
  let calls = 0
  for (const name of changing) {
    const work = real[name] as (...values: unknown[]) => unknown // one of the functions listed above
    Object.assign(fs, {
      [name]: (...values: unknown[]) => {
        calls += 1
        if (calls > allowed) throw new Error('The power is cut.')
        return work(...values)
      },
    })
  }
  syncBuiltinESMExports()
  return () => calls
}

function restore(): void {
  Object.assign(fs, real)
  syncBuiltinESMExports()
}
afterEach(restore)

// Unfinished files are hidden; that they are swept when their process is dead is tested where it is killed.
const left = (root: string) => ({
  datasets: filesUnder(join(root, '.polku', 'datasets')),
  exports: Object.fromEntries(
    Object.entries(filesUnder(join(root, 'exports'))).filter(([name]) => !name.startsWith('.')),
  ),
  artifacts: Object.keys(filesUnder(join(root, '.polku', 'artifacts'))),
})

const prepare = (root: string): void => {
  writeFlow(root, flow)
  fs.writeFileSync(join(root, 'data', 'totals.csv'), 'customer_id,total\n1,10.5\n2,20\n')
}

test('a run finds its way after the disk was cut off at any change', async () => {
  const undisturbed = await withWorkspace(async (root) => {
    prepare(root)
    const changes = cutAfter(Number.POSITIVE_INFINITY)
    const record = await runFlow(root)
    restore()
    return { hashes: hashesOf(record), left: left(root), changes: changes() }
  })
  expect(undisturbed.changes).toBeGreaterThan(40)
  for (let allowed = 0; allowed < undisturbed.changes; allowed += 1)
    await withWorkspace(async (root) => {
      prepare(root)
      cutAfter(allowed)
      const cut = await runFlow(root).catch((error: unknown) => String(error))
      restore()
      // Either it came to an end before the cut, or the cut is what it tells.
      if (typeof cut === 'string') expect(cut).toContain('The power is cut.')
      expect(undisturbed.left, `after ${allowed} changes`).toMatchObject({
        ...left(root),
        artifacts: expect.anything(),
      })
      const record = await runFlow(root)
      expect(record.problem, `after ${allowed} changes`).toBeUndefined()
      expect(hashesOf(record)).toEqual(undisturbed.hashes)
      expect(left(root), `after ${allowed} changes`).toEqual(undisturbed.left)
    })
})
