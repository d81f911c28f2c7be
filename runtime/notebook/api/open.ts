import { resolve } from 'node:path'
import { isDate } from '../../data/dates.ts'
import { PolkuError } from '../../errors/errors.ts'
import { defaultSeed } from '../../flow/step-checker.ts'
import { findWorkspace } from '../environment.ts'
import { cellSignal } from './interrupt.ts'
import type { Nodes } from './nodes.generated.ts'
import { notebookError } from './notebook-error.ts'
import { addNodes, OpenWorkspace } from './open-workspace.ts'
import { share } from './workspaces.ts'

export { publish } from '../publish/publisher.ts'
export { plot } from './plot.ts'

export interface OpenOptions {
  /** ISO date up to which things are known; today where the client is by default. */
  readonly asOf?: string
  /** Of everything random; the same as a flow's by default. */
  readonly seed?: number
}

/** A workspace with every node of Polku as a function: `workspace.segment.rfm({ orders }, { classes: 4 })`. */
export type NotebookWorkspace = OpenWorkspace & Nodes

/**
 * Opens a client's workspace: the nearest folder with a client.yaml, from the notebook's upwards, or `folder`.
 * Throws WORKSPACE_NOT_FOUND, WORKSPACE_INVALID, WORKSPACE_NOT_WRITABLE, AS_OF_INVALID, SETTING_INVALID.
 */
export async function open(folder?: string, options: OpenOptions = {}): Promise<NotebookWorkspace> {
  const from = folder ?? process.cwd()
  try {
    const { asOf, seed = defaultSeed } = options
    if (asOf !== undefined && (typeof asOf !== 'string' || !isDate(asOf)))
      throw new PolkuError('AS_OF_INVALID', { value: String(asOf), actual: String(asOf) })
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
      throw new PolkuError('SETTING_INVALID', {
        setting: 'seed',
        value: String(seed),
        right: 'A whole number from 0 to 4294967295.',
      })
    const root = folder === undefined ? workspaceOfNotebook(from) : resolve(folder)
    const { engine, release } = await share(root)
    const workspace = new OpenWorkspace(
      engine,
      { asOf: asOf ?? engine.workspace.today(engine.now()), seed, signal: cellSignal },
      release,
    )
    addNodes(workspace)
    return workspace as NotebookWorkspace // the generated types are of the nodes that it was just given
  } catch (error) {
    throw notebookError(error, from)
  }
}

function workspaceOfNotebook(folder: string): string {
  const root = findWorkspace(folder, process.env)
  if (root === undefined) throw new PolkuError('WORKSPACE_NOT_FOUND', { folder: resolve(folder) })
  return root
}
