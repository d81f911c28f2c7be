import { watch } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silent } from '../../../runtime/run/progress.ts'
import { withWorkspace } from '../../workspace.ts'
import { cachedSteps, campaignFlow, runFlow, staleTemporary, writeFlow } from '../engine.ts'
import { testNodes } from '../nodes.ts'

const endless = `flow: endless
steps:
  orders: { uses: import/rows, with: { path: data/orders.csv } }
  forever: { uses: enrich/trouble, from: orders, with: { how: cancel } }
  scaled: { uses: enrich/scale, from: orders }
`

const cancelled = { code: 'RUN_CANCELLED', message: 'The run was cancelled.' }

test('a run cancelled between two steps goes no further, and can go on later', () =>
  withWorkspace(async (root) => {
    writeFlow(root, campaignFlow)
    const cancel = new AbortController()
    const progress = {
      ...silent,
      stepEnded: ({ name }: { name: string }) => (name === 'scaled' ? cancel.abort() : undefined),
    }
    const record = await runFlow(root, { signal: cancel.signal, progress })
    expect(record.status).toBe('failed')
    expect(record.steps.map((step) => step.status)).toEqual(['done', 'done', 'failed', 'skipped', 'skipped'])
    expect(record.problem).toMatchObject({ ...cancelled, step: 'moments' })
    expect(staleTemporary(root)).toEqual([])
    const resumed = await runFlow(root, { resume: record.run })
    expect(resumed.status).toBe('done')
    expect(cachedSteps(resumed)).toEqual(['orders', 'scaled'])
  }))

test.each(['before a statement', 'within a statement'])('a run cancelled %s that would never end, ends', (when) =>
  withWorkspace(async (root) => {
    writeFlow(root, endless, 'endless')
    const cancel = new AbortController()
    const started = () => {
      if (when === 'before a statement') return cancel.abort()
      // DuckDB makes the file when the statement has begun.
      const watcher = watch(join(root, '.polku', 'tmp'), { recursive: true }, (_, name) => {
        if (!name?.endsWith('rows.parquet')) return
        watcher.close()
        cancel.abort()
      })
    }
    const nodes = testNodes((moment) => (moment === 'trouble:run' ? started() : undefined))
    const record = await runFlow(root, { flow: 'endless', signal: cancel.signal, nodes })
    expect(record.steps.map((step) => step.status)).toEqual(['done', 'failed', 'skipped'])
    expect(record.problem).toMatchObject({ ...cancelled, step: 'forever' })
    expect(staleTemporary(root)).toEqual([])
  }),
)
