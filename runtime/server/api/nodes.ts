import { Type } from 'typebox'
import { nameForm } from '../../data/names.ts'
import { endpoint, everyRole } from '../http/endpoint.ts'
import { listOf, object, ofClient, orNull, page, text } from '../http/schemas.ts'

const described = Type.Array(object({ name: text, description: text }))

export const nodeAnswer = object({
  name: Type.String({ description: 'Such as segment/rfm' }),
  own: Type.Boolean({ description: 'Whether it is the client’s; Polku’s own are every client’s' }),
  title: text,
  summary: text,
  inputs: Type.Array(object({ name: text, description: text, optional: Type.Boolean() })),
  settings: Type.Record(Type.String(), Type.Unknown(), { description: 'The JSON Schema of its settings' }),
  outputs: described,
  metrics: described,
  errors: described,
  problem: orNull(Type.String({ description: 'Why it cannot be used' })),
})

export const listNodes = endpoint({
  name: 'listNodes',
  method: 'GET',
  url: '/clients/:client/nodes',
  tag: 'nodes',
  summary: 'The nodes that a client’s flows may use, Polku’s and its own',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(nodeAnswer),
})

export const getNode = endpoint({
  name: 'getNode',
  method: 'GET',
  url: '/clients/:client/nodes/:family/:node',
  tag: 'nodes',
  summary: 'One node: inputs, settings, outputs, metrics and errors',
  allow: everyRole,
  params: object({
    ...ofClient.properties,
    family: Type.String({ pattern: '^[a-z]{1,20}$' }),
    node: Type.String({ pattern: nameForm }),
  }),
  answer: nodeAnswer,
})
