import { statSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import { list, readIfThere } from '../data/files.ts'
import { removeStaleTemporary } from '../data/stale-temporary.ts'
import type { Workspace } from '../data/workspace.ts'
import { ModelRegistry } from '../model/registry.ts'
import type { Holdings, Needed } from './holdings.ts'

/**
 * For how long a result that was found stays, in ms. By then the record of a run that uses it says so; a notebook that
 * goes on leaves no record.
 */
const grace = 3_600_000
const graceWithoutRun = 86_400_000
/** A result that was found lately is not marked anew each time; see ArtifactStore. In ms. */
const unmarkedFor = 600_000

/** What the service knows of runs besides; none where it is not there. */
export interface RunIndex {
  /** Runs that have not ended, and those that others are known by. */
  readonly open: ReadonlySet<string>
  readonly parents: ReadonlyMap<string, string>
}

/** What of a workspace must stay, as it is now. */
export function neededOf(workspace: Workspace, { runs, artifacts }: Holdings, runIndex: RunIndex, now: number): Needed {
  const needed = { runs: new Set(runIndex.open), artifacts: new Set<string>(), notebooks: new Set<string>() }
  const registry = new ModelRegistry(join(workspace.root, 'models'))
  const keysOf = new Map(artifacts.flatMap(({ key, models }) => models.map((model) => [model, key] as const)))
  for (const name of registry.names)
    for (const version of registry.versions(name)) {
      for (const path of pathsBehind(workspace, registry, name, version)) need(needed, path)
      const key = keysOf.get(`${name}@${version}`)
      if (key === undefined || isRetired(registry, name, version)) continue
      // A model is approved on the report of a run that trained it.
      needed.artifacts.add(key)
      const trained = runs.findLast(({ keys }) => keys.includes(key))
      if (trained) needed.runs.add(trained.id)
    }
  const since = notebooksSince(workspace) - unmarkedFor
  return {
    ...needed,
    parents: runIndex.parents,
    usedSince: Math.min(now - grace, since),
    usedSinceWithoutRun: Math.min(now - graceWithoutRun, since),
  }
}

const isRetired = (registry: ModelRegistry, name: string, version: number): boolean =>
  registry.stages(name).findLast((event) => event.version === version)?.stage === 'retired'

/** The files that approvals of a version and its own card name, relative to the workspace, and the run that made it. */
function pathsBehind(workspace: Workspace, registry: ModelRegistry, name: string, version: number): string[] {
  const folder = join(workspace.root, 'models', name, String(version))
  const evidence = registry
    .stages(name)
    .flatMap((event) => (event.version === version && 'evidence' in event ? event.evidence : []))
  const run = readIfThere<{ run?: unknown }>(join(folder, 'published.json'))?.run
  const { notebook, data } = readIfThere<Card>(join(folder, 'model.json'))?.card?.provenance ?? {}
  const named = [notebook, ...(Array.isArray(data) ? data : [])] as ({ path?: unknown } | undefined)[] // looked at below
  return [...evidence, ...named]
    .map((file) => file?.path)
    .filter((path) => typeof path === 'string')
    .map((path) => (isAbsolute(path) ? relative(workspace.root, path) : path))
    .concat(typeof run === 'string' ? [join('.polku', 'runs', run)] : [])
}

interface Card {
  readonly card?: { readonly provenance?: { readonly notebook?: unknown; readonly data?: unknown } }
}

/** Adds what a path in `.polku` is of. */
function need(needed: { runs: Set<string>; artifacts: Set<string>; notebooks: Set<string> }, path: string): void {
  const [folder, room, first, second] = path.split(sep)
  if (folder !== '.polku' || first === undefined) return
  if (room === 'runs') needed.runs.add(first)
  if (room === 'artifacts' && second !== undefined) needed.artifacts.add(second)
  if (room === 'notebooks' && second !== undefined) needed.notebooks.add(join(first, second.replace(/\.\w+$/, '')))
}

/** Since when the longest of the notebooks goes on that work in the workspace now, in ms since 1970. */
function notebooksSince(workspace: Workspace): number {
  const folder = workspace.internal('tmp')
  removeStaleTemporary(folder)
  const since = list(folder)
    .filter((name) => name.startsWith('.notebook-'))
    .flatMap((name) => statSync(join(folder, name), { throwIfNoEntry: false }) ?? [])
  return Math.min(Number.POSITIVE_INFINITY, ...since.map(({ birthtimeMs, mtimeMs }) => birthtimeMs || mtimeMs))
}
