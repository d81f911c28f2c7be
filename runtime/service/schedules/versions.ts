import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../data/files.ts'
import { hashText } from '../../data/hash.ts'
import type { Workspace } from '../../data/workspace.ts'
import { isSystemError } from '../../errors/system-error.ts'

/** What tells one text of a flow from another. */
export const versionOf = (text: string): string => hashText(text).slice(0, 16)

const versionPath = (root: string, flow: string, version: string): string =>
  join(root, '.polku', 'flows', `${flow}-${version}.yaml`)

/** Stores a flow's text where every worker finds it, whatever becomes of its file. */
export function storeVersion(workspace: Workspace, flow: string, text: string): void {
  const path = versionPath(workspace.root, flow, versionOf(text))
  if (!existsSync(path)) writeWhole(path, text, workspace.internal('tmp'))
}

/** The file that holds this version of a flow: its own where that is unchanged. */
export function fileOfVersion(root: string, flow: string, version: string): string {
  const own = join(root, 'flows', `${flow}.yaml`)
  try {
    if (versionOf(readFileSync(own, 'utf8')) === version) return own
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
  return versionPath(root, flow, version)
}
