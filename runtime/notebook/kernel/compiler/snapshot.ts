import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type ts from 'typescript'
import { hashText } from '../../../data/hash.ts'
import { cacheFolder, polkuVersion, projectRoot } from '../../../data/installation.ts'
import { isSystemError } from '../../../errors/system-error.ts'

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
  const ingredients = [process.version, process.arch, polkuVersion, projectRoot, readFileSync(installed, 'utf8'), entry]
  return join(folder, `${hashText(JSON.stringify(ingredients)).slice(0, 16)}.blob`)
}

/** The file that is there while a process makes a snapshot: it holds the process's id. */
export const lockOf = (snapshot: string): string => `${snapshot}.lock`

/** Whether a process that lives has the lock. */
export function isHeld(lock: string): boolean {
  if (!existsSync(lock)) return false
  const holder = Number(readFileSync(lock, 'utf8'))
  // Just made, and not written yet.
  return !(holder > 0) || isAlive(holder)
}

/** Whether there is a process of that id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH'
  }
}

/** Takes the lock, also that of a process which died; false where another lives. Makes its folder. */
export function takeLock(lock: string): boolean {
  mkdirSync(dirname(lock), { recursive: true })
  if (existsSync(lock) && !isHeld(lock)) rmSync(lock, { force: true })
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false
    throw error
  }
}
