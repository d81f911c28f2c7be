import { join } from 'node:path'
import { Type } from 'typebox'
import type { Column } from '../../../../nodes/node.ts'
import { list, readIfThere } from '../../../data/files.ts'
import { isName } from '../../../data/names.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import { workspaceOf } from '../../access/clients.ts'
import { everyRole } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { numberKey, pageOf } from '../../http/pages.ts'
import { listOf, name, object, ofClient, orNull, page, text } from '../../http/schemas.ts'

const columns = Type.Array(object({ name: text, type: text }))

const datasetAnswer = object({
  name,
  snapshots: Type.Integer(),
  rows: Type.Integer({ description: 'Of all snapshots' }),
  asOf: orNull(Type.String({ description: 'The date of the newest snapshot' })),
  columns,
})

const listDatasets = endpoint({
  name: 'listDatasets',
  method: 'GET',
  url: '/clients/:client/datasets',
  tag: 'datasets',
  summary: 'A client’s datasets',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(datasetAnswer),
  handle: async ({ service, params: { client }, query }) => {
    const workspace = workspaceOf(service, client)
    const { items, next } = pageOf(datasetNames(workspace), query, (name) => name)
    const answers = items.map((name) => {
      const all = snapshotsOf(workspace, name)
      const last = all.at(-1)
      return {
        ...{ name, snapshots: all.length, asOf: last?.asOf ?? null, columns: columnsOf(last?.columns) },
        rows: all.reduce((sum, { rows }) => sum + rows, 0),
      }
    })
    return { items: answers, next }
  },
})

const listSnapshots = endpoint({
  name: 'listSnapshots',
  method: 'GET',
  url: '/clients/:client/datasets/:dataset/snapshots',
  tag: 'datasets',
  summary: 'The snapshots of a dataset, the newest first',
  allow: everyRole,
  params: object({ ...ofClient.properties, dataset: name }),
  query: page,
  answer: listOf(
    object({
      snapshot: Type.Integer(),
      key: Type.String({ description: 'What made it, once' }),
      asOf: text,
      rows: Type.Integer(),
      columns,
    }),
  ),
  handle: async ({ service, params: { client, dataset }, query }) => {
    const all = snapshotsOf(workspaceOf(service, client), dataset).reverse()
    const { items, next } = pageOf(all, query, (each) => numberKey(each.snapshot), 'descending')
    return {
      items: items.map(({ snapshot, key, asOf, rows, columns }) => ({
        ...{ snapshot, key, asOf, rows, columns: columnsOf(columns) },
      })),
      next,
    }
  },
})

const columnsOf = (columns: readonly { readonly name: string; readonly type: string }[] = []) =>
  columns.map(({ name, type }) => ({ name, type }))

/** A snapshot as its manifest describes it. */
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
const datasetNames = (workspace: Workspace): string[] =>
  list(workspace.internal('datasets')).filter((name) => isName(name) && snapshotFiles(workspace, name).length > 0)

const snapshotFiles = (workspace: Workspace, dataset: string): string[] =>
  list(workspace.internal('datasets', dataset)).filter((file) => manifest.test(file))

/** The snapshots of a dataset, the oldest first. Throws DATASET_UNKNOWN. */
function snapshotsOf(workspace: Workspace, dataset: string): Snapshot[] {
  const folder = workspace.internal('datasets', dataset)
  const snapshots = snapshotFiles(workspace, dataset).flatMap((file) => readIfThere<Snapshot>(join(folder, file)) ?? [])
  if (snapshots.length > 0) return snapshots
  throw new PolkuError('DATASET_UNKNOWN', {
    ...{ dataset, actual: dataset },
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

export const datasets = { listDatasets, listSnapshots }
