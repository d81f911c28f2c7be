import { cellSignal } from '../api/interrupt.ts'
import { notebookError } from '../api/notebook-error.ts'
import type { SharedEngine } from '../api/shared-engine.ts'
import { sharedEngine } from '../api/workspaces.ts'
import { noteSources, recordModel } from '../environment.ts'
import { type LayersPublication, type Published, publishModel, type TrainedPublication } from './model.ts'
import { type NodePublication, publishNode } from './node.ts'
import { type PublishedTable, publishTable } from './table.ts'

/** How a notebook gives to others what it made. */
interface Publisher {
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

/** What whoever runs the notebook says of it: the folder for published tables, where somebody waits for them, and the notebook's file. */
const surroundings = ({ env } = process) => ({
  out: env.POLKU_NOTEBOOK_OUT || undefined,
  // Jupyter's server says the file in the other.
  notebook: env.POLKU_NOTEBOOK_FILE || env.JPY_SESSION_NAME || undefined,
})

/** Publishes in the workspace that is open. */
async function publishing<T>(work: (engine: SharedEngine) => Promise<T>): Promise<T> {
  let engine: SharedEngine
  try {
    engine = sharedEngine()
  } catch (error) {
    throw notebookError(error, process.cwd())
  }
  return engine.work(() => work(engine), cellSignal())
}

/**
 * Gives to others what a notebook made: models, nodes and tables of the workspace that is open. All throw
 * PUBLISH_UNCLEAR where none is, or more than one.
 */
export const publish: Publisher = {
  model: (name, publication) =>
    publishing(async (engine) => {
      const { out, notebook } = surroundings()
      const published = await publishModel(engine, notebook, name, publication)
      noteSources({ [`model ${published.reference}`]: published.hash })
      if (out !== undefined) recordModel(out, published.reference)
      return published
    }),
  node: (name, publication) => publishing((engine) => publishNode(engine, name, publication)),
  table: (name, table) => publishing(async (engine) => publishTable(engine, surroundings().out, name, table)),
}
