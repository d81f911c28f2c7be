import { encode, featureData, type Preprocessing, singlePrecision, totalWidth } from '../../../nodes/lib/features.ts'
import { rawColumns } from '../../../nodes/lib/features-sql.ts'
import { freeName } from '../../../nodes/lib/names.ts'
import { id, sql } from '../../../nodes/lib/sql.ts'
import type { ModelContent, Models, NetworkWeights, Table } from '../../../nodes/node.ts'
import { readColumns } from '../../data/bulk.ts'
import { temporaryPath } from '../../data/stale-temporary.ts'
import type { Engine } from '../../engine/engine.ts'
import { PolkuError } from '../../errors/errors.ts'
import { runNode } from '../../step/execute.ts'

/** How many rows are scored both ways before a model is accepted. */
const sampleRows = 2000

const tolerance = 1e-6

/** Row-major numbers as a model takes them, from the first rows of a table. */
export interface Sample {
  readonly table: Table
  /** The column that numbers its rows. */
  readonly key: string
  readonly rows: number
  readonly x: Float64Array
  readonly width: number
}

/** The first rows of a table as the model sees them. Drop `table` when it is no longer needed. */
export async function takeSample(engine: Engine, data: Table, preprocessing: Preprocessing): Promise<Sample> {
  const { database } = engine
  const key = freeName(
    'row',
    data.columns.map(({ name }) => name),
  )
  const relation = database.freshName('sample')
  const rows = await database.rows(sql`select count(*) as n from (from ${data} limit ${sampleRows})`)
  await database.createFrom(
    relation,
    sql`select row_number() over () as ${id(key)}, * from (from ${data} limit ${sampleRows})`,
  )
  const columns = await database.describe(sql`from ${{ relation, columns: [] }}`)
  const table = { relation, columns }
  const of = (kind: string) => preprocessing.features.filter((one) => one.kind === kind).map(({ column }) => column)
  const read = await readColumns(database, sql`select ${rawColumns(preprocessing)} from ${table} order by ${id(key)}`)
  const count = Number(rows[0]?.n)
  const x = encode(
    preprocessing,
    featureData(read, of('numeric'), of('categorical')),
    Int32Array.from({ length: count }, (_, row) => row),
  )
  return { table, key, rows: count, x, width: totalWidth(preprocessing) }
}

interface Linear {
  readonly intercept: number
  readonly coefficients: readonly number[]
}

/** What a model of predict/train gives to a sample, computed without SQL. */
export async function trainedScores(
  engine: Engine,
  content: ModelContent,
  { x, width, rows }: Sample,
): Promise<Float64Array> {
  // predict/train made the parameters of both kinds.
  if (content.kind === 'network')
    return Float64Array.from(
      await engine.models.predictNetwork(content.parameters as NetworkWeights, singlePrecision(x), width),
    )
  const { intercept, coefficients } = content.parameters as Linear
  return Float64Array.from({ length: rows }, (_, row) => {
    const z = coefficients.reduce(
      (sum, coefficient, index) => sum + coefficient * (x[row * width + index] ?? 0),
      intercept,
    )
    return 1 / (1 + Math.exp(-z))
  })
}

/** What a flow gives to the sample: the node that scores, on a model that is not stored yet. */
export async function flowScores(
  engine: Engine,
  name: string,
  content: ModelContent,
  { table, key }: Sample,
): Promise<Float64Array> {
  const { database, models, datasets, workspace } = engine
  const node = await engine.catalogue.load('predict/score')
  const candidate = { ...content, name, version: 0, hash: '' }
  const score = freeName(
    'score',
    table.columns.map((column) => column.name),
  )
  const settings = { customer: key, score, model: `${name}@0` }
  const services = {
    ...{ database, datasets },
    models: {
      trainNetwork: (spec, options) => models.trainNetwork(spec, options),
      predictNetwork: (weights, x, width) => models.predictNetwork(weights, x, width),
      predictLayers: (weights, x, width) => models.predictLayers(weights, x, width),
      publish: (to, stored) => models.publish(to, stored),
      load: async () => candidate,
    } satisfies Models,
    seed: 1,
    currency: workspace.currency,
    signal: new AbortController().signal,
    folder: temporaryPath(workspace.internal('tmp'), 'agreement'),
    onProgress: () => {},
  }
  return runNode(node, { customers: table }, settings, services, async (queries) => {
    const scored = queries.get('scored') ?? sql``
    const read = await readColumns(database, sql`select ${id(score)} from (${scored}) order by ${id(key)}`)
    return Float64Array.from(read[score] as Float64Array) // a probability is read as a number
  })
}

/** Throws MODEL_DISAGREES with the largest difference, MODEL_MISFIT where a score is no probability. */
export function checkAgreement(model: string, flow: Float64Array, notebook: ArrayLike<number>): void {
  let worst = -1
  let largest = tolerance
  for (let row = 0; row < flow.length; row++) {
    const score = flow[row]!
    if (!(score >= 0 && score <= 1))
      throw new PolkuError('MODEL_MISFIT', {
        model,
        reason: `it gives ${score} to row ${row + 1}`,
        right: 'A probability from 0 to 1: a last layer with a sigmoid',
      })
    const difference = Math.abs(score - (notebook[row] ?? Number.NaN))
    if (difference <= largest) continue
    worst = row
    if (Number.isNaN(difference)) break
    largest = difference
  }
  if (worst < 0) return
  const difference = Math.abs(flow[worst]! - (notebook[worst] ?? Number.NaN))
  throw new PolkuError('MODEL_DISAGREES', {
    model,
    difference: Number.isNaN(difference) ? 'no number' : difference.toPrecision(3),
    row: worst + 1,
    flow: flow[worst],
    notebook: notebook[worst],
  })
}
