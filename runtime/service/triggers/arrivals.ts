import { statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { list } from '../../data/files.ts'
import { hashFile } from '../../data/hash.ts'
import type { Workspace } from '../../data/workspace.ts'
import { PolkuError } from '../../errors/errors.ts'
import { watchedFolder } from '../../flow/automation.ts'
import { fitsPattern } from '../../flow/flow-effects.ts'
import type { FlowTrigger } from '../../flow/schema.ts'
import type { Queries } from '../database/database.ts'
import type { FlowState } from '../schedules/flow-state.ts'
import type { Start } from '../schedules/start.ts'

/** How long a file must not have changed, in ms, where the trigger does not say. */
const quietFor = 10_000
/** How many files start runs at once; the next look takes the next ones. */
const atOnce = 100
/** Names of files that programs still write. */
const unfinished = /^\.|~$|\.(part|partial|tmp|temp|filepart|crdownload)$/i

/** A file that is whole, with its content once. */
export interface Arrival {
  readonly path: string
  readonly hash: string
  /** What the file looked like. */
  readonly state: string
  readonly start: Start
}

/** Watches folders of workspaces for files that are complete: they have stayed the same for a while. */
export class Arrivals {
  /** What each file has looked like since when. */
  readonly #watched = new Map<string, { readonly state: string; readonly since: number }>()

  /** The files that have arrived for a trigger of a flow and have not been dealt with. Notes them with `dealtWith`. */
  async look(
    queries: Queries,
    flow: FlowState,
    trigger: FlowTrigger,
    workspace: Workspace,
    now: number,
  ): Promise<Arrival[]> {
    const rows = await queries.query<{ path: string; hash: string; state: string }>(
      'select path, hash, state from polku.arrival where client = $1 and flow = $2 order by at',
      [flow.client, flow.flow],
    )
    const states = new Map(rows.map(({ path, state }) => [path, state]))
    const arrivals: Arrival[] = []
    for (const path of candidates(workspace, trigger)) {
      const state = fileState(workspace, path)
      if (state === undefined || states.get(path) === state) continue
      if (!this.#isQuiet(`${flow.client}/${flow.flow}/${path}`, state, (trigger.quiet ?? quietFor / 1000) * 1000, now))
        continue
      const hash = (await hashFile(workspace.resolve(path))).slice(0, 32)
      if (fileState(workspace, path) !== state) continue
      const arrival = { path, hash, state, start: startOf(flow.flow, trigger, workspace, { path, hash }, now) }
      // Touched, but with the content that it had: nothing new.
      if (rows.some((row) => row.path === path && row.hash === hash))
        await this.dealtWith(queries, flow, arrival, undefined, now)
      else arrivals.push(arrival)
      if (arrivals.length === atOnce) break
    }
    return arrivals
  }

  #isQuiet(key: string, state: string, quiet: number, now: number): boolean {
    const watched = this.#watched.get(key)
    // A clock that was set back begins the wait anew.
    if (watched?.state === state && watched.since <= now) return now - watched.since >= quiet
    this.#watched.set(key, { state, since: now })
    return false
  }

  /** Notes that a file has been dealt with, by a run where one was started. */
  async dealtWith(
    queries: Queries,
    flow: FlowState,
    arrival: Arrival,
    run: string | undefined,
    now: number,
  ): Promise<void> {
    await queries.query(
      `insert into polku.arrival (client, flow, path, hash, state, run, at) values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (client, flow, path, hash) do update set state = excluded.state, at = excluded.at`,
      [flow.client, flow.flow, arrival.path, arrival.hash, arrival.state, run ?? null, new Date(now)],
    )
    this.#watched.delete(`${flow.client}/${flow.flow}/${arrival.path}`)
  }
}

const candidates = (workspace: Workspace, trigger: FlowTrigger): string[] => {
  const { folder, pattern } = watchedFolder(trigger)
  return list(join(workspace.root, folder))
    .filter((name) => !unfinished.test(name) && fitsPattern(name, pattern))
    .map((name) => posix.join(folder, name))
}

/** What tells a changed file from the same; undefined for what is no file of the workspace. */
function fileState(workspace: Workspace, path: string): string | undefined {
  try {
    const stat = statSync(workspace.resolve(path), { throwIfNoEntry: false })
    return stat?.isFile() ? `${stat.size} ${stat.mtimeMs} ${stat.ino}` : undefined
  } catch (error) {
    // A link that leads out of the workspace, or a name that cannot be a path of a flow.
    if (error instanceof PolkuError) return undefined
    throw error
  }
}

const startOf = (
  flow: string,
  { param }: FlowTrigger,
  workspace: Workspace,
  { path, hash }: Pick<Arrival, 'path' | 'hash'>,
  now: number,
): Start => ({
  key: `file:${flow}:${path}:${hash}`,
  params: param === undefined ? {} : { [param]: path },
  asOf: workspace.today(now),
  trigger: { kind: 'file', by: path },
})
