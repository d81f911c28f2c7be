import { columnClass } from '../../lib/column-class.ts'
import { encode, featureData, type Preprocessing, singlePrecision, totalWidth } from '../../lib/features.ts'
import { logisticSql, rawColumns } from '../../lib/features-sql.ts'
import { keyFaults } from '../../lib/keys.ts'
import { sameName } from '../../lib/names.ts'
import { nearestName } from '../../lib/nearest-name.ts'
import { id, sql } from '../../lib/sql.ts'
import {
  type BulkColumns,
  column,
  defineNode,
  input,
  type ModelContent,
  modelReference,
  type NetworkWeights,
  type PlanContext,
  type RunContext,
  type Sql,
  settings,
  type Table,
  Type,
} from '../../node.ts'
import { scoreFindings } from './report.ts'

export default defineNode({
  title: 'Score with a model',
  summary: 'Gives every customer the probability that a trained model predicts.',
  inputs: {
    customers: input('Customers with the columns the model needs, one row each'),
    model: input('The model output of predict/train in the same flow', { optional: true }),
  },
  params: settings({
    model: Type.Optional(
      modelReference({
        description:
          'A stored model, NAME@VERSION, NAME@draft (the newest) or NAME@approved; without it the input model',
      }),
    ),
    customer: column('customers', { default: 'customer_id', description: 'The customer' }),
    score: Type.String({
      pattern: '^[a-z][a-z0-9_]*$',
      default: 'probability',
      description: 'The name of the new column',
    }),
  }),
  outputs: { scored: 'The customers with their probability, 0–1' },
  metrics: {
    customers: 'Customers scored',
    mean_score: 'Mean probability',
    stability: 'Population stability index against the customers the model learnt from',
  },
  errors: {
    noModel: 'The step has no model. Give it the setting model, or an input model from predict/train.',
    twoModels: 'The step has two models, the setting {actual} and an input. Take one away.',
    missingColumn: 'The model needs the column {actual}, which the customers lack. {nearest}',
    wrongType: 'The model needs {actual} as a number, and it is {type}.',
    nameTaken: 'The customers already have a column {actual}. Choose another name for the score.',
    badKeys: '{actual} customers have no key or share it with another. Needs one row per customer.',
  },

  plan: async ({ customers, model }, params, context) => {
    if (params.model !== undefined && model) context.fail('twoModels', { actual: params.model })
    const conflict = customers.columns.find(({ name }) => sameName(name, params.score))
    if (conflict) context.fail('nameTaken', { actual: conflict.name })
    checkColumns(customers, await neededColumns(model, params.model, context), context)
    return sql`select *, cast(0 as double) as ${id(params.score)} from ${customers}`
  },

  run: async ({ customers, model }, { customer, score, model: reference }, context) => {
    const faults = await keyFaults(context, sql`select ${id(customer)} from ${customers}`)
    if (faults.missing + faults.repeated > 0) context.fail('badKeys', { actual: faults.missing + faults.repeated })
    const stored = await context.models.load(reference ?? (await referenceOf(model, context)))
    checkColumns(customers, needed(preprocessingOf(stored)), context)
    context.note(
      `Scored by ${stored.name}@${stored.version}, which predicts ${stored.target.column} = ${stored.target.positive}.`,
    )
    const scores =
      stored.kind === 'logistic'
        ? logisticScores(stored, customers, customer, score)
        : await networkScores(stored, customers, customer, score, context)
    return scores
  },

  report: async ({ scored }, { score, model: reference }, context, { model }) => {
    const stored = await context.models.load(reference ?? (await referenceOf(model, context)))
    await scoreFindings(scored, score, stored, context)
  },
})

interface NeededColumn {
  readonly name: string
  readonly numeric: boolean
}

// predict/train wrote it.
const preprocessingOf = (stored: ModelContent): Preprocessing => stored.preprocessing as Preprocessing

const needed = ({ features }: Preprocessing): NeededColumn[] =>
  features.map(({ column: name, kind }) => ({ name, numeric: kind === 'numeric' }))

async function neededColumns(
  model: Table | undefined,
  reference: string | undefined,
  context: PlanContext,
): Promise<NeededColumn[]> {
  if (reference !== undefined) return needed(preprocessingOf(await context.models.load(reference)))
  if (!model) return context.fail('noModel')
  const signature = await context.describe(sql`select unnest(signature) from ${model}`)
  return signature.map(({ name, type }) => ({ name, numeric: type === 'DOUBLE' }))
}

async function referenceOf(model: Table | undefined, context: PlanContext): Promise<string> {
  if (!model) return context.fail('noModel')
  const [row] = await context.rows(sql`select name, version from ${model}`)
  return `${row?.name}@${row?.version}`
}

function checkColumns(customers: Table, columns: readonly NeededColumn[], context: PlanContext): void {
  for (const { name, numeric } of columns) {
    const column = customers.columns.find((candidate) => candidate.name === name)
    if (!column)
      context.fail('missingColumn', {
        actual: name,
        nearest: nearestName(
          name,
          customers.columns.map((column) => column.name),
        ),
      })
    if (numeric && columnClass(column?.type ?? '') !== 'number')
      context.fail('wrongType', { actual: name, type: column?.type ?? '' })
  }
}

interface Linear {
  readonly intercept: number
  readonly coefficients: readonly number[]
}

function logisticScores(stored: ModelContent, customers: Table, customer: string, score: string): Sql {
  const probability = logisticSql(preprocessingOf(stored), stored.parameters as Linear) // predict/train's logistic method made them
  return sql`select *, ${probability} as ${id(score)} from ${customers} order by ${id(customer)}`
}

/** Chunk by chunk, so that a million rows need no more memory than some ten thousand. */
async function networkScores(
  stored: ModelContent,
  customers: Table,
  customer: string,
  score: string,
  context: RunContext,
): Promise<Sql> {
  const preprocessing = preprocessingOf(stored)
  const ordered = await context.store(sql`select * from ${customers} order by ${id(customer)}`)
  const scores = await context.writeChunks(scoreChunks(stored, preprocessing, ordered, context))
  return sql`select ordered.*, scores.score as ${id(score)} from ${ordered} as ordered positional join ${scores} as scores`
}

async function* scoreChunks(
  stored: ModelContent,
  preprocessing: Preprocessing,
  ordered: Table,
  context: RunContext,
): AsyncGenerator<BulkColumns> {
  const width = totalWidth(preprocessing)
  const columns = needed(preprocessing)
  const names = (numeric: boolean) => columns.filter((one) => one.numeric === numeric).map(({ name }) => name)
  const predict = predictorOf(stored, context)
  yield { score: new Float64Array(0) }
  for await (const chunk of context.readChunks(sql`select ${rawColumns(preprocessing)} from ${ordered}`)) {
    const data = featureData(chunk.columns, names(true), names(false))
    const x = encode(
      preprocessing,
      data,
      new Int32Array(chunk.rows).map((_, row) => row),
    )
    yield { score: Float64Array.from(await predict(singlePrecision(x), width)) }
  }
}

function predictorOf(
  stored: ModelContent,
  { models }: RunContext,
): (x: Float32Array, width: number) => Promise<Float32Array> {
  // predict/train's network method made them.
  if (stored.kind === 'network')
    return (x, width) => models.predictNetwork(stored.parameters as NetworkWeights, x, width)
  return (x, width) => models.predictLayers(stored.parameters, x, width)
}
