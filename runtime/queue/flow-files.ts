import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../config.ts'
import { list } from '../data/files.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../errors.ts'
import { type Flow, flowSchema } from '../flow/schema.ts'
import { shapeFaults } from '../flow/shape.ts'
import { parseSource, type Source } from '../flow/source.ts'
import { nearest } from '../nearest.ts'

export interface FlowFile {
  readonly path: string
  readonly flow: Flow
  readonly source: Source
}

const known = new Map<string, FlowFile & { readonly version: string }>()

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
  const path = /^[a-z][a-z0-9-]{0,63}$/.test(name)
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
  const kept = known.get(path)
  if (kept?.version === version) return kept
  const file = { path, version, ...parseFlow(readFileSync(path, 'utf8'), workspace.relative(path)) }
  known.set(path, file)
  return file
}

/** A flow's text, its shape checked. Throws FLOW_NOT_YAML, or PolkuErrors with the faults of its shape. */
export function parseFlow(text: string, file: string): Pick<FlowFile, 'flow' | 'source'> {
  const source = parseSource(text, file)
  const faults = shapeFaults(flowSchema, source.data)
  if (faults.length > 0)
    throw new PolkuErrors(
      faults.map(
        ({ path: at, expected }) =>
          new PolkuError('FLOW_SHAPE', { reason: `${at.join('.')} is not right.`, right: expected }, source.place(at)),
      ),
    )
  return { flow: source.data as Flow, source } // its shape has just been checked
}
