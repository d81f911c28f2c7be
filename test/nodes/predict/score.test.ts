import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { sql } from '../../../nodes/lib/sql.ts'
import { PolkuErrors } from '../../../runtime/errors/errors.ts'
import { ModelRegistry } from '../../../runtime/model/registry.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { approval } from '../../runtime/model/approving.ts'
import { type Bench, openBench, type Tried } from '../one-node.ts'
import { lesson } from './lessons.ts'

const network = { method: 'network', folds: 2, network: { hidden: [6], epochs: 4, batchSize: 64 } }

describe('a model of one run in the flow of another', () => {
  const bench = openBench()
  afterAll(() => bench.close())
  beforeAll(async () => {
    await bench.run('predict/train', { inputs: { cases: lesson(400) }, with: { name: 'buys', intendedUse: 'Offers' } })
  })
  const registry = new ModelRegistry(join(bench.root, 'models'))
  const approve = (version: number, stage: 'approved' | 'retired') => {
    const approved = approval(join(bench.root, 'models'), registry, 'buys', version)
    registry.setStage('buys', stage === 'approved' ? approved : { version, stage, by: approved.by, at: approved.at })
  }
  const score = (use: string): Promise<Tried> =>
    bench.run(use, { inputs: { customers: lesson(300, 'customer_id', 1000) }, with: { score: 'chance' } })
  const chances = async (tried: Tried) => (await tried.rows('scored')).map((row) => Number(row.chance))

  test('is used by its stage or its number, all the same one', async () => {
    const draft = await chances(await score('model/buys@draft'))
    expect(draft).toHaveLength(300)
    expect(draft.every((chance) => chance > 0 && chance < 1)).toBe(true)
    expect(await chances(await score('model/buys@1'))).toEqual(draft)
  })

  test('is refused by its approved stage until it is approved, and again when it is retired', async () => {
    const refusal = { errors: [expect.objectContaining({ code: 'MODEL_NOT_APPROVED' })] }
    await expect(score('model/buys@approved')).rejects.toMatchObject(refusal)
    approve(1, 'approved')
    expect(await chances(await score('model/buys@approved'))).toEqual(await chances(await score('model/buys@1')))
    approve(1, 'retired')
    await expect(score('model/buys@approved')).rejects.toBeInstanceOf(PolkuErrors)
  })

  test('a newer draft does not take the place of the approved one, and equal content is no new version', async () => {
    approve(1, 'approved')
    const first = await chances(await score('model/buys@approved'))
    await bench.run('predict/train', { inputs: { cases: lesson(400) }, with: { name: 'buys', intendedUse: 'Offers' } })
    expect(registry.versions('buys')).toEqual([1])
    await bench.run('predict/train', { inputs: { cases: lesson(500) }, with: { name: 'buys', intendedUse: 'Offers' } })
    expect(registry.versions('buys')).toEqual([1, 2])
    expect(await chances(await score('model/buys@approved'))).toEqual(first)
    expect(await chances(await score('model/buys@draft'))).not.toEqual(first)
  })

  test('names the column that the customers lack before the flow runs', async () => {
    const flow = join(bench.root, 'flows', 'wrong.yaml')
    writeFileSync(join(bench.root, 'few.csv'), 'customer_id,signal,noise\n1,0.5,0.25\n')
    const steps = {
      few: { uses: 'import/csv', with: { path: 'few.csv' } },
      scored: { uses: 'model/buys@1', from: 'few' },
    }
    writeFileSync(flow, stringify({ flow: 'wrong', steps }))
    const client = await openEngine(bench.root)
    try {
      await expect(client.check({ flow, params: {}, asOf: '2026-10-01' })).rejects.toMatchObject({
        errors: [expect.objectContaining({ message: expect.stringContaining('kind') })],
      })
    } finally {
      await client.close()
    }
  })
})

describe('a network', () => {
  const bench: Bench = openBench()
  afterAll(() => bench.close())
  const scored = (rows: number, from: number) =>
    bench.run('predict/score', {
      inputs: { customers: lesson(rows, 'otherwise', from) },
      with: { model: 'net@1', score: 'chance' },
    })

  test('gives a customer the same score alone, among a few and in whatever chunk of many', async () => {
    await bench.run('predict/train', { inputs: { cases: lesson(400) }, with: { name: 'net', ...network } })
    // More than one chunk of 65,536 rows.
    const many = await (await scored(70_000, 0)).rows('scored')
    expect(many.map((row) => row.customer_id)).toEqual(Array.from({ length: 70_000 }, (_, index) => index))
    for (const [rows, from] of [
      [1, 69_999],
      [3, 65_535],
      [1000, 69_000],
    ] as const) {
      const few = await (await scored(rows, from)).rows('scored')
      expect(few.map((row) => row.chance)).toEqual(many.slice(from, from + rows).map((row) => row.chance))
    }
  })

  test('gives every customer a probability, whatever is missing or beyond measure', async () => {
    const tried = await bench.run('predict/score', {
      inputs: {
        customers: sql`select * from (values (1, null, 1e308, null), (2, 'nan'::double, -1e308, ''), (3, 1e99, 'infinity', 'new'))
          as given(customer_id, signal, noise, kind)`,
      },
      with: { model: 'net@1' },
    })
    const rows = await tried.rows('scored')
    expect(rows).toHaveLength(3)
    for (const { probability } of rows) {
      expect(probability).toBeGreaterThanOrEqual(0)
      expect(probability).toBeLessThanOrEqual(1)
    }
  })
})
