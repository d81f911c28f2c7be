import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import { defineNode, type NodeDefinition, settings } from '../../../nodes/node.ts'
import type { CatalogueNode } from '../../../runtime/catalogue/catalogue.ts'
import { silent } from '../../../runtime/run/progress.ts'
import { withWorkspace } from '../../workspace.ts'
import {
  cachedSteps,
  campaignFlow,
  filesUnder,
  hashesOf,
  runFlow,
  staleTemporary,
  stepOf,
  writeFlow,
} from '../engine.ts'
import { testNodes } from '../nodes.ts'

const whys = (record: Awaited<ReturnType<typeof runFlow>>) => record.steps.map(({ why }) => why)

describe('a run from a chosen step', () => {
  test('does that step and what follows from it anew, and keeps the rest', () =>
    withWorkspace(async (root) => {
      const branch = '  aside: { uses: enrich/scale, from: orders, with: { factor: 5 } }\n'
      writeFlow(root, campaignFlow + branch)
      const first = await runFlow(root)
      const before = filesUnder(join(root, '.polku', 'datasets'))
      const again = await runFlow(root, { from: 'moments' })
      expect(again.status).toBe('done')
      expect(cachedSteps(again)).toEqual(['orders', 'scaled', 'aside'])
      const follows = 'done again: it follows moments, from which the run was to begin'
      expect(whys(again).slice(2, 5)).toEqual(['done again: the run was to begin from here', follows, follows])
      expect(hashesOf(again)).toEqual(hashesOf(first))
      // Appended once, however often it is done.
      expect(filesUnder(join(root, '.polku', 'datasets'))).toEqual(before)
      expect(cachedSteps(await runFlow(root))).toEqual(['orders', 'scaled', 'moments', 'totals', 'aside'])
      expect(staleTemporary(root)).toEqual([])
    }))

  test('of a name that no step has is refused before it begins', () =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow)
      await expect(runFlow(root, { from: 'moment' })).rejects.toMatchObject({
        code: 'STEP_UNKNOWN',
        values: { nearest: 'Did you mean moments?' },
      })
      expect(existsSync(join(root, '.polku', 'runs'))).toBe(false)
    }))

  test('that another process goes on with does not do a step a third time', () =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow)
      await runFlow(root)
      let ended = 0
      const progress = {
        ...silent,
        stepEnded: () => {
          ended += 1
        },
      }
      const left = await runFlow(root, { from: 'scaled', progress, handOver: () => ended === 3 })
      expect(left.status).toBe('running')
      expect(cachedSteps(left)).toEqual(['orders'])
      const rest = await runFlow(root, { resume: left.run })
      expect([rest.status, cachedSteps(rest)]).toEqual(['done', ['orders', 'scaled', 'moments']])
      expect(stepOf(rest, 'totals').why).toBe('done again: it follows scaled, from which the run was to begin')
    }))
})

test('what a step gives anew takes the place of what was stored, for later runs too', () =>
  withWorkspace(async (root) => {
    let outside = 1
    const counter = defineNode({
      title: 'Counter',
      summary: 'Gives what is outside.',
      inputs: {},
      params: settings({}),
      outputs: { rows: 'One row' },
      plan: () => sql`select 1::integer as n`,
      run: () => sql`select ${outside}::integer as n`,
    })
    const definition = counter as unknown as NodeDefinition // the narrower generic types of one node
    const node: CatalogueNode = { name: 'import/counter', file: '/test/counter.ts', code: 'counter', definition }
    const nodes = [...testNodes(), node]
    writeFlow(root, 'flow: count\nsteps: { one: { uses: import/counter } }\n', 'count')
    const run = async (from?: string) => {
      const record = await runFlow(root, { flow: 'count', nodes, from })
      const [output] = stepOf(record, 'one').outputs
      return { cached: stepOf(record, 'one').cached, hash: output?.hash, path: output?.path }
    }
    const first = await run()
    outside = 2
    expect(await run()).toEqual({ ...first, cached: true })
    const second = await run('one')
    expect(second.cached).toBe(false)
    expect(second.hash).not.toBe(first.hash)
    expect(await run()).toEqual({ ...second, cached: true })
    expect(filesUnder(root)[second.path ?? '']?.slice(0, 32)).toBe(second.hash)
    expect(readdirSync(join(root, '.polku', 'tmp'))).toEqual([])
  }))
