import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Holdings, Needed } from '../../../runtime/retention/holdings.ts'
import { planCleaning } from '../../../runtime/retention/plan.ts'

const hour = 3_600_000
const now = 1000 * 24 * hour

const ago = fc.integer({ min: 0, max: 400 * 24 }).map((hours) => now - hours * hour)
const bytes = fc.integer({ min: 0, max: 1_000_000_000 })
const keys = Array.from({ length: 12 }, (_, index) => `key${index}`)

const holdings: fc.Arbitrary<Holdings> = fc
  .record({
    runs: fc
      .array(
        fc.record({
          flow: fc.constantFrom('a', 'b'),
          status: fc.constantFrom('done', 'done', 'failed', 'stopped', 'running', undefined),
          writtenAt: ago,
          bytes,
          keys: fc.subarray(keys),
        }),
        { maxLength: 15 },
      )
      .map((runs) => runs.map((run, index) => ({ ...run, id: `run${String(index).padStart(2, '0')}` }))),
    artifacts: fc
      .subarray(keys)
      .chain((chosen) => fc.tuple(...chosen.map((key) => fc.record({ key: fc.constant(key), usedAt: ago, bytes })))),
    notebooks: fc
      .array(fc.record({ writtenAt: ago, bytes }), { maxLength: 4 })
      .map((ones) => ones.map((one, index) => ({ ...one, stem: `score/${index}` }))),
  })
  .map((run) => ({ ...run, artifacts: run.artifacts.map((artifact) => ({ ...artifact, models: [] })) }))

const needed: fc.Arbitrary<Needed> = fc.record({
  runs: fc.subarray(['run00', 'run03', 'run07']).map((ids) => new Set(ids)),
  artifacts: fc.subarray(keys.slice(0, 4)).map((ids) => new Set(ids)),
  notebooks: fc.subarray(['score/0', 'score/1']).map((ids) => new Set(ids)),
  parents: fc
    .constantFrom<[string, string][]>(
      [],
      [['run01', 'run07']],
      [
        ['run01', 'run02'],
        ['run02', 'run00'],
      ],
    )
    .map((pairs) => new Map(pairs)),
  usedSince: fc.constant(now - hour),
  usedSinceWithoutRun: fc.constant(now - 24 * hour),
})

const limits = fc.record(
  { days: fc.integer({ min: 1, max: 300 }), gigabytes: fc.double({ min: 0.001, max: 20, noNaN: true }) },
  { requiredKeys: [] },
)

test('cleaning never removes what is needed, and frees what it says', () => {
  fc.assert(
    fc.property(holdings, needed, limits, (held, needs, limit) => {
      const cleaning = planCleaning(held, needs, limit, now)
      const gone = new Set(cleaning.runs.map(({ id }) => id))
      const retained = held.runs.filter(({ id }) => !gone.has(id))
      for (const { id } of cleaning.runs) {
        expect(needs.runs.has(id)).toBe(false)
        const parent = needs.parents.get(id)
        if (parent !== undefined && held.runs.some((run) => run.id === parent))
          expect(needs.runs.has(parent)).toBe(false)
      }
      // The newest run of each flow that was done, and runs that go on.
      for (const flow of ['a', 'b']) {
        const newest = held.runs.findLast((run) => run.flow === flow && run.status === 'done')
        if (newest) expect(gone.has(newest.id)).toBe(false)
      }
      for (const run of cleaning.runs)
        if (run.status === 'running') expect(now - run.writtenAt).toBeGreaterThanOrEqual(7 * 24 * hour)
      // No result that a run that stays has, that is needed, or that may just be in use.
      const used = new Set(retained.flatMap((run) => run.keys))
      for (const { key, usedAt } of cleaning.artifacts) {
        expect(used.has(key) || needs.artifacts.has(key)).toBe(false)
        expect(usedAt).toBeLessThan(now - hour)
      }
      for (const { stem: path } of cleaning.notebooks) expect(needs.notebooks.has(path)).toBe(false)
      const all = [...cleaning.runs, ...cleaning.artifacts, ...cleaning.notebooks]
      expect(new Set(all).size).toBe(all.length)
      expect(cleaning.bytes).toBe(all.reduce((sum, one) => sum + one.bytes, 0))
    }),
    { numRuns: 2000 },
  )
})

test('what is older than the days goes, and within the size nothing younger', () => {
  fc.assert(
    fc.property(holdings, needed, limits, (held, needs, limit) => {
      const cleaning = planCleaning(held, needs, limit, now)
      const oldest = now - (limit.days ?? Number.POSITIVE_INFINITY) * 24 * hour
      const total = [...held.runs, ...held.artifacts, ...held.notebooks].reduce((sum, one) => sum + one.bytes, 0)
      const rest = total - cleaning.bytes
      if (limit.gigabytes === undefined || rest + cleaning.bytes <= limit.gigabytes * 1e9) {
        for (const { writtenAt } of [...cleaning.runs, ...cleaning.notebooks]) expect(writtenAt).toBeLessThan(oldest)
        for (const { usedAt } of cleaning.artifacts) expect(usedAt).toBeLessThan(oldest)
      } else if (rest > limit.gigabytes * 1e9) {
        // All that is left is needed: cleaning again frees nothing.
        const gone = new Set<unknown>([...cleaning.runs, ...cleaning.artifacts, ...cleaning.notebooks])
        const left = {
          runs: held.runs.filter((one) => !gone.has(one)),
          artifacts: held.artifacts.filter((one) => !gone.has(one)),
          notebooks: held.notebooks.filter((one) => !gone.has(one)),
        }
        const again = planCleaning(left, needs, limit, now)
        expect([...again.runs, ...again.notebooks]).toEqual([])
      }
    }),
    { numRuns: 2000 },
  )
})

test('the oldest goes first, and no more than the size asks for', () => {
  const run = (id: string, days: number) => ({
    ...{ id, flow: 'a', status: 'failed', writtenAt: now - days * 24 * hour, bytes: 400_000_000, keys: [] },
  })
  const held = { runs: [run('run1', 9), run('run2', 8), run('run3', 7)], artifacts: [], notebooks: [] }
  const none = { runs: new Set<string>(), artifacts: new Set<string>(), notebooks: new Set<string>() }
  const needs = { ...none, parents: new Map(), usedSince: now, usedSinceWithoutRun: now }
  const planned = (gigabytes: number) => planCleaning(held, needs, { gigabytes }, now).runs.map(({ id }) => id)
  expect(planned(2)).toEqual([])
  expect(planned(1)).toEqual(['run1'])
  expect(planned(0.5)).toEqual(['run1', 'run2'])
})
