import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findWorkspace } from '../../api/find-workspace.ts'

/** The types of the nodes of a notebook's own workspace, as they are now. */
export class OwnNodes {
  readonly #folder: string
  #state = ''

  /** @param folder the notebook's, an absolute path. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Additions to the interfaces of nodes.generated.ts; undefined where they are as they were at the last call. */
  async changed(): Promise<string | undefined> {
    const root = findWorkspace(this.#folder, process.env)
    // What types nodes is loaded where there are some.
    const own =
      root !== undefined && existsSync(join(root, 'nodes')) ? await import('../../api/own-types.ts') : undefined
    const state = root === undefined || own === undefined ? '' : own.ownNodesState(root)
    if (state === this.#state) return undefined
    this.#state = state
    return root === undefined || own === undefined ? '' : own.ownTypes(root)
  }
}
