import { readFileSync } from 'node:fs'
import { fileOfVersion, flowFile } from '../../catalogue/flow-files.ts'
import type { Workspace } from '../../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { isSystemError } from '../../errors/system-error.ts'
import type { RunRow } from '../queue/run.ts'

/** Whether the flow of a run names a notebook: its process may then start kernels. */
export function usesNotebooks(workspace: Workspace, { flow, version }: Pick<RunRow, 'flow' | 'version'>): boolean {
  try {
    const path = version === null ? flowFile(workspace, flow) : fileOfVersion(workspace, flow, version)
    return /\bnotebook\//.test(readFileSync(path, 'utf8'))
  } catch (error) {
    // The run itself will say what is wrong with its flow.
    if (error instanceof PolkuError || error instanceof PolkuErrors) return false
    if (isSystemError(error, 'ENOENT')) return false
    throw error
  }
}
