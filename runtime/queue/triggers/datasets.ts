import { join } from 'node:path'
import { list, readIfThere } from '../../data/files.ts'
import type { Workspace } from '../../data/workspace.ts'
import type { Start } from '../schedules/start.ts'

/** How many snapshots start runs at once; the next look takes the next ones. */
const atOnce = 100

export interface Followed {
  readonly starts: readonly Start[]
  /** How far the trigger has been followed then. */
  readonly mark: string
}

/**
 * The starts of a flow by snapshots that a dataset has beyond `mark`, each with the snapshot's as-of date. Without a
 * mark the trigger is new, and what is there already starts nothing.
 */
export function snapshotStarts(
  workspace: Workspace,
  flow: string,
  dataset: string,
  mark: string | undefined,
): Followed {
  const folder = workspace.internal('datasets', dataset)
  const numbers = list(folder).flatMap((file) => Number(/^(\d{6})\.json$/.exec(file)?.[1] ?? []))
  if (mark === undefined) return { starts: [], mark: String(Math.max(0, ...numbers)) }
  const fresh = numbers.filter((number) => number > Number(mark)).slice(0, atOnce)
  const starts = fresh.flatMap((number): Start[] => {
    const manifest = readIfThere<{ asOf: string }>(join(folder, `${String(number).padStart(6, '0')}.json`))
    if (!manifest) return []
    const key = `dataset:${flow}:${dataset}:${number}`
    return [{ key, asOf: manifest.asOf, trigger: { kind: 'dataset', by: `${dataset} ${number}` } }]
  })
  return { starts, mark: String(fresh.at(-1) ?? mark) }
}
