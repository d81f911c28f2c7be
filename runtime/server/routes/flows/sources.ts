import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { list, writeWhole } from '../../../data/files.ts'
import { projectRoot } from '../../../data/installation.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { known, PolkuError, PolkuErrors } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import type { ProblemRecord } from '../../../errors/problem.ts'
import { readFlow } from '../../../flow/read-flow.ts'
import type { Flow } from '../../../flow/schema.ts'
import { flowNames } from '../../../service/flow-files.ts'
import { fileOfVersion, storeVersion, versionOf } from '../../../service/schedules/versions.ts'

const mostVersions = 50

/** A flow's text: as its file is now, or a version that was saved. Throws FLOW_NOT_FOUND, FLOW_VERSION_UNKNOWN. */
export function readText(workspace: Workspace, flow: string, version?: string): string {
  const files = [workspace.root, projectRoot].map((root) => join(root, 'flows', `${flow}.yaml`))
  const candidates = version === undefined ? undefined : [fileOfVersion(workspace.root, flow, version), ...files]
  for (const file of candidates ?? files) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    if (text !== undefined && (version === undefined || versionOf(text) === version)) return text
  }
  const names = flowNames(workspace)
  if (version !== undefined && names.includes(flow)) throw new PolkuError('FLOW_VERSION_UNKNOWN', { flow, version })
  throw new PolkuError('FLOW_NOT_FOUND', { flow, found: flow, nearest: nearest(flow, names, 'flow') })
}

/** A text's content, or what is wrong with its shape. */
export function shapeOf(
  workspace: Workspace,
  flow: string,
  text: string,
): { readonly shape?: Flow; readonly problems: readonly ProblemRecord[] } {
  try {
    return {
      shape: readFlow(text, workspace.relative(join(workspace.root, 'flows', `${flow}.yaml`))).flow,
      problems: [],
    }
  } catch (error) {
    if (error instanceof PolkuErrors) return { problems: error.errors.map((each) => each.toProblem()) }
    if (error instanceof PolkuError) return { problems: [error.toProblem()] }
    throw error
  }
}

/** The versions of a flow that were saved, the newest first. */
export function savedVersions(workspace: Workspace, flow: string): { version: string; savedAt: string }[] {
  const folder = workspace.internal('flows')
  return list(folder)
    .flatMap((file) => {
      const [, name, version] = /^(.+)-([0-9a-f]{16})\.yaml$/.exec(file) ?? []
      const state = name === flow ? statSync(join(folder, file), { throwIfNoEntry: false }) : undefined
      return version && state ? [{ version, savedAt: state.mtime.toISOString() }] : []
    })
    .sort((left, right) => (left.savedAt < right.savedAt ? 1 : -1))
    .slice(0, mostVersions)
}

/**
 * Replaces the text of a client's flow and keeps both it and the one before. Throws FLOW_CHANGED where the flow
 * is not at `basedOn` (null: not there), PATH_OUTSIDE, DISK_FULL, WORKSPACE_NOT_WRITABLE.
 */
export function storeText(workspace: Workspace, flow: string, text: string, basedOn: string | null | undefined): void {
  const file = workspace.resolve(`flows/${flow}.yaml`)
  const before = flowNames(workspace).includes(flow) ? readText(workspace, flow) : undefined
  const at = before === undefined ? null : versionOf(before)
  if (basedOn !== undefined && basedOn !== at) throw new PolkuError('FLOW_CHANGED', { flow, found: at ?? 'no version' })
  try {
    workspace.prepare()
    mkdirSync(join(workspace.root, 'flows'), { recursive: true })
    if (before !== undefined) storeVersion(workspace, flow, before)
    storeVersion(workspace, flow, text)
    writeWhole(file, text, workspace.internal('tmp'))
  } catch (error) {
    throw known(error, `flows/${flow}.yaml`)
  }
}
