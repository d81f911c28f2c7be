import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { list, writeWhole } from '../data/files.ts'
import { hashText } from '../data/hash.ts'
import { projectRoot } from '../data/installation.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { isSystemError } from '../errors/system-error.ts'

// Where flows lie: a client's own in its folder, Polku's beside its code. A flow is named by its file.

/** The folder of a client's own flows. */
export const ownFlowFolder = ({ root }: Pick<Workspace, 'root'>): string => join(root, 'flows')

/** Where a client's own flow of this name lies, or would. */
export const ownFlowFile = (workspace: Pick<Workspace, 'root'>, name: string): string =>
  join(ownFlowFolder(workspace), `${name}.yaml`)

const polkuFlowFolder = join(projectRoot, 'flows')

const namesIn = (folder: string): string[] => list(folder).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? [])

/** The names of a client's own flows. */
export const ownFlowNames = (workspace: Pick<Workspace, 'root'>): string[] => namesIn(ownFlowFolder(workspace))

/** The names of all flows that a client can run: its own and Polku's. */
export const flowNames = (workspace: Pick<Workspace, 'root'>): string[] =>
  [...new Set([...ownFlowNames(workspace), ...namesIn(polkuFlowFolder)])].sort()

/** The client's own file of this name before Polku's; undefined where there is neither. */
const existingFile = (workspace: Workspace, name: string): string | undefined =>
  [ownFlowFile(workspace, name), join(polkuFlowFolder, `${name}.yaml`)].find((file) => existsSync(file))

const notFound = (workspace: Workspace, name: string): PolkuError =>
  new PolkuError('FLOW_NOT_FOUND', { flow: name, actual: name, nearest: nearest(name, flowNames(workspace), 'flow') })

/** The file of the flow of this name, which is never a path. Throws FLOW_NOT_FOUND with the nearest name. */
export function flowFile(workspace: Workspace, name: string): string {
  const file = /^[a-z][a-z0-9-]{0,63}$/.test(name) ? existingFile(workspace, name) : undefined
  if (file === undefined) throw notFound(workspace, name)
  return file
}

/** The file that somebody at the command line means: the path of one, or the name of a flow. Throws FLOW_NOT_FOUND. */
export function flowFileAt(workspace: Workspace, pathOrName: string): string {
  const path = resolve(pathOrName)
  const file = /\.ya?ml$/.test(path) && existsSync(path) ? path : existingFile(workspace, pathOrName)
  if (file === undefined) throw notFound(workspace, pathOrName)
  return file
}

/** A text's version: what tells it from every other text of the flow. */
export const versionOf = (text: string): string => hashText(text).slice(0, 16)

const versionFolder = (root: string): string => join(root, '.polku', 'flows')

const versionFile = (root: string, flow: string, version: string): string =>
  join(versionFolder(root), `${flow}-${version}.yaml`)

/** Stores a flow's text where every worker finds it, whatever becomes of its file. */
export function storeVersion(workspace: Workspace, flow: string, text: string): void {
  const path = versionFile(workspace.root, flow, versionOf(text))
  if (!existsSync(path)) writeWhole(path, text, workspace.internal('tmp'))
}

/** The versions of a flow that are stored, the newest first. */
export function storedVersions({ root }: Workspace, flow: string): { version: string; storedAt: Date }[] {
  return list(versionFolder(root))
    .flatMap((file) => {
      const [, name, version] = /^(.+)-([0-9a-f]{16})\.yaml$/.exec(file) ?? []
      const state = name === flow ? statSync(join(versionFolder(root), file), { throwIfNoEntry: false }) : undefined
      return version && state ? [{ version, storedAt: state.mtime }] : []
    })
    .sort((left, right) => right.storedAt.getTime() - left.storedAt.getTime())
}

/** The file that holds this version of a flow: its own where that is unchanged. */
export function fileOfVersion(workspace: Pick<Workspace, 'root'>, flow: string, version: string): string {
  const own = ownFlowFile(workspace, flow)
  const text = textIfThere(own)
  return text !== undefined && versionOf(text) === version ? own : versionFile(workspace.root, flow, version)
}

/** A file's text; undefined where it is not there, or no more. */
export function textIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * What a client's own flows look like on the disk, by name: a sign that is cheap to look at many times. Where it is the
 * same the text is too; where it is another, the version tells whether the text has changed.
 */
export function ownFlowSigns(workspace: Pick<Workspace, 'root'>): Map<string, string> {
  const signs = new Map<string, string>()
  for (const name of ownFlowNames(workspace)) {
    const state = statSync(ownFlowFile(workspace, name), { throwIfNoEntry: false })
    if (/^[a-z][a-z0-9-]{0,63}$/.test(name) && state?.isFile())
      signs.set(name, `${state.mtimeMs} ${state.ctimeMs} ${state.size} ${state.ino}`)
  }
  return signs
}
