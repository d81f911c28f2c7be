import type {
  Cleaning,
  Holdings,
  Needed,
  RetentionLimits,
  StoredArtifact,
  StoredNotebook,
  StoredRun,
} from './holdings.ts'

const day = 86_400_000
/** A run that says it goes on and has not written for so long has been abandoned, in ms. */
const abandonedAfter = 7 * day

type Item =
  | { readonly kind: 'run'; readonly at: number; readonly run: StoredRun }
  | { readonly kind: 'artifact'; readonly at: number; readonly artifact: StoredArtifact }
  | { readonly kind: 'notebook'; readonly at: number; readonly notebook: StoredNotebook }

/**
 * What of a workspace goes at `now`, in ms since 1970: what is older than `days`, and then the oldest until the rest
 * takes at most `gigabytes`. What is needed stays, if that is more; so does the newest run of each flow that was done,
 * and every result of a run that stays.
 */
export function planCleaning(holdings: Holdings, needed: Needed, limits: RetentionLimits, now: number): Cleaning {
  const sweep = new Sweep(holdings, needed)
  const items = itemsOf(holdings, retainedRuns(holdings.runs, needed, now), needed)
  const oldest = limits.days === undefined ? Number.NEGATIVE_INFINITY : now - limits.days * day
  const most = limits.gigabytes === undefined ? Number.POSITIVE_INFINITY : limits.gigabytes * 1e9
  for (const item of items) if (item.at < oldest) sweep.remove(item, oldest)
  for (const item of items) if (sweep.bytes > most) sweep.remove(item, Number.POSITIVE_INFINITY)
  return sweep.cleaning
}

/** Everything that could go, the oldest first; runs before results, which go with the last run that has them. */
function itemsOf({ runs, artifacts, notebooks }: Holdings, retained: ReadonlySet<string>, needed: Needed): Item[] {
  const items: Item[] = [
    ...runs.filter(({ id }) => !retained.has(id)).map((run): Item => ({ kind: 'run', at: run.writtenAt, run })),
    ...notebooks
      .filter(({ stem }) => !needed.notebooks.has(stem))
      .map((notebook): Item => ({ kind: 'notebook', at: notebook.writtenAt, notebook })),
    ...artifacts.map((artifact): Item => ({ kind: 'artifact', at: artifact.usedAt, artifact })),
  ]
  return items.sort(
    (left, right) => left.at - right.at || Number(left.kind === 'artifact') - Number(right.kind === 'artifact'),
  )
}

/** Runs that stay whatever their age. */
function retainedRuns(runs: readonly StoredRun[], needed: Needed, now: number): Set<string> {
  const newest = new Map<string, StoredRun>()
  for (const run of runs)
    if (run.status === 'done' && run.id > (newest.get(run.flow)?.id ?? '')) newest.set(run.flow, run)
  const isRunning = ({ status, writtenAt }: StoredRun) =>
    (status === 'running' || status === undefined) && now - writtenAt < abandonedAfter
  const retained = new Set(needed.runs)
  for (const { id } of newest.values()) retained.add(id)
  for (const run of runs) if (isRunning(run)) retained.add(run.id)
  // What a run began belongs to its report.
  for (const { id } of runs) if (ancestors(id, needed.parents).some((parent) => retained.has(parent))) retained.add(id)
  return retained
}

function ancestors(id: string, parents: ReadonlyMap<string, string>): string[] {
  const ids: string[] = []
  for (let parent = parents.get(id); parent !== undefined && !ids.includes(parent); parent = parents.get(parent))
    ids.push(parent)
  return ids
}

/** What goes, as it is decided. */
class Sweep {
  readonly #needed: Needed
  readonly #artifacts: ReadonlyMap<string, StoredArtifact>
  /** How many runs that stay have each result. */
  readonly #uses = new Map<string, number>()
  readonly #runs = new Set<StoredRun>()
  readonly #gone = new Set<StoredArtifact>()
  readonly #notebooks = new Set<StoredNotebook>()
  #freed = 0
  /** What the rest takes. */
  bytes: number

  constructor({ runs, artifacts, notebooks }: Holdings, needed: Needed) {
    this.#needed = needed
    this.#artifacts = new Map(artifacts.map((artifact) => [artifact.key, artifact]))
    for (const { keys } of runs) for (const key of new Set(keys)) this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1)
    this.bytes = [...runs, ...artifacts, ...notebooks].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get cleaning(): Cleaning {
    return { runs: [...this.#runs], artifacts: [...this.#gone], notebooks: [...this.#notebooks], bytes: this.#freed }
  }

  /** Lets an item go, and with a run its results that no other has, where they were last used before `oldest`. */
  remove(item: Item, oldest: number): void {
    if (item.kind === 'run') this.#removeRun(item.run, oldest)
    else if (item.kind === 'artifact') this.#removeArtifact(item.artifact)
    else this.#free(this.#notebooks, item.notebook)
  }

  #removeRun(run: StoredRun, oldest: number): void {
    if (!this.#free(this.#runs, run)) return
    for (const key of new Set(run.keys)) {
      this.#uses.set(key, (this.#uses.get(key) ?? 1) - 1)
      const artifact = this.#artifacts.get(key)
      if (artifact && artifact.usedAt < oldest) this.#removeArtifact(artifact)
    }
  }

  #removeArtifact(artifact: StoredArtifact): void {
    const uses = this.#uses.get(artifact.key)
    const { usedSince, usedSinceWithoutRun } = this.#needed
    const isUsed = (uses ?? 0) > 0 || artifact.usedAt >= (uses === undefined ? usedSinceWithoutRun : usedSince)
    if (!isUsed && !this.#needed.artifacts.has(artifact.key)) this.#free(this.#gone, artifact)
  }

  #free<One extends { readonly bytes: number }>(gone: Set<One>, one: One): boolean {
    if (gone.has(one)) return false
    gone.add(one)
    this.#freed += one.bytes
    this.bytes -= one.bytes
    return true
  }
}
