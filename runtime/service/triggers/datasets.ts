import { join } from 'node:path'
import { list, readIfThere } from '../../data/files.ts'
import type { Workspace } from '../../data/workspace.ts'
import type { Start } from '../schedules/start.ts'

/** How many snapshots start runs at once; the next look takes the next ones. */
const atOnce = 100

interface Followed {
  readonly starts: readonly Start[]
  /** How far the trigger has been followed then. */
  readonly cursor: string
}

const fileOf = (number: number): string => `${String(number).padStart(6, '0')}.json`

/** The numbers of the snapshots that a dataset has, the first first. */
const snapshotsOf = (workspace: Workspace, dataset: string): number[] =>
  list(workspace.internal('datasets', dataset)).flatMap((file) => Number(/^(\d{6})\.json$/.exec(file)?.[1] ?? []))

/** The last of the snapshots that a new trigger passes over. */
export const newSnapshotCursor = (workspace: Workspace, dataset: string): string =>
  String(Math.max(0, ...snapshotsOf(workspace, dataset)))

/** The starts of a flow by snapshots that a dataset has beyond `cursor`, each with the snapshot's as-of date. */
export function snapshotStarts(workspace: Workspace, flow: string, dataset: string, cursor: string): Followed {
  const numbers = snapshotsOf(workspace, dataset)
  const fresh = numbers.filter((number) => number > Number(cursor)).slice(0, atOnce)
  const starts = fresh.flatMap((number): Start[] => {
    const manifest = readIfThere<{ asOf: string }>(join(workspace.internal('datasets', dataset), fileOf(number)))
    if (!manifest) return []
    const key = `dataset:${flow}:${dataset}:${number}`
    return [{ key, asOf: manifest.asOf, trigger: { kind: 'dataset', by: `${dataset} ${number}` } }]
  })
  return { starts, cursor: String(fresh.at(-1) ?? cursor) }
}
