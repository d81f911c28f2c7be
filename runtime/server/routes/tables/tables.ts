import { existsSync, realpathSync } from 'node:fs'
import { sep } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import type { Service } from '../../../service/service.ts'
import { profileDataset, profileOutput, readDataset, readOutput } from '../../api/tables.ts'
import { serve } from '../../http/register.ts'
import { clientOf } from '../clients/clients.ts'
import { recordOf, stepOf } from '../runs/steps.ts'
import { chosenSnapshots } from './dataset-snapshots.ts'
import { readPage, type StoredTable } from './page.ts'
import { profileTable } from './profile.ts'
import { TableReaders } from './readers.ts'

/** Looks into tables: outputs of steps, and datasets. */
export function tables(app: FastifyInstance, service: Service): void {
  const readers = new TableReaders()
  app.addHook('onClose', () => readers.close())

  serve(app, readOutput, async ({ params, query }) => readPage(readers, await outputOf(service, params), query))

  serve(app, profileOutput, async ({ params, query: { columns } }) =>
    profileTable(readers, await outputOf(service, params), columns),
  )

  serve(app, readDataset, async ({ params: { client, dataset }, query }) =>
    readPage(readers, datasetOf(clientOf(service, client), dataset, query), query),
  )

  serve(app, profileDataset, async ({ params: { client, dataset }, query }) =>
    profileTable(readers, datasetOf(clientOf(service, client), dataset, query), query.columns),
  )
}

interface OutputName {
  readonly client: string
  readonly run: string
  readonly step: string
  readonly output: string
}

/** Throws RUN_*, STEP_UNKNOWN, OUTPUT_UNKNOWN, TABLE_GONE. */
async function outputOf(service: Service, { client, run, step: name, output }: OutputName): Promise<StoredTable> {
  const workspace = clientOf(service, client)
  const step = stepOf(await recordOf(service, workspace, run), name)
  const found = step.outputs.find((each) => each.name === output)
  if (!found) {
    const names = step.outputs.map((each) => each.name)
    throw new PolkuError('OUTPUT_UNKNOWN', {
      ...{ step: name, node: step.uses, output, found: output },
      nearest: nearest(output, names, 'output'),
    })
  }
  const file = workspace.absolute(found.path)
  requireInside(workspace, file, `${name}.${output}`)
  return { workspace, name: `${name}.${output}`, files: [file], columns: found.columns, total: found.rows }
}

interface Snapshots {
  readonly snapshot?: number
  readonly asOf?: string
}

/** Throws DATASET_UNKNOWN, SNAPSHOT_UNKNOWN, TABLE_GONE. */
function datasetOf(workspace: Workspace, dataset: string, wanted: Snapshots): StoredTable {
  const { columns, chosen } = chosenSnapshots(workspace, dataset, wanted)
  const files = chosen.map(({ file }) => workspace.internal('datasets', dataset, file))
  for (const file of files) requireInside(workspace, file, dataset)
  const total = chosen.reduce((sum, { rows }) => sum + rows, 0)
  return { workspace, name: dataset, files, columns, total }
}

/** What a record names may be gone, or a link that leads elsewhere. */
function requireInside({ root }: Workspace, file: string, table: string): void {
  if (!existsSync(file) || !realpathSync(file).startsWith(root + sep)) throw new PolkuError('TABLE_GONE', { table })
}
