import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'

export interface BrokenWorkspace {
  readonly folder: string
  readonly error: PolkuError
}

/** The clients of a service: every folder of `folder` that holds a client.yaml, as the files are now. */
export class Clients {
  readonly folder: string
  readonly #onBroken: (broken: BrokenWorkspace) => void
  /** Workspaces by folder, each with what its client.yaml looked like. */
  readonly #opened = new Map<string, { readonly state: string; readonly workspace: Workspace }>()
  /** Why each folder was found broken when it was last reported. */
  readonly #reported = new Map<string, string>()

  /** @param onBroken called with each folder that cannot be served, once for each reason. */
  constructor(folder: string, onBroken: (broken: BrokenWorkspace) => void = () => {}) {
    this.folder = folder
    this.#onBroken = onBroken
  }

  /**
   * Workspaces by the client's name. A folder that has another name than its client is broken: what a client's own
   * code writes into client.yaml, or a copy of a folder, must not make it another client.
   */
  all(): { workspaces: ReadonlyMap<string, Workspace>; broken: readonly BrokenWorkspace[] } {
    const workspaces = new Map<string, Workspace>()
    const broken: BrokenWorkspace[] = []
    for (const folder of this.#folders())
      try {
        const workspace = this.#open(folder)
        const { client: name } = workspace.client
        if (name !== basename(folder)) throw new PolkuError('CLIENT_FOLDER', { folder: basename(folder), name })
        workspaces.set(name, workspace)
      } catch (error) {
        if (!(error instanceof PolkuError)) throw error
        broken.push({ folder, error })
      }
    this.#report(broken)
    return { workspaces, broken }
  }

  #report(broken: readonly BrokenWorkspace[]): void {
    for (const each of broken) if (this.#reported.get(each.folder) !== each.error.message) this.#onBroken(each)
    this.#reported.clear()
    for (const { folder, error } of broken) this.#reported.set(folder, error.message)
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
    const workspace = Workspace.open(folder)
    this.#opened.set(folder, { state, workspace })
    return workspace
  }

  /** The client of this name, whose folder has it too. */
  #find(name: string): Workspace | undefined {
    const folder = resolve(this.folder, name)
    if (dirname(folder) !== resolve(this.folder) || !existsSync(join(folder, 'client.yaml'))) return undefined
    try {
      const workspace = this.#open(folder)
      return workspace.client.client === name ? workspace : undefined
    } catch (error) {
      // Why it is broken is reported where all are looked at.
      if (error instanceof PolkuError) return undefined
      throw error
    }
  }

  #folders(): string[] {
    return readdirSync(this.folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(this.folder, entry.name, 'client.yaml')))
      .map((entry) => join(this.folder, entry.name))
      .sort()
  }

  /** Throws CLIENT_UNKNOWN. */
  get(name: string): Workspace {
    const workspace = this.#find(name)
    if (workspace) return workspace
    const { workspaces } = this.all()
    throw new PolkuError('CLIENT_UNKNOWN', { client: name, nearest: nearest(name, [...workspaces.keys()], 'client') })
  }
}
