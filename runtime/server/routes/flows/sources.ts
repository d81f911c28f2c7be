import { mkdirSync, readFileSync } from 'node:fs'
import {
  fileOfVersion,
  flowFile,
  flowNames,
  ownFlowFile,
  ownFlowFolder,
  storedVersions,
  storeVersion,
  textIfThere,
  versionOf,
} from '../../../catalogue/flow-files.ts'
import { writeWhole } from '../../../data/files.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { asPolkuError, PolkuError, PolkuErrors } from '../../../errors/errors.ts'
import type { ProblemRecord } from '../../../errors/problem.ts'
import { readFlow } from '../../../flow/read-flow.ts'
import type { Flow } from '../../../flow/schema.ts'

const mostVersions = 50

/** A flow's text: as its file is now, or a version that was saved. Throws FLOW_NOT_FOUND, FLOW_VERSION_UNKNOWN. */
export function readText(workspace: Workspace, flow: string, version?: string): string {
  if (version === undefined) return readFileSync(flowFile(workspace, flow), 'utf8')
  const text = textIfThere(fileOfVersion(workspace, flow, version))
  if (text !== undefined && versionOf(text) === version) return text
  const current = readFileSync(flowFile(workspace, flow), 'utf8')
  if (versionOf(current) === version) return current
  throw new PolkuError('FLOW_VERSION_UNKNOWN', { flow, version })
}

/** A text's content, or what is wrong with its shape. */
export function shapeOf(
  workspace: Workspace,
  flow: string,
  text: string,
): { readonly shape?: Flow; readonly problems: readonly ProblemRecord[] } {
  try {
    return {
      shape: readFlow(text, workspace.relative(ownFlowFile(workspace, flow))).flow,
      problems: [],
    }
  } catch (error) {
    if (error instanceof PolkuErrors) return { problems: error.errors.map((each) => each.toProblem()) }
    if (error instanceof PolkuError) return { problems: [error.toProblem()] }
    throw error
  }
}

/** The newest of the versions of a flow that were saved. */
export const savedVersions = (workspace: Workspace, flow: string): { version: string; savedAt: string }[] =>
  storedVersions(workspace, flow)
    .slice(0, mostVersions)
    .map(({ version, storedAt }) => ({ version, savedAt: storedAt.toISOString() }))

/**
 * Replaces the text of a client's flow and keeps both it and the one before. Throws FLOW_CHANGED where the flow
 * is not at `basedOn` (null: not there), PATH_OUTSIDE, DISK_FULL, WORKSPACE_NOT_WRITABLE.
 */
export function storeText(workspace: Workspace, flow: string, text: string, basedOn: string | null | undefined): void {
  const file = workspace.resolve(`flows/${flow}.yaml`)
  const before = flowNames(workspace).includes(flow) ? readText(workspace, flow) : undefined
  const at = before === undefined ? null : versionOf(before)
  if (basedOn !== undefined && basedOn !== at)
    throw new PolkuError('FLOW_CHANGED', { flow, actual: at ?? 'no version' })
  try {
    workspace.prepare()
    mkdirSync(ownFlowFolder(workspace), { recursive: true })
    if (before !== undefined) storeVersion(workspace, flow, before)
    storeVersion(workspace, flow, text)
    writeWhole(file, text, workspace.internal('tmp'))
  } catch (error) {
    throw asPolkuError(error, `flows/${flow}.yaml`)
  }
}
