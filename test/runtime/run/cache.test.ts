import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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

const all = ['orders', 'scaled', 'moments', 'totals']
const whyOf = (record: Awaited<ReturnType<typeof runFlow>>) =>
  Object.fromEntries(record.steps.map((step) => [step.name, step.why]))

/** A workspace whose flow has run once, then changed by `change`, and run again. */
const rerun = (change: (root: string) => void, nodes = testNodes()) =>
  withWorkspace(async (root) => {
    writeFlow(root, campaignFlow)
    const before = await runFlow(root)
    expect(before.status).toBe('done')
    change(root)
    const after = await runFlow(root, { nodes })
    return { before, after, why: whyOf(after), cached: cachedSteps(after) }
  })

const replaceInFlow = (root: string, from: string, to: string) => {
  expect(campaignFlow).toContain(from)
  writeFlow(root, campaignFlow.replace(from, to))
}

describe('a second run', () => {
  test('keeps every step but the one with an effect, and gives the same tables', async () => {
    const { before, after, cached, why } = await rerun(() => {})
    expect(whyOf(before).orders).toBe('done: it was never done before')
    expect(cached).toEqual(all)
    expect(why).toEqual({
      ...Object.fromEntries(all.map((step) => [step, 'cached: nothing it depends on has changed'])),
      contacts: 'done again: it writes outside the run, and repeating it is safe',
    })
    expect(hashesOf(after)).toEqual(hashesOf(before))
    expect(after.steps.map((step) => step.findings)).toEqual(before.steps.map((step) => step.findings))
  })

  test('redoes a step whose setting changed and what follows, and says so', async () => {
    const change = (root: string) => {
      replaceInFlow(root, 'from: scaled }', 'from: scaled, with: { add: 0.5 } }')
      rmSync(join(root, '.polku', 'datasets'), { recursive: true })
    }
    const { cached, why, before, after } = await rerun(change)
    expect(cached).toEqual(['orders', 'scaled'])
    expect(why.moments).toBe('done: setting add changed from 0 to 0.5')
    expect(why.totals).toBe('done: input rows changed')
    expect(hashesOf(after)['totals.customers']).not.toBe(hashesOf(before)['totals.customers'])
  })

  test('keeps what follows a step whose code changed but whose content did not', async () => {
    const { cached, why, before, after } = await rerun(() => {}, testNodes(undefined, { 'enrich/scale': 'changed' }))
    expect(cached).toEqual(['orders', 'moments', 'totals'])
    expect(why.scaled).toBe('done: the code of enrich/scale changed')
    expect(hashesOf(after)).toEqual(hashesOf(before))
  })

  test('redoes a step whose file changed, though it kept its size and its date', async () => {
    const change = (root: string) => {
      const file = join(root, 'data', 'orders.csv')
      writeFileSync(file, readFileSync(file, 'utf8').replace('120.50', '120.60'))
      utimesSync(file, 1_700_000_000, 1_700_000_000)
      rmSync(join(root, '.polku', 'datasets'), { recursive: true })
    }
    const { cached, why } = await rerun(change)
    expect(cached).toEqual([])
    expect(why.orders).toBe('done: file data/orders.csv changed')
  })

  test('keeps a step whose file was only touched', async () => {
    const { cached } = await rerun((root) => utimesSync(join(root, 'data', 'orders.csv'), 1_700_000_000, 1_700_000_000))
    expect(cached).toEqual(all)
  })

  test('redoes everything for another seed', async () => {
    const { cached, why } = await rerun((root) => replaceInFlow(root, 'steps:', 'seed: 7\nsteps:'))
    expect(cached).toEqual([])
    expect(why.orders).toBe('done: the seed changed from 20261001 to 7')
  })

  test('redoes a step whose stored table is gone or cut short, and keeps what follows', async () => {
    const damage = (root: string, work: (file: string) => void) => {
      const [path] = readdirSync(join(root, '.polku', 'artifacts'), { recursive: true, encoding: 'utf8' }).filter(
        (file) => file.endsWith('total.parquet'), // an output of moments
      )
      work(join(root, '.polku', 'artifacts', path ?? ''))
    }
    for (const work of [(file: string) => rmSync(file), (file: string) => truncateSync(file, 10)]) {
      const { cached, why, before, after } = await rerun((root) => damage(root, work))
      expect(cached).toEqual(['orders', 'scaled', 'totals'])
      expect(why.moments).toBe('done: its stored result is gone')
      expect(hashesOf(after)).toEqual(hashesOf(before))
    }
  })

  test('serves a setting that was tried before from the store, and says since when it differs', () =>
    withWorkspace(async (root) => {
      const flow = (factor: number) =>
        campaignFlow
          .replace('from: orders }', `from: orders, with: { factor: ${factor} } }`)
          .replace(/ {2}contacts.*\n/, '')
      writeFlow(root, flow(2))
      await runFlow(root)
      writeFlow(root, flow(3))
      const tried = await runFlow(root)
      expect(cachedSteps(tried)).toEqual(['orders'])
      writeFlow(root, flow(2))
      const back = await runFlow(root)
      expect(cachedSteps(back)).toEqual(all)
      expect(stepOf(back, 'scaled').why).toBe(
        `cached: the same work was done before (since run ${tried.run}: setting factor changed from 3 to 2)`,
      )
    }))

  test('does nothing anew for another day where nothing depends on the day', () =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow)
      await runFlow(root)
      expect(cachedSteps(await runFlow(root, { asOf: '2027-01-31' }))).toEqual(all)
    }))

  test('redoes the reader of a dataset that has grown', () =>
    withWorkspace(async (root) => {
      writeFlow(root, campaignFlow)
      writeFlow(root, 'flow: look\nsteps: { past: { uses: import/history, with: { dataset: contacts } } }\n', 'look')
      await runFlow(root)
      const first = await runFlow(root, { flow: 'look' })
      expect(cachedSteps(await runFlow(root, { flow: 'look' }))).toEqual(['past'])
      writeFlow(root, campaignFlow.replace('dataset: contacts', 'dataset: contacts, key: second'))
      await runFlow(root)
      const second = await runFlow(root, { flow: 'look' })
      expect(stepOf(second, 'past').why).toBe('done: dataset contacts changed')
      expect(stepOf(second, 'past').outputs[0]?.rows).toBe(2 * (stepOf(first, 'past').outputs[0]?.rows ?? 0))
    }))
})

const amount = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const order = fc.record({ customer: fc.integer({ min: 1, max: 5 }), amount })
const settings = fc.record({ factor: amount, round: fc.boolean(), add: amount, minimum: amount, seed: fc.nat() })

test('a flow in which nothing changed is checked without looking into its files; one in which a file did, with', () =>
  withWorkspace(async (root) => {
    let looks = 0
    const nodes = testNodes().map((node) => ({
      ...node,
      definition: {
        ...node.definition,
        plan:
          node.definition.plan &&
          ((...values: Parameters<typeof node.definition.plan>) => {
            if (node.name === 'import/rows') looks += 1
            return node.definition.plan?.(...values) ?? {}
          }),
      },
    }))
    writeFlow(root, campaignFlow.replace(/ {2}contacts.*\n/, ''))
    // A file's hash is remembered only when the file is some seconds old.
    const run = () => runFlow(root, { nodes, now: () => Date.now() + 60_000 })
    const first = await run()
    expect([first.status, looks]).toEqual(['done', 1])
    expect([hashesOf(await run()), looks]).toEqual([hashesOf(first), 1])
    const file = join(root, 'data', 'orders.csv')
    const [head, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\n')
    writeFileSync(file, [`${head},channel`, ...rows.map((row) => `${row},web`)].join('\n'))
    const changed = await run()
    expect([changed.status, looks]).toEqual(['done', 2])
    expect(stepOf(changed, 'orders').outputs[0]?.columns.at(-1)).toEqual({ name: 'channel', type: 'VARCHAR' })
  }))

test('a cached result equals a fresh one, for any settings and rows', () =>
  fc.assert(
    fc.asyncProperty(fc.array(order, { minLength: 1, maxLength: 40 }), settings, (orders, setting) =>
      withWorkspace(async (root) => {
        const lines = orders.map((row) => `${row.customer},${row.amount.toFixed(2)}\n`)
        writeFileSync(join(root, 'data', 'orders.csv'), `customer_id,amount\n${lines.join('')}`)
        const text = campaignFlow
          .replace('steps:', `seed: ${setting.seed}\nsteps:`)
          .replace('from: orders }', `from: orders, with: { factor: ${setting.factor}, round: ${setting.round} } }`)
          .replace('from: scaled }', `from: scaled, with: { add: ${setting.add} } }`)
          .replace('from: moments }', `from: moments, with: { minimum: ${setting.minimum} } }`)
        writeFlow(root, text)
        const first = await runFlow(root)
        const second = await runFlow(root)
        const done = first.steps.filter((step) => step.status === 'done' && step.name !== 'contacts')
        expect(cachedSteps(second)).toEqual(done.map((step) => step.name))
        const exported = filesUnder(join(root, 'exports'))
        rmSync(join(root, '.polku'), { recursive: true })
        const fresh = await runFlow(root)
        for (const other of [second, fresh]) {
          expect(other.status).toBe(first.status)
          expect(hashesOf(other)).toEqual(hashesOf(first))
          expect(other.problem).toEqual(first.problem)
          expect(other.steps.map((step) => step.findings)).toEqual(first.steps.map((step) => step.findings))
        }
        expect(filesUnder(join(root, 'exports'))).toEqual(exported)
      }),
    ),
    { numRuns: 12 },
  ))

test('a workspace can be copied with its cache to any folder name', () =>
  withWorkspace(async (root) => {
    writeFlow(root, campaignFlow)
    const first = await runFlow(root)
    const copy = `${root} [copy] it's ä "second" * one?`
    cpSync(root, copy, { recursive: true })
    try {
      const second = await runFlow(copy)
      expect(cachedSteps(second)).toEqual(all)
      rmSync(join(copy, '.polku'), { recursive: true })
      expect(hashesOf(await runFlow(copy))).toEqual(hashesOf(first))
      expect(staleTemporary(copy)).toEqual([])
    } finally {
      rmSync(copy, { recursive: true })
    }
  }))
