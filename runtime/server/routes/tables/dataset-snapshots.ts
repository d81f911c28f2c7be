import { join } from 'node:path'
import type { Column } from '../../../../nodes/node.ts'
import { list, readIfThere } from '../../../data/files.ts'
import { isName } from '../../../data/names.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'

/** A snapshot as its manifest tells of it. */
interface Snapshot {
  readonly snapshot: number
  readonly key: string
  readonly asOf: string
  readonly rows: number
  readonly columns: readonly Column[]
  /** The Parquet file beside the manifest. */
  readonly file: string
}

const manifest = /^\d{6}\.json$/

/** The names of a client's datasets. */
export const datasetNames = (workspace: Workspace): string[] =>
  list(workspace.internal('datasets')).filter((name) => isName(name) && snapshotFiles(workspace, name).length > 0)

const snapshotFiles = (workspace: Workspace, dataset: string): string[] =>
  list(workspace.internal('datasets', dataset)).filter((file) => manifest.test(file))

/** The snapshots of a dataset, the oldest first. Throws DATASET_UNKNOWN. */
export function snapshotsOf(workspace: Workspace, dataset: string): Snapshot[] {
  const folder = workspace.internal('datasets', dataset)
  const found = snapshotFiles(workspace, dataset).flatMap((file) => readIfThere<Snapshot>(join(folder, file)) ?? [])
  if (found.length > 0) return found
  throw new PolkuError('DATASET_UNKNOWN', {
    ...{ dataset, found: dataset },
    nearest: nearest(dataset, datasetNames(workspace), 'dataset'),
  })
}

/** One snapshot, or those of what was known up to a date. Throws DATASET_UNKNOWN, SNAPSHOT_UNKNOWN. */
export function chosenSnapshots(
  workspace: Workspace,
  dataset: string,
  { snapshot, asOf }: { readonly snapshot?: number; readonly asOf?: string },
): { readonly columns: readonly Column[]; readonly chosen: readonly Snapshot[] } {
  const all = snapshotsOf(workspace, dataset)
  const chosen = all.filter(
    (each) => (snapshot === undefined || each.snapshot === snapshot) && (asOf === undefined || each.asOf <= asOf),
  )
  if (snapshot !== undefined && chosen.length === 0) throw new PolkuError('SNAPSHOT_UNKNOWN', { dataset })
  return { columns: all.at(-1)?.columns ?? [], chosen }
}
