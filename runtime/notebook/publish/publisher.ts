import type { Engine } from '../api/engine.ts'
import { noteSources } from '../sources.ts'
import { type LayersPublication, type Published, publishModel, type TrainedPublication } from './model.ts'
import { type NodePublication, publishNode } from './node.ts'
import { recordModel } from './published-models.ts'
import { type PublishedTable, publishTable } from './table.ts'

/** How a notebook gives to others what it made. */
export interface Publisher {
  /**
   * Stores a model as the next version of `name`, for `model/NAME@VERSION` in flows: a TF.js LayersModel with its
   * preprocessing, or what predict/train made. It is accepted once a flow scores the first rows of `data` as the
   * notebook does, to 0.000001; the same content again gives the version that is there.
   * Throws NAME_INVALID, MODEL_MISFIT, MODEL_DISAGREES, MODEL_UNKNOWN.
   */
  model(name: string, publication: LayersPublication | TrainedPublication): Promise<Published>
  /**
   * Writes a node of the workspace's own, with a case made from a sample that `polku test` runs.
   * Throws NAME_INVALID, NODE_INVALID, ALREADY_EXISTS where another node has that name.
   */
  node(name: string, publication: NodePublication): Promise<{ name: string; folder: string; isNew: boolean }>
  /** Makes a table an output of the notebook, for the steps of a flow that come after it. Throws TABLE_REPEATED. */
  table(name: string, table: unknown): Promise<PublishedTable>
}

/** Where a notebook runs, as whoever runs it says in the environment. */
interface Surroundings {
  /** The folder for published tables; none where nobody waits for them. */
  readonly out?: string
  /** The notebook's file. */
  readonly notebook?: string
}

export const surroundingsOf = (environment: NodeJS.ProcessEnv): Surroundings => ({
  out: environment.POLKU_NOTEBOOK_OUT || undefined,
  // Jupyter's server says the file in the other.
  notebook: environment.POLKU_NOTEBOOK_FILE || environment.JPY_SESSION_NAME || undefined,
})

/** @param signal asked at each call: what stops it. */
export const publisher = (
  engine: Engine,
  { out, notebook }: Surroundings,
  signal: () => AbortSignal | undefined,
): Publisher => ({
  model: (name, publication) =>
    engine.work(async () => {
      const published = await publishModel(engine, notebook, name, publication)
      noteSources({ [`model ${published.reference}`]: published.hash })
      if (out !== undefined) recordModel(out, published.reference)
      return published
    }, signal()),
  node: (name, publication) => engine.work(() => publishNode(engine, name, publication), signal()),
  table: (name, table) => engine.work(async () => publishTable(engine, out, name, table), signal()),
})
