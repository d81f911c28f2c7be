import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import { aucError } from '../../../nodes/predict/train/report.ts'
import { type Bench, openBench, type Tried } from '../one-node.ts'
import { hashes, lesson, modelFile, stored } from './lessons.ts'

const benches: Bench[] = []
const open = (): Bench => {
  const bench = openBench()
  benches.push(bench)
  return bench
}
afterAll(() => Promise.all(benches.map((bench) => bench.close())))

const learn = (bench: Bench, settings: Record<string, unknown>, order?: string): Promise<Tried> =>
  bench.run('predict/train', { inputs: { cases: lesson(600, order) }, with: { name: 'm', ...settings } })

const network = { method: 'network', folds: 2, network: { hidden: [6], epochs: 4, batchSize: 64 } }

describe('the same seed', () => {
  test.each([
    ['logistic', {}],
    ['network', network],
  ])('gives the same %s model to the last digit, in whatever order the rows lie', async (_, settings) => {
    const [one, again, shuffled] = [open(), open(), open()]
    const first = await learn(one, settings)
    expect(first.step.problem).toBeUndefined()
    expect(hashes(await learn(again, settings))).toEqual(hashes(first))
    expect(hashes(await learn(shuffled, settings, 'otherwise'))).toEqual(hashes(first))
    const text = readFileSync(modelFile(one.root, 'm', 1), 'utf8')
    for (const bench of [again, shuffled]) expect(readFileSync(modelFile(bench.root, 'm', 1), 'utf8')).toBe(text)
  })

  test('and another seed deals other folds and learns the same logistic model', async () => {
    const [one, other] = [open(), open()]
    const [first, second] = [await learn(one, {}), await learn(other, {}, undefined)]
    const folds = async (tried: Tried) => (await tried.rows('predictions')).map((row) => row.fold)
    expect(await folds(second)).toEqual(await folds(first))
    const third = await other.run('predict/train', {
      inputs: { cases: lesson(600) },
      with: { name: 'm' },
      seed: 2,
    })
    expect(await folds(third)).not.toEqual(await folds(first))
    expect(stored(one, 'm').parameters).toEqual(stored(other, 'm').parameters)
  })
})

test('every customer is predicted once, by a fold of its own, as many of each kind in every fold', async () => {
  const tried = await learn(open(), {})
  const rows = await tried.rows('predictions')
  expect(rows.map((row) => row.customer_id)).toEqual(Array.from({ length: 600 }, (_, index) => index))
  const shares = [1, 2, 3, 4, 5].map((fold) => rows.filter((row) => row.fold === fold && row.actual).length)
  expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
  expect(rows.every(({ probability: p }) => typeof p === 'number' && p > 0 && p < 1)).toBe(true)
})

test('importance finds the column that tells, and not the one that does not', async () => {
  const importance = await (await learn(open(), {})).rows('importance')
  expect(importance.map((row) => row.column)).toEqual(['signal', 'kind', 'noise'])
  expect(Number(importance[0]?.auc_drop)).toBeGreaterThan(0.1)
  expect(Math.abs(Number(importance[2]?.auc_drop))).toBeLessThan(0.01)
})

test('weighing both kinds alike raises the probabilities and keeps the ranking', async () => {
  const mean = (tried: Tried) =>
    tried.rows('predictions').then((rows) => rows.reduce((sum, row) => sum + Number(row.probability), 0) / rows.length)
  const [plain, balanced] = [await learn(open(), {}), await learn(open(), { balance: true })]
  const rate = Number(plain.metric('positives').value) / 600
  expect(await mean(plain)).toBeCloseTo(rate, 2)
  expect(await mean(balanced)).toBeCloseTo(0.5, 1)
  expect(Math.abs(Number(balanced.metric('auc').value) - Number(plain.metric('auc').value))).toBeLessThan(0.005)
})

test('columns of every type: decimals are numbers, dates and structures are left out, empty ones tell nothing', async () => {
  const tried = await open().run('predict/train', {
    inputs: {
      cases: sql`select *, cast(signal as decimal(18, 4)) as euros, date '2026-01-01' + customer_id as since,
        { 'a': signal } as packed, null::double as empty, signal > 0 as above, 'n' || customer_id as place from (${lesson(400)})`,
    },
    with: { name: 'm', folds: 2 },
  })
  expect(tried.step.problem).toBeUndefined()
  const columns = (await tried.rows('importance')).map((row) => row.column)
  expect(columns.toSorted()).toEqual(['above', 'euros', 'kind', 'noise', 'place', 'signal'])
  const notes = tried.step.findings.flatMap((finding) => (finding.kind === 'note' ? [finding.text] : []))
  expect(notes.join('\n')).toMatch(/Dates are not learnt from: since\./)
  expect(notes.join('\n')).toMatch(/same for all customers, so not learnt from: empty/)
  expect(tried.warnings.join('\n')).toMatch(/place has hardly a value twice/)
})

test('where nothing tells the customers of a fold apart, they have the share of the others', async () => {
  const tried = await open().run('predict/train', {
    inputs: {
      cases: sql`select customer_id, case when customer_id = 7 then 1 else 0 end as rare, target from (${lesson(60)})`,
    },
    with: { name: 'm', folds: 3 },
  })
  expect(tried.step.problem).toBeUndefined()
  const rows = await tried.rows('predictions')
  const own = rows.find((row) => row.customer_id === 7)?.fold
  const alike = new Set(rows.filter((row) => row.fold === own).map((row) => row.probability))
  const others = rows.filter((row) => row.fold !== own)
  expect([...alike]).toEqual([others.filter((row) => row.actual).length / others.length])
})

// The spread of the area over 40,000 samples of exponential scores, for which the formula is made, simulated in numpy.
test.each([
  [0.893, 51, 58, 0.032487],
  [0.7, 20, 200, 0.067847],
  [0.6, 300, 30, 0.051195],
])(
  'the standard error of an AUC of %d by %i cases and %i others is what samples show',
  (area, cases, others, spread) => {
    expect(aucError(area, cases, others) / spread).toBeCloseTo(1, 1.5)
  },
)
