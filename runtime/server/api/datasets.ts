import { Type } from 'typebox'
import { endpoint, everyRole } from '../http/endpoint.ts'
import { listOf, name, object, ofClient, orNull, page, text } from '../http/schemas.ts'

const columns = Type.Array(object({ name: text, type: text }))

const datasetAnswer = object({
  name,
  snapshots: Type.Integer(),
  rows: Type.Integer({ description: 'Of all snapshots' }),
  asOf: orNull(Type.String({ description: 'The date of the newest snapshot' })),
  columns,
})

export const listDatasets = endpoint({
  name: 'listDatasets',
  method: 'GET',
  url: '/clients/:client/datasets',
  tag: 'datasets',
  summary: 'A client’s datasets',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(datasetAnswer),
})

export const listSnapshots = endpoint({
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
})
