import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { list } from '../data/files.ts'
import { temporaryPath } from '../data/stale-temporary.ts'
import type { Workspace } from '../data/workspace.ts'
import { isSystemError } from '../errors/system-error.ts'
import { RunFolder } from '../run/folder.ts'
import type { Cleaning, StoredArtifact, StoredNotebook, StoredRun } from './holdings.ts'
import { usedAt } from './inventory.ts'

/** What was removed; less than planned where something has been used since. */
export interface Removed {
  readonly runs: readonly string[]
  readonly artifacts: number
  readonly notebooks: number
  readonly bytes: number
}

/** Removes what is to go, but for what has been used since it was looked at. Runs go first: a result without a run is found again. */
export async function remove(workspace: Workspace, { runs, artifacts, notebooks }: Cleaning): Promise<Removed> {
  const gone = {
    runs: await inTurns(runs, (run) => removeRun(workspace, run)),
    artifacts: await inTurns(artifacts, (artifact) => removeArtifact(workspace, artifact)),
    notebooks: await inTurns(notebooks, (notebook) => removeNotebook(workspace, notebook)),
  }
  const bytes = [...gone.runs, ...gone.artifacts, ...gone.notebooks].reduce((sum, one) => sum + one.bytes, 0)
  const { length: ofArtifacts } = gone.artifacts
  return { runs: gone.runs.map(({ id }) => id), artifacts: ofArtifacts, notebooks: gone.notebooks.length, bytes }
}

async function inTurns<One>(ones: readonly One[], removeOne: (one: One) => boolean): Promise<One[]> {
  const removed: One[] = []
  for (const one of ones) {
    if (removeOne(one)) removed.push(one)
    await turn()
  }
  return removed
}

/** Takes a path from its place at once: nobody sees half of it, and what a killed process leaves is swept. */
function removeWhole(workspace: Workspace, path: string): void {
  const away = temporaryPath(workspace.internal('tmp'), 'cleaned')
  renameSync(path, away)
  rmSync(away, { recursive: true, force: true })
}

function removeRun(workspace: Workspace, { id, status, writtenAt }: StoredRun): boolean {
  const folder = workspace.internal('runs', id)
  if (!existsSync(folder)) return false
  const times = list(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0)
  // Somebody goes on with it.
  if (new RunFolder(workspace, id).record?.status !== status || times.some((time) => time > writtenAt)) return false
  removeWhole(workspace, folder)
  return true
}

/**
 * Removes a result unless somebody has found it since. Who finds one marks it before reading `result.json`, without
 * which there is no result: so that goes first, and comes back where it was marked meanwhile. The tables do not move
 * until nobody can have found them.
 */
function removeArtifact(workspace: Workspace, { key, usedAt: usedBefore }: StoredArtifact): boolean {
  const folder = workspace.internal('artifacts', key.slice(0, 2), key)
  if (usedAt(folder) !== usedBefore) return false
  const result = join(folder, 'result.json')
  const going = join(folder, 'result.json.going')
  if (!existsSync(result)) {
    removeWhole(workspace, folder)
    return true
  }
  renameSync(result, going)
  if (statSync(going, { throwIfNoEntry: false })?.mtimeMs !== usedBefore) {
    putBack(going, result)
    return false
  }
  removeWhole(workspace, dirname(going))
  return true
}

/** Where another result has come to the place meanwhile, that one stays. */
function putBack(going: string, result: string): void {
  try {
    linkSync(going, result)
    rmSync(going)
  } catch (error) {
    if (!isSystemError(error, 'EEXIST', 'ENOENT')) throw error
  }
}

function removeNotebook(workspace: Workspace, { stem }: StoredNotebook): boolean {
  const folder = workspace.internal('notebooks', dirname(stem))
  const files = list(folder).filter((name) => join(dirname(stem), name.replace(/\.\w+$/, '')) === stem)
  for (const file of files) rmSync(join(folder, file), { force: true })
  return files.length > 0
}
