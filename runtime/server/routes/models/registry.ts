import { realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { FileHashes, hashFile } from '../../../data/hash.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { evidenceFile, hashOf } from '../../../model/approval.ts'
import { ModelRegistry } from '../../../model/registry.ts'

/**
 * The registry of a client's models, ready to judge the approvals of one of them, or of all: the data that they rest
 * on has been read beforehand, as far as it has changed, without holding up other requests. A client's files name it,
 * so what lies outside the workspace is the service's own, and counts as gone.
 */
export async function judgedModels(
  workspace: Workspace,
  model: string | undefined,
  now: number,
): Promise<ModelRegistry> {
  const hashes = new FileHashes(workspace.internal('hashes'), workspace.internal('tmp'))
  const read = new Map<string, string>()
  const hashBytes = (path: string) => read.get(path) ?? hashOf(path)
  const mayRead = (path: string) => isWithin(workspace.root, path)
  const registry = new ModelRegistry(join(workspace.root, 'models'), hashBytes, mayRead)
  const names = model === undefined ? registry.names : [model]
  for (const path of new Set(names.flatMap((name) => evidenceOf(workspace, registry, name))))
    if (mayRead(path) && statSync(path, { throwIfNoEntry: false })?.isFile())
      read.set(path, hashes.remembered(path) ?? (await remember(hashes, path, now)))
  return registry
}

function isWithin(root: string, path: string): boolean {
  try {
    return realpathSync(path).startsWith(root + sep)
  } catch {
    return false // it is gone, or its name is none
  }
}

/** A folder that cannot be written remembers nothing. */
async function remember(hashes: FileHashes, path: string, now: number): Promise<string> {
  try {
    return await hashes.hash(path, now)
  } catch {
    return hashFile(path)
  }
}

const evidenceOf = (workspace: Workspace, registry: ModelRegistry, model: string): string[] =>
  registry
    .stages(model)
    .flatMap((event) => (event.stage === 'approved' ? (event.evidence ?? []) : []))
    .filter(({ path }) => !path.endsWith('.ipynb'))
    .map(({ path }) => evidenceFile(workspace.root, path))
