import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors.ts'
import { openWorkspace } from '../main.ts'
import { nearest } from '../nearest.ts'

export interface BrokenWorkspace {
  readonly folder: string
  readonly error: PolkuError
}

/** The clients of a service: every folder of `folder` that holds a client.yaml, as the files are now. */
export class Clients {
  readonly folder: string
  /** Workspaces by folder, each with what its client.yaml looked like. */
  readonly #opened = new Map<string, { readonly state: string; readonly workspace: Workspace }>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** Workspaces by the client's name; of two that claim a name the first folder has it, the other is broken. */
  all(): { workspaces: ReadonlyMap<string, Workspace>; broken: readonly BrokenWorkspace[] } {
    const workspaces = new Map<string, Workspace>()
    const broken: BrokenWorkspace[] = []
    for (const folder of this.#folders())
      try {
        const workspace = this.#open(folder)
        const { client: name } = workspace.client
        const other = workspaces.get(name)
        if (other) throw new PolkuError('NAME_INVALID', { name, right: `Another name: ${other.root} has this one.` })
        workspaces.set(name, workspace)
      } catch (error) {
        if (!(error instanceof PolkuError)) throw error
        broken.push({ folder, error })
      }
    return { workspaces, broken }
  }

  /** The workspaces that are there; none where the folder of them all has gone. */
  there(): ReadonlyMap<string, Workspace> {
    return existsSync(this.folder) ? this.all().workspaces : new Map()
  }

  #open(folder: string): Workspace {
    const stat = statSync(join(folder, 'client.yaml'), { throwIfNoEntry: false })
    const state = stat ? `${stat.mtimeMs} ${stat.ctimeMs} ${stat.size} ${stat.dev} ${stat.ino}` : 'gone'
    const opened = this.#opened.get(folder)
    if (stat && opened?.state === state) return opened.workspace
    const workspace = openWorkspace(folder)
    this.#opened.set(folder, { state, workspace })
    return workspace
  }

  #folders(): string[] {
    return readdirSync(this.folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(this.folder, entry.name, 'client.yaml')))
      .map((entry) => join(this.folder, entry.name))
      .sort()
  }

  /** Throws CLIENT_UNKNOWN. */
  get(name: string): Workspace {
    const { workspaces } = this.all()
    const workspace = workspaces.get(name)
    if (workspace) return workspace
    throw new PolkuError('CLIENT_UNKNOWN', { client: name, nearest: nearest(name, [...workspaces.keys()], 'client') })
  }
}
