import { Catalogue } from '../catalogue/catalogue.ts'
import type { Workspace } from '../data/workspace.ts'
import { Engine, type EngineOptions } from '../engine/engine.ts'
import { notebookProvider } from './step/provider.ts'

const provider = (workspace: Workspace | undefined) => notebookProvider(workspace, Date.now)

/** Opens the workspace in `folder`, whose flows may use notebooks as steps. Throws WORKSPACE_*, DISK_FULL. */
export const openEngine = (folder: string, options: Omit<EngineOptions, 'provider'> = {}): Promise<Engine> =>
  Engine.open(folder, { ...options, provider })

/** The nodes and notebooks that flows of a workspace can use; without one, those that Polku brings. */
export const openCatalogue = (workspace: Workspace | undefined): Catalogue =>
  new Catalogue(workspace?.root, [], provider(workspace))
