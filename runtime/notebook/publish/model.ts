import { type Preprocessing, singlePrecision } from '../../../nodes/lib/features.ts'
import { sql } from '../../../nodes/lib/sql.ts'
import type { ModelContent } from '../../../nodes/node.ts'
import { isName } from '../../data/names.ts'
import { PolkuError } from '../../errors/errors.ts'
import type { StoredModel } from '../../model/registry.ts'
import { type GivenTable, tableOf } from '../api/result.ts'
import type { SharedEngine } from '../api/shared-engine.ts'
import type { StoredTable } from '../api/stored-table.ts'
import { checkAgreement, flowScores, type Sample, takeSample, trainedScores } from './agreement.ts'
import { type CardInput, layersCard, trainedCard } from './card.ts'
import { checkShapes, isLayersModel, type LayersModel, layersWeights } from './layers-model.ts'
import { checkFits, completePreprocessing, type PreprocessingInput } from './preprocessing.ts'

/** A TF.js LayersModel with all that is needed to score with it and to judge it. */
export interface LayersPublication extends CardInput {
  readonly model: LayersModel
  readonly preprocessing: PreprocessingInput
  /** What is predicted: the column and the value that counts as a case. */
  readonly target: { readonly column: string; readonly positive: string }
  readonly intendedUse: string
  readonly limits: string
}

/** What predict/train made: its result, its output `model`, or `NAME@VERSION`. */
export interface TrainedPublication extends CardInput {
  readonly model: string | GivenTable
}

export interface Published {
  readonly name: string
  readonly version: number
  /** As a flow names it: `churn@3`. */
  readonly reference: string
  readonly hash: string
  /** False where the same content was published before. */
  readonly isNew: boolean
  /** Rows that were scored in both ways. */
  readonly checked: number
}

const misfit = (model: string, reason: string, right: string) =>
  new PolkuError('MODEL_MISFIT', { model, reason, right })

/** @internal
 * Stores a model as the next version of `name`, once a flow scores the first rows of `data` as the notebook does, to
 * 0.000001. The same content again gives the version that is there.
 * Throws NAME_INVALID, MODEL_MISFIT, MODEL_DISAGREES, MODEL_UNKNOWN, INPUT_NOT_TABLE.
 */
export async function publishModel(
  shared: SharedEngine,
  notebook: string | undefined,
  name: string,
  publication: LayersPublication | TrainedPublication,
): Promise<Published> {
  if (!isName(name))
    throw new PolkuError('NAME_INVALID', {
      name,
      actual: name,
      right: 'Small letters, digits and dashes, such as churn.',
    })
  const data = dataOf(shared, publication.data)
  if (data.rows === 0) throw misfit(name, 'its data have no row', 'The table it learnt from')
  const { content, sample } = isLayers(publication)
    ? await fromLayers(shared, notebook, name, publication, data)
    : await fromTrained(shared, notebook, name, publication, data)
  const { registry } = shared.engine
  const before = registry.versions(name).length
  const { version, hash } = registry.publish(name, content)
  const isNew = registry.versions(name).length > before
  return { name, version, reference: `${name}@${version}`, hash, isNew, checked: sample.rows }
}

const isLayers = (publication: LayersPublication | TrainedPublication): publication is LayersPublication =>
  isLayersModel(publication.model)

function dataOf(shared: SharedEngine, data: unknown): StoredTable {
  const table = tableOf(data)
  if (table?.isOf(shared)) return table.stored
  throw new PolkuError('INPUT_NOT_TABLE', {
    input: 'data',
    value: table ? 'a table of another workspace' : typeof data,
    right: 'data: TABLE, the table that the model learnt from.',
  })
}

interface Candidate {
  readonly content: ModelContent
  readonly sample: Sample
}

async function fromLayers(
  shared: SharedEngine,
  notebook: string | undefined,
  name: string,
  publication: LayersPublication,
  data: StoredTable,
): Promise<Candidate> {
  const preprocessing = completePreprocessing(name, publication.preprocessing)
  checkFits(name, preprocessing, data.columns)
  checkShapes(name, publication.model, preprocessing)
  const { column, positive } = publication.target ?? {}
  if (typeof column !== 'string' || typeof positive !== 'string')
    throw misfit(name, 'it does not say what it predicts', 'target: { column: NAME, positive: VALUE }')
  const content: ModelContent = {
    kind: 'layers',
    target: { column, positive },
    preprocessing,
    parameters: await layersWeights(name, publication.model),
    card: {},
  }
  return withSample(shared, data, preprocessing, async (sample) => {
    const flow = await flowScores(shared.engine, name, content, sample)
    checkAgreement(
      name,
      flow,
      notebookScores(name, publication.scores, data, sample) ?? (await predicted(name, publication.model, sample)),
    )
    const card = layersCard({
      name,
      input: publication,
      preprocessing,
      data,
      notebook,
      scores: flow,
      root: shared.root,
    })
    return { content: { ...content, card }, sample }
  })
}

async function fromTrained(
  shared: SharedEngine,
  notebook: string | undefined,
  name: string,
  publication: TrainedPublication,
  data: StoredTable,
): Promise<Candidate> {
  const { kind, target, preprocessing, parameters, card } = await trained(shared, name, publication.model)
  const features = preprocessing as Preprocessing // predict/train, or publishing, made it
  checkFits(name, features, data.columns)
  const content = {
    kind,
    target,
    preprocessing,
    parameters,
    card: trainedCard({ name, input: publication, card, data, notebook, root: shared.root }),
  }
  return withSample(shared, data, features, async (sample) => {
    const flow = await flowScores(shared.engine, name, content, sample)
    checkAgreement(
      name,
      flow,
      notebookScores(name, publication.scores, data, sample) ?? (await trainedScores(shared.engine, content, sample)),
    )
    return { content, sample }
  })
}

async function withSample(
  shared: SharedEngine,
  data: StoredTable,
  preprocessing: Preprocessing,
  work: (sample: Sample) => Promise<Candidate>,
): Promise<Candidate> {
  const sample = await takeSample(shared.engine, data, preprocessing)
  try {
    return await work(sample)
  } finally {
    await shared.database.drop('table', sample.table.relation)
  }
}

/** The stored model that a reference or the output of predict/train names. */
async function trained(shared: SharedEngine, name: string, model: string | GivenTable): Promise<StoredModel> {
  const { registry } = shared.engine
  if (typeof model === 'string') return registry.load(model)
  const table = tableOf(model)
  const columns = table?.isOf(shared) ? table.columns().map((column) => column.name) : []
  if (!table || !['name', 'version', 'signature'].every((column) => columns.includes(column)))
    throw misfit(
      name,
      'model is neither a TF.js LayersModel nor what predict/train gives',
      'A LayersModel with its preprocessing, the result of workspace.predict.train, or NAME@VERSION',
    )
  const [row] = await shared.database.rows(sql`select name, version from ${table.stored} limit 1`)
  return registry.load(`${row?.name}@${row?.version}`)
}

/** What the notebook says its model gives to the first rows of the data; undefined where it does not say. */
function notebookScores(
  name: string,
  scores: ArrayLike<number> | undefined,
  data: StoredTable,
  { rows }: Sample,
): ArrayLike<number> | undefined {
  if (scores === undefined || scores.length === data.rows || scores.length === rows) return scores
  throw misfit(
    name,
    `there are ${scores.length} scores for ${data.rows} rows of data`,
    `One score for each row of data, or for the first ${rows}`,
  )
}

/** What a LayersModel gives in this very process. */
async function predicted(name: string, model: LayersModel, { x, rows, width }: Sample): Promise<ArrayLike<number>> {
  const tf = await import('@tensorflow/tfjs')
  if (!(model instanceof tf.LayersModel))
    throw misfit(
      name,
      'it was made with another copy of TF.js than Polku’s',
      'Give what it predicts for the rows of data as `scores`, or import @tensorflow/tfjs from where Polku is installed',
    )
  const input = tf.tensor2d(singlePrecision(x), [rows, width])
  const output = model.predict(input, { batchSize: 4096 })
  try {
    return Array.isArray(output) ? [] : await output.data() // its shape was checked: it is one tensor
  } finally {
    tf.dispose([input, output])
  }
}
