import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { list } from '../data/files.ts'
import { projectRoot } from '../data/installation.ts'
import { isName } from '../data/names.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { type ReadFlow, readFlow } from '../flow/read-flow.ts'

export interface FlowFile extends ReadFlow {
  readonly path: string
}

const cache = new Map<string, FlowFile & { readonly version: string }>()

const foldersOf = (workspace: Workspace): string[] => [join(workspace.root, 'flows'), join(projectRoot, 'flows')]

/** The names of the flows that a client has, its own and Polku's. */
export const flowNames = (workspace: Workspace): string[] =>
  [
    ...new Set(
      foldersOf(workspace).flatMap((folder) => list(folder).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? [])),
    ),
  ].sort()

/** A flow's file as it is now, its shape checked. Throws FLOW_NOT_FOUND, or PolkuErrors with the faults of its shape. */
export function flowFile(workspace: Workspace, name: string): FlowFile {
  const path = isName(name)
    ? foldersOf(workspace)
        .map((folder) => join(folder, `${name}.yaml`))
        .find((file) => existsSync(file))
    : undefined
  if (path === undefined)
    throw new PolkuError('FLOW_NOT_FOUND', {
      flow: name,
      found: name,
      nearest: nearest(name, flowNames(workspace), 'flow'),
    })
  const { mtimeMs, size } = statSync(path)
  const version = `${mtimeMs} ${size}`
  const cached = cache.get(path)
  if (cached?.version === version) return cached
  const file = { path, version, ...readFlow(readFileSync(path, 'utf8'), workspace.relative(path)) }
  cache.set(path, file)
  return file
}
