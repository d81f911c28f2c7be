import type { FastifyInstance } from 'fastify'
import type { Service } from '../../../service/service.ts'
import { listDatasets, listSnapshots } from '../../api/datasets.ts'
import { numberKey, pageOf } from '../../http/pages.ts'
import { serve } from '../../http/register.ts'
import { clientOf } from '../clients/clients.ts'
import { datasetNames, snapshotsOf } from './dataset-snapshots.ts'

/** Datasets and their snapshots. */
export function datasets(app: FastifyInstance, service: Service): void {
  serve(app, listDatasets, async ({ params: { client }, query }) => {
    const workspace = clientOf(service, client)
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
  })

  serve(app, listSnapshots, async ({ params: { client, dataset }, query }) => {
    const all = snapshotsOf(clientOf(service, client), dataset).reverse()
    const { items, next } = pageOf(all, query, (each) => numberKey(each.snapshot), 'descending')
    return {
      items: items.map(({ snapshot, key, asOf, rows, columns }) => ({
        ...{ snapshot, key, asOf, rows, columns: columnsOf(columns) },
      })),
      next,
    }
  })
}

const columnsOf = (columns: readonly { readonly name: string; readonly type: string }[] = []) =>
  columns.map(({ name, type }) => ({ name, type }))
