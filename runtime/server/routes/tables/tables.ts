import { existsSync, realpathSync } from 'node:fs'
import { sep } from 'node:path'
import { Type } from 'typebox'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import type { Service } from '../../../service/service.ts'
import { workspaceOf } from '../../access/clients.ts'
import { endpoint } from '../../http/endpoint.ts'
import { date, name, object, ofClient, ofRun, orNull, outputName, stepName, text } from '../../http/schemas.ts'
import { recordOf, stepOf } from '../runs/steps.ts'
import { chosenSnapshots } from './datasets.ts'
import { readPage, type StoredTable } from './page.ts'
import { profileTable } from './profile.ts'

// Customers' rows: not for those who judge reports and models only, and each look is in the audit log.
const allow = ['analyst', 'operator', 'administrator'] as const

const cell = Type.Union([text, Type.Number(), Type.Boolean(), Type.Null()])
const column = object({ name: text, type: Type.String({ description: 'As DuckDB calls it' }) })
const columns = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: 300 }), {
    maxItems: 200,
    description: 'Of these columns only; it may be given several times',
  }),
)

const rowsQuery = {
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000_000, default: 0 })),
  limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, default: 100, description: 'Rows at most' })),
  columns,
}

const rowsAnswer = object({
  columns: Type.Array(column),
  rows: Type.Array(Type.Array(cell), { description: 'A list of cells each, in the order of the columns' }),
  offset: Type.Integer(),
  total: Type.Integer({ description: 'How many rows the table has' }),
  longest: Type.Integer({ description: 'Texts are cut after so many characters' }),
})

const edge = Type.Union([Type.Number(), text])

const profileAnswer = object({
  total: Type.Integer(),
  columns: Type.Array(
    object({
      name: text,
      type: text,
      missing: Type.Integer({ description: 'Rows without a value' }),
      missingShare: orNull(Type.Number({ description: 'From 0 to 1; null of no rows' })),
      distinct: Type.Integer({ description: 'About how many different values' }),
      minimum: orNull(edge),
      maximum: orNull(edge),
      mean: orNull(Type.Number()),
      histogram: Type.Array(object({ from: edge, to: edge, count: Type.Integer() }), {
        description: 'Of numbers, dates and times: up to 20 equal parts',
      }),
      frequent: Type.Array(object({ value: cell, count: Type.Integer() }), {
        description: 'Of texts and booleans with few different values: the ten most frequent',
      }),
    }),
  ),
})

const ofOutput = object({ ...ofRun.properties, step: stepName, output: outputName })
const ofDataset = object({ ...ofClient.properties, dataset: name })
const snapshots = {
  snapshot: Type.Optional(Type.Integer({ minimum: 1, maximum: 999_999, description: 'Of one snapshot only' })),
  asOf: Type.Optional(Type.String({ ...date, description: 'What was known up to this date' })),
}

const readOutput = endpoint({
  name: 'readOutput',
  method: 'GET',
  url: '/clients/:client/runs/:run/steps/:step/outputs/:output/rows',
  tag: 'tables',
  summary: 'A page of rows of a step’s output, with its columns',
  allow,
  audit: 'read rows of output',
  auditFields: ['offset', 'limit', 'columns'],
  params: ofOutput,
  query: object(rowsQuery),
  answer: rowsAnswer,
  handle: async ({ service, tables, params, query }) => readPage(tables, await outputOf(service, params), query),
})

const profileOutput = endpoint({
  name: 'profileOutput',
  method: 'GET',
  url: '/clients/:client/runs/:run/steps/:step/outputs/:output/profile',
  tag: 'tables',
  summary: 'What is in the columns of a step’s output: missing and different values, extremes, distributions',
  allow,
  audit: 'profile output',
  auditFields: ['columns'],
  params: ofOutput,
  query: object({ columns }),
  answer: profileAnswer,
  handle: async ({ service, tables, params, query: { columns } }) =>
    profileTable(tables, await outputOf(service, params), columns),
})

const readDataset = endpoint({
  name: 'readDataset',
  method: 'GET',
  url: '/clients/:client/datasets/:dataset/rows',
  tag: 'datasets',
  summary: 'A page of rows of a dataset, with its columns',
  allow,
  audit: 'read rows of dataset',
  auditFields: ['offset', 'limit', 'columns', 'snapshot', 'asOf'],
  params: ofDataset,
  query: object({ ...rowsQuery, ...snapshots }),
  answer: rowsAnswer,
  handle: async ({ service, tables, params: { client, dataset }, query }) =>
    readPage(tables, datasetOf(workspaceOf(service, client), dataset, query), query),
})

const profileDataset = endpoint({
  name: 'profileDataset',
  method: 'GET',
  url: '/clients/:client/datasets/:dataset/profile',
  tag: 'datasets',
  summary: 'What is in the columns of a dataset',
  allow,
  audit: 'profile dataset',
  auditFields: ['columns', 'snapshot', 'asOf'],
  params: ofDataset,
  query: object({ columns, ...snapshots }),
  answer: profileAnswer,
  handle: async ({ service, tables, params: { client, dataset }, query }) =>
    profileTable(tables, datasetOf(workspaceOf(service, client), dataset, query), query.columns),
})

interface OutputName {
  readonly client: string
  readonly run: string
  readonly step: string
  readonly output: string
}

/** Throws RUN_*, STEP_UNKNOWN, OUTPUT_UNKNOWN, TABLE_GONE. */
async function outputOf(service: Service, { client, run, step: name, output }: OutputName): Promise<StoredTable> {
  const workspace = workspaceOf(service, client)
  const step = stepOf(await recordOf(service, workspace, run), name)
  const match = step.outputs.find((each) => each.name === output)
  if (!match) {
    const names = step.outputs.map((each) => each.name)
    throw new PolkuError('OUTPUT_UNKNOWN', {
      ...{ step: name, node: step.uses, output, actual: output },
      nearest: nearest(output, names, 'output'),
    })
  }
  const file = workspace.absolute(match.path)
  requireInside(workspace, file, `${name}.${output}`)
  return { workspace, name: `${name}.${output}`, files: [file], columns: match.columns, total: match.rows }
}

interface Snapshots {
  readonly snapshot?: number
  readonly asOf?: string
}

/** Throws DATASET_UNKNOWN, SNAPSHOT_UNKNOWN, TABLE_GONE. */
function datasetOf(workspace: Workspace, dataset: string, chosenBy: Snapshots): StoredTable {
  const { columns, chosen } = chosenSnapshots(workspace, dataset, chosenBy)
  const files = chosen.map(({ file }) => workspace.internal('datasets', dataset, file))
  for (const file of files) requireInside(workspace, file, dataset)
  const total = chosen.reduce((sum, { rows }) => sum + rows, 0)
  return { workspace, name: dataset, files, columns, total }
}

/** What a record names may be gone, or a link that leads elsewhere. */
function requireInside({ root }: Workspace, file: string, table: string): void {
  if (!existsSync(file) || !realpathSync(file).startsWith(root + sep)) throw new PolkuError('TABLE_GONE', { table })
}

export const tables = { readOutput, profileOutput, readDataset, profileDataset }
