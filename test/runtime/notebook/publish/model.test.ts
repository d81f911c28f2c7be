import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encode, featureData, fitFeatures, singlePrecision, totalWidth } from '../../../../nodes/lib/features.ts'
import type { ProblemRecord } from '../../../../runtime/errors/problem.ts'
import { evidenceHash } from '../../../../runtime/model/approval.ts'
import { NotebookError } from '../../../../runtime/notebook/api/notebook-error.ts'
import { type NotebookWorkspace, open, publish } from '../../../../runtime/notebook/api/open.ts'
import type { Table } from '../../../../runtime/notebook/api/table.ts'
import { openBench } from '../../../nodes/one-node.ts'
import { lesson } from '../../../nodes/predict/lessons.ts'

const bench = openBench()
let workspace: NotebookWorkspace
let cases: Table
beforeAll(async () => {
  writeFileSync(join(bench.root, 'train.ipynb'), '{"cells":[{"cell_type":"code","source":"1","metadata":{}}]}')
  process.env.POLKU_NOTEBOOK_FILE = join(bench.root, 'train.ipynb')
  workspace = await open(bench.root)
  cases = await workspace.sql`${lesson(300)}`
})
afterAll(async () => {
  delete process.env.POLKU_NOTEBOOK_FILE
  await workspace.close()
  await bench.close()
})

const numeric = ['signal', 'noise']
const categorical = ['kind']
async function prepared() {
  const data = featureData(await cases.toArrays(...numeric, ...categorical), numeric, categorical)
  const rows = Int32Array.from({ length: cases.count() }, (_, row) => row)
  const preprocessing = fitFeatures(data, rows, { log: [], minimumCount: 1, maximumLevels: 10 })
  return { preprocessing, width: totalWidth(preprocessing), x: singlePrecision(encode(preprocessing, data, rows)) }
}

/** A network with weights that are the same each time. */
function layersModel(width: number, { units = 1, activation = 'sigmoid' as const, seed = 7 } = {}): tf.LayersModel {
  const kernelInitializer = (at: number) => tf.initializers.glorotNormal({ seed: seed + at })
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, inputShape: [width], activation: 'relu', kernelInitializer: kernelInitializer(1) }),
      tf.layers.batchNormalization(),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units, activation, kernelInitializer: kernelInitializer(2) }),
    ],
  })
}

const facts = {
  target: { column: 'target', positive: 'yes' },
  metrics: { auc: 0.75 },
  intendedUse: 'Whom to call.',
  limits: 'Not for prices.',
}

/** The fault that a call was refused with. */
const refused = async (work: Promise<unknown>): Promise<ProblemRecord> => {
  const error: unknown = await work.catch((reason: unknown) => reason)
  const [problem] = error instanceof NotebookError ? error.problems : []
  if (!problem) throw new Error(`Not refused with a fault of the table: ${error}`)
  return problem
}

describe('a LayersModel', () => {
  test('is stored with its card, and scores in a flow as in the notebook', async () => {
    const { preprocessing, width, x } = await prepared()
    const model = layersModel(width)
    const published = await publish.model('net', { model, preprocessing, data: cases, ...facts })
    expect(published).toMatchObject({ reference: 'net@1', version: 1, isNew: true, checked: 300 })
    const stored = JSON.parse(readFileSync(join(bench.root, 'models/net/1/model.json'), 'utf8'))
    expect(stored).toMatchObject({ kind: 'layers', target: facts.target })
    expect(stored.card).toMatchObject({
      data: { customers: 300, snapshot: cases.hash },
      columns: { numeric, categorical },
      metrics: { auc: 0.75 },
      intendedUse: 'Whom to call.',
      limits: 'Not for prices.',
      provenance: {
        notebook: { path: 'train.ipynb', hash: evidenceHash(join(bench.root, 'train.ipynb')) },
        data: [{ hash: evidenceHash(cases.path) }],
      },
    })
    expect(join(bench.root, stored.card.provenance.data[0].path)).toBe(cases.path)
    const tried = await bench.run('model/net@1', { inputs: { customers: lesson(300) }, with: { score: 'chance' } })
    const scores = (await tried.rows('scored')).map((row) => Number(row.chance))
    const here = await (model.predict(tf.tensor2d(x, [300, width])) as tf.Tensor).data() // one output
    expect(new Set(scores).size).toBeGreaterThan(100)
    const differences = scores.map((score, row) => Math.abs(score - (here[row] ?? Number.NaN)))
    expect(Math.max(...differences)).toBeLessThan(1e-6)
  })

  test('published again is the same version, also when TF.js calls its layers otherwise', async () => {
    const { preprocessing, width } = await prepared()
    for (const _ of [1, 2]) {
      const again = await publish.model('net', {
        model: layersModel(width),
        preprocessing,
        data: cases,
        ...facts,
      })
      expect(again).toMatchObject({ version: 1, isNew: false })
    }
    const other = layersModel(width, { seed: 8 })
    expect(await publish.model('net', { model: other, preprocessing, data: cases, ...facts })).toMatchObject({
      version: 2,
      isNew: true,
    })
  })

  test('whose notebook does more than the preprocessing says is refused with the largest difference', async () => {
    const { preprocessing, width, x } = await prepared()
    const model = layersModel(width)
    const scores = Float64Array.from(await (model.predict(tf.tensor2d(x, [300, width])) as tf.Tensor).data()) // one output
    scores[17]! += 0.25
    scores[99]! += 0.01
    const error = await refused(publish.model('off', { model, preprocessing, data: cases, scores, ...facts }))
    expect(error.code).toBe('MODEL_DISAGREES')
    expect(error.message).toMatch(/by up to 0\.250 \(row 18: /)
    const nan = scores.map((score, row) => (row === 3 ? Number.NaN : score))
    expect(
      await refused(publish.model('off', { model, preprocessing, data: cases, scores: nan, ...facts })),
    ).toMatchObject({
      message: expect.stringContaining('by up to no number (row 4: '),
    })
    expect(existsSync(join(bench.root, 'models/off'))).toBe(false)
  })

  test('that does not fit its table is refused with all that is missing', async () => {
    const { width } = await prepared()
    const preprocessing = { features: [{ column: 'singal' }, { column: 'kind' }, { column: 'weight' }] }
    const error = await refused(
      publish.model('off', { model: layersModel(width), preprocessing, data: cases, ...facts }),
    )
    expect(error.code).toBe('MODEL_MISFIT')
    expect(error.message).toContain(
      'the table lacks singal, kind is VARCHAR and must be a number, the table lacks weight',
    )
    expect(error.expected).toContain('Did you mean signal?')
  })

  test.each<[string, (width: number) => Promise<object> | object, RegExp]>([
    [
      'takes other numbers',
      (width) => ({ model: layersModel(width + 1) }),
      /takes \d numbers, and its preprocessing gives \d/,
    ],
    ['gives two', (width) => ({ model: layersModel(width, { units: 2 }) }), /it gives rows × 2/],
    [
      'gives no probability',
      (width) => ({ model: layersModel(width, { activation: 'linear' as 'sigmoid' }) }),
      /it gives -?\d.* to row/,
    ],
    ['says no use', () => ({ intendedUse: ' ' }), /intendedUse is not said/],
    ['has a metric that is none', () => ({ metrics: { auc: Number.NaN } }), /metric auc is NaN/],
    ['has no features', () => ({ preprocessing: { features: [] } }), /no features/],
    [
      'has a deviation of 0',
      () => ({ preprocessing: { features: [{ column: 'signal', deviation: 0 }] } }),
      /deviation 0/,
    ],
    [
      'has a level twice',
      () => ({ preprocessing: { features: [{ column: 'kind', levels: ['a', 'a'] }] } }),
      /not different/,
    ],
    ['has scores of other rows', () => ({ scores: [0.5] }), /1 scores for 300 rows/],
    ['predicts nothing', () => ({ target: undefined }), /what it predicts/],
    ['has data without rows', async () => ({ data: await workspace.sql`from ${cases} limit 0` }), /no row/],
  ])('that %s is refused', async (_, change, said) => {
    const { preprocessing, width } = await prepared()
    const whole = { model: layersModel(width), preprocessing, data: cases, ...facts }
    const error = await refused(publish.model('off', { ...whole, ...(await change(width)) }))
    expect(error.code).toBe('MODEL_MISFIT')
    expect(error.message).toMatch(said)
    expect(existsSync(join(bench.root, 'models/off'))).toBe(false)
  })

  test('is refused under a name that is none, and with data that are no table', async () => {
    const { preprocessing, width } = await prepared()
    const whole = { model: layersModel(width), preprocessing, data: cases, ...facts }
    expect((await refused(publish.model('../x', whole))).code).toBe('NAME_INVALID')
    const wrong = { ...whole, data: [1] as unknown as Table } // as a notebook without types may say
    expect((await refused(publish.model('off', wrong))).code).toBe('INPUT_NOT_TABLE')
  })
})

describe('a model of predict/train', () => {
  test.each(['logistic', 'network'] as const)(
    'that is %s is published under its own name with its snapshot',
    async (method) => {
      const trained = await workspace.predict.train({ cases }, { name: `draft-${method}`, method, folds: 2 })
      const published = await publish.model(method, { model: trained, data: cases, limits: 'Only for calls.' })
      expect(published).toMatchObject({ version: 1, isNew: true, checked: 300 })
      const { kind, card } = JSON.parse(readFileSync(join(bench.root, `models/${method}/1/model.json`), 'utf8'))
      expect(kind).toBe(method)
      expect(card).toMatchObject({
        limits: 'Only for calls.',
        metrics: { auc: expect.any(Number) },
        data: { snapshot: cases.hash },
      })
      expect(
        await publish.model(method, { model: `draft-${method}@1`, data: cases, limits: 'Only for calls.' }),
      ).toMatchObject({
        version: 1,
        isNew: false,
      })
    },
  )

  test('is refused for a table that lacks its columns', async () => {
    const few = await workspace.sql`select customer_id, noise from ${cases}`
    const error = await refused(publish.model('off', { model: 'draft-logistic@1', data: few }))
    expect(error.message).toContain('the table lacks signal, the table lacks kind')
  })

  test('is neither any table nor a model that is not there', async () => {
    expect((await refused(publish.model('off', { model: cases, data: cases }))).message).toContain('neither')
    expect((await refused(publish.model('off', { model: 'none@1', data: cases }))).code).toBe('MODEL_UNKNOWN')
  })
})
