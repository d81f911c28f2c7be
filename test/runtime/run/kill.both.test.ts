// Slow: kills at every moment, not at a few.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { withWorkspace } from '../../workspace.ts'
import { cachedSteps, campaignFlow, filesUnder, hashesOf, runFlow, staleTemporary, writeFlow } from '../engine.ts'
import { ended, startRun } from './children.ts'

// The process is killed (SIGKILL: nothing of it runs any more) at every step's start and end and inside the
// steps; then the run is gone on with, or begun anew. Nothing may be lost or doubled.

const steps = ['orders', 'scaled', 'moments', 'totals', 'contacts']
const inside = [
  'rows:middle',
  'scale:report',
  'moments:middle',
  'totals:report',
  'contacts:before',
  'contacts:middle',
  'contacts:after',
]
const finishedAt: Record<string, number> = {
  ...Object.fromEntries(steps.map((step, index) => [`start ${step}`, index])),
  ...Object.fromEntries(steps.map((step, index) => [`end ${step}`, index + 1])),
  'rows:middle': 0,
  'scale:report': 1,
  'moments:middle': 2,
  'totals:report': 3,
  'contacts:before': 4,
  'contacts:middle': 4,
  'contacts:after': 4,
}

/** What must be the same however often the process died: tables, datasets and exports. */
const leftBy = (root: string) => ({
  datasets: filesUnder(join(root, '.polku', 'datasets')),
  exports: filesUnder(join(root, 'exports')),
  artifacts: Object.keys(filesUnder(join(root, '.polku', 'artifacts'))),
})

let undisturbed: { hashes: Record<string, string>; left: ReturnType<typeof leftBy> }

beforeAll(() =>
  withWorkspace(async (root) => {
    writeFlow(root, campaignFlow)
    undisturbed = { hashes: hashesOf(await runFlow(root)), left: leftBy(root) }
    expect(Object.keys(undisturbed.left.exports)).toEqual(['contacts.csv'])
    expect(Object.keys(undisturbed.left.datasets).filter((name) => name.endsWith('.json'))).toEqual([
      'contacts/000001.json',
    ])
  }),
)

const killed = async (root: string, dieAt: string, flow?: string) => {
  const { signal, said } = await ended(startRun({ root, dieAt, flow }))
  expect(signal, said).toBe('SIGKILL')
}

async function expectWhole(root: string, finished: number, options: { resume?: string } = {}) {
  const record = await runFlow(root, options)
  expect(record.problem).toBeUndefined()
  expect(record.status).toBe('done')
  expect(cachedSteps(record)).toEqual(steps.slice(0, Math.min(finished, 4)))
  expect(hashesOf(record)).toEqual(undisturbed.hashes)
  expect(leftBy(root)).toEqual(undisturbed.left)
  expect(staleTemporary(root)).toEqual([])
  expect(existsSync(join(root, record.report ?? '')), record.report).toBe(true)
}

describe('killed at', () => {
  const moments = [...inside, ...steps.flatMap((step) => [`start ${step}`, `end ${step}`])]
  const count = Number(process.env.POLKU_KILLS ?? moments.length)
  // So many of them, evenly.
  const tried = moments.filter((_, index) => (index * count) % moments.length < count)
  test.each(tried)('%s', (moment) =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow)
      await killed(root, moment)
      // What is already at its place is whole.
      const { exports, artifacts, datasets } = leftBy(root)
      expect(undisturbed.left.exports).toMatchObject(exports)
      expect(undisturbed.left.datasets).toMatchObject(datasets)
      expect(undisturbed.left.artifacts).toEqual(expect.arrayContaining(artifacts))
      const copy = `${root}-copy`
      try {
        cpSync(root, copy, { recursive: true })
        await expectWhole(copy, finishedAt[moment] ?? 0)
        await expectWhole(root, finishedAt[moment] ?? 0, { resume: 'latest' })
      } finally {
        rmSync(copy, { recursive: true, force: true })
      }
    }),
  )

  test('each moment in turn, one process after another', () =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow)
      for (const moment of [
        'rows:middle',
        'end orders',
        'moments:middle',
        'contacts:middle',
        'contacts:middle',
        'contacts:after',
      ])
        await killed(root, moment)
      await expectWhole(root, 4)
    }))

  test('the writing of a large table', () =>
    withWorkspace(async (root) => {
      mkdirSync(join(root, '.polku'))
      writeFileSync(join(root, 'data', 'many.csv'), `customer_id,amount\n${'1,2.5\n'.repeat(400_000)}`)
      writeFlow(root, 'flow: many\nsteps: { orders: { uses: import/rows, with: { path: data/many.csv } } }\n', 'many')
      await killed(root, 'writing', 'many')
      expect(leftBy(root).artifacts).toEqual([])
      const record = await runFlow(root, { flow: 'many' })
      expect(record.steps[0]).toMatchObject({ status: 'done', cached: false, outputs: [{ rows: 400_000 }] })
      expect(staleTemporary(root)).toEqual([])
    }))
})
