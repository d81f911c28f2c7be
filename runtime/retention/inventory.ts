import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { list, readIfThere } from '../data/files.ts'
import type { Workspace } from '../data/workspace.ts'
import { isSystemError } from '../errors/system-error.ts'
import { flowOf, RunFolder, runIds } from '../run/folder.ts'
import type { Holdings, StoredArtifact, StoredNotebook, StoredRun } from './holdings.ts'

/** After how many files others get their turn: the service answers meanwhile. */
const atOnce = 50

/** Looks at all that could be cleaned. Gives way to others in between. */
export async function takeInventory(workspace: Workspace): Promise<Holdings> {
  const artifacts: string[] = []
  for (const part of list(workspace.internal('artifacts')))
    for (const key of list(workspace.internal('artifacts', part))) artifacts.push(join(part, key))
  return {
    runs: await inTurns(runIds(workspace), (id) => storedRun(workspace, id)),
    artifacts: await inTurns(artifacts, (folder) => storedArtifact(workspace.internal('artifacts', folder))),
    notebooks: await inTurns(list(workspace.internal('notebooks')), (name) => storedNotebooks(workspace, name)),
  }
}

async function inTurns<Item>(names: readonly string[], look: (name: string) => readonly Item[]): Promise<Item[]> {
  const items: Item[] = []
  for (const [index, name] of names.entries()) {
    items.push(...look(name))
    if (index % atOnce === atOnce - 1) await turn()
  }
  return items
}

interface FileState {
  readonly name: string
  readonly bytes: number
  readonly at: number
}

/** The files in a folder; of those that vanish meanwhile, nothing. */
const filesIn = (folder: string): FileState[] =>
  list(folder).flatMap((name) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false })
    return stat?.isFile() ? [{ name, bytes: stat.size, at: stat.mtimeMs }] : []
  })

const bytesOf = (files: readonly FileState[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0)
const latest = (files: readonly FileState[], otherwise: string): number =>
  files.length > 0
    ? Math.max(...files.map(({ at }) => at))
    : (statSync(otherwise, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY)

function storedRun(workspace: Workspace, id: string): StoredRun[] {
  const folder = workspace.internal('runs', id)
  const files = filesIn(folder)
  const { record } = new RunFolder(workspace, id)
  const keys = record?.steps.flatMap(({ key }) => (key === '' ? [] : [key])) ?? []
  const writtenAt = latest(files, folder)
  return [{ id, flow: record?.flow ?? flowOf(id), status: record?.status, writtenAt, bytes: bytesOf(files), keys }]
}

/** When a stored result was made or last found, in ms since 1970; of a broken one, when it was made. */
export const usedAt = (folder: string): number | undefined =>
  (statSync(join(folder, 'result.json'), { throwIfNoEntry: false }) ?? statSync(folder, { throwIfNoEntry: false }))
    ?.mtimeMs

function storedArtifact(folder: string): StoredArtifact[] {
  const at = usedAt(folder)
  if (at === undefined) return []
  const models = readIfThere<{ models?: readonly string[] }>(join(folder, 'result.json'))?.models ?? []
  return [{ key: basename(folder), usedAt: at, bytes: bytesOf(filesIn(folder)), models }]
}

/** The notebooks of one name; the newest is left out, and so stays. */
function storedNotebooks(workspace: Workspace, name: string): StoredNotebook[] {
  const byPlace = Map.groupBy(filesIn(workspace.internal('notebooks', name)), (file) => file.name.replace(/\.\w+$/, ''))
  return [...byPlace.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .slice(0, -1)
    .map(([stem, files]) => ({ stem: join(name, stem), writtenAt: latest(files, ''), bytes: bytesOf(files) }))
}

/** What all of a client's files take, links not followed. Gives way to others in between. */
export async function measure(workspace: Workspace): Promise<number> {
  let bytes = 0
  const folders = [workspace.root]
  for (let count = 0, folder = folders.pop(); folder !== undefined; folder = folders.pop(), count += 1) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else if (entry.isFile()) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
    }
    if (count % atOnce === atOnce - 1) await turn()
  }
  return bytes
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    // Others remove folders meanwhile.
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}
