import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type ts from 'typescript'
import { hashText } from '../../../data/files.ts'
import { cacheFolder, polkuVersion, projectRoot } from '../../../data/installation.ts'

/** What the script of a snapshot needs to know. */
export interface SnapshotPlan {
  readonly options: ts.CompilerOptions
  /** The notebook's folder, as if. */
  readonly folder: string
  readonly roots: readonly string[]
  /** All that the roots need, with the text of those that are not as on disk. */
  readonly files: readonly { readonly path: string; readonly version: string; readonly text?: string }[]
  /** By folder and name; null for what was not found. */
  readonly resolutions: readonly (readonly [string, ts.ResolvedModuleFull | null])[]
  /** TypeScript's own library. */
  readonly library: string
  /** What runs when the snapshot is started. */
  readonly main: string
  /** The folder of compiled code. */
  readonly cache: string
}

const folder = join(cacheFolder, 'checker')

/** The snapshot for what is installed now; null where it has not been made. */
export function readySnapshot(): string | null {
  const file = snapshotFile()
  return file !== undefined && existsSync(file) ? file : null
}

/**
 * The file of the snapshot for what is installed now, there or not; undefined where it cannot be told what is
 * installed. A source of Polku's that was changed since is parsed anew.
 */
export function snapshotFile(): string | undefined {
  const installed = join(projectRoot, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return undefined
  const entry = readFileSync(new URL('./snapshot-entry.ts', import.meta.url), 'utf8')
  const parts = [process.version, process.arch, polkuVersion, projectRoot, readFileSync(installed, 'utf8'), entry]
  return join(folder, `${hashText(JSON.stringify(parts)).slice(0, 16)}.blob`)
}
