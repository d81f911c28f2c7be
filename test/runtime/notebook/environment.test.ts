import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hashFile } from '../../../runtime/data/hash.ts'
import { runNotebook } from '../../../runtime/notebook/execute/execute.ts'
import { withWorkspace } from '../../workspace.ts'
import { notebookJson } from './running.ts'

// What is tried is what a run notes, not the types of its cells.
process.env.POLKU_KERNEL_CHECK = 'off'

const context = () => ({
  signal: new AbortController().signal,
  now: Date.now,
  progress: { note: () => {}, cellStart: () => {}, cellEnd: () => {} },
})

test('the executed notebook tells which files it read, also where it goes on after a failure', () =>
  withWorkspace(async (root) => {
    mkdirSync(join(root, 'notebooks'))
    const file = join(root, 'notebooks', 'read.ipynb')
    const out = join(root, 'read.run.ipynb')
    const cells = [
      "import { open } from 'polku'\nconst workspace = await open()",
      { source: "await workspace.import.csv({}, { path: 'data/orders.csv' })", tags: ['pure'] },
    ]
    const orders = {
      name: 'data/orders.csv',
      path: 'data/orders.csv',
      hash: await hashFile(join(root, 'data', 'orders.csv')),
    }
    writeFileSync(file, notebookJson('polku', [...cells, 'throw new Error("later")']))
    await expect(runNotebook({ file, out, params: {} }, context())).rejects.toMatchObject({
      code: 'NOTEBOOK_CELL_FAILED',
    })
    writeFileSync(file, notebookJson('polku', [...cells, 'workspace.folder']))
    const { metadata } = await runNotebook({ file, out, params: {}, resume: true }, context())
    expect(metadata.polku).toMatchObject({
      tables: [orders],
      models: [],
      notebook: { path: 'notebooks/read.ipynb', hash: await hashFile(file) },
      versions: { node: process.versions.node },
    })
  }))
