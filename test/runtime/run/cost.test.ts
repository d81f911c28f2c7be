import { DuckDBConnection } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import { defineNode, input, type NodeDefinition, settings, Type } from '../../../nodes/node.ts'
import type { CatalogueNode } from '../../../runtime/catalogue/catalogue.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { RunFolder } from '../../../runtime/run/folder.ts'
import { silent } from '../../../runtime/run/progress.ts'
import { withWorkspace } from '../../workspace.ts'
import { writeFlow } from '../engine.ts'
import { testNodes } from '../nodes.ts'

// What a run costs, in what it asks of the database and of the disk: unlike seconds, that is the same on any machine.

const steps = 12
const chain = `flow: chain
params: { factor: { type: number, default: 1.5 } }
steps:
  s0: { uses: import/rows, with: { path: data/orders.csv } }
${Array.from(
  { length: steps },
  (_, index) => `  s${index + 1}: { uses: enrich/light, from: s${index}, with: { factor: "\${params.factor}" } }`,
).join('\n')}
`

const light = defineNode({
  title: 'Light',
  summary: 'Scales amounts.',
  inputs: { rows: input('Rows with customer_id and amount') },
  params: settings({ factor: Type.Number() }),
  outputs: { rows: 'The rows' },
  run: ({ rows }, { factor }) =>
    sql`select customer_id, amount * ${factor}::double as amount from ${rows} order by all`,
})

const node: CatalogueNode = {
  name: 'enrich/light',
  file: '/test/light.ts',
  code: 'light',
  definition: light as unknown as NodeDefinition, // the narrower generic types of one node
}

// Nothing is written because time passes, so that what is counted is the same however slow the machine is.
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('a step of a flow that was run before asks the database for its table and for nothing else', () =>
  withWorkspace(async (root) => {
    writeFlow(root, chain, 'chain')
    const client = await openEngine(root, { nodes: [...testNodes(), node] })
    const writes = vi.spyOn(RunFolder.prototype, 'write')
    const run = (factor: number) =>
      client.run(
        { flow: 'chain', params: { factor }, asOf: '2026-10-01' },
        // A file's hash is remembered only when the file is some seconds old.
        { progress: silent, signal: new AbortController().signal, now: () => Date.now() + 60_000, report: 'later' },
      )
    try {
      expect((await run(1.25)).status).toBe('done')
      const queries = [
        vi.spyOn(DuckDBConnection.prototype, 'run'),
        vi.spyOn(DuckDBConnection.prototype, 'prepare'),
        vi.spyOn(DuckDBConnection.prototype, 'runAndReadAll'),
      ]
      writes.mockClear()
      const record = await run(2.25)
      expect(record.steps.map(({ cached }) => cached)).toEqual([true, ...Array.from({ length: steps }, () => false)])
      const statements = queries.flatMap((one) => one.mock.calls.map(([text]) => String(text).split(' ')[0]))
      expect(statements.filter((word) => word === 'copy')).toHaveLength(steps)
      expect(statements.filter((word) => word === 'create')).toHaveLength(steps)
      expect(statements).toHaveLength(2 * steps)
      // At its end: what takes longer than a moment is written meanwhile too.
      expect(writes).toHaveBeenCalledTimes(1)
    } finally {
      await client.close()
    }
  }))
