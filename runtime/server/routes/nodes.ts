import { type Static, Type } from 'typebox'
import { polkuNodes } from '../../catalogue/node-declaration.ts'
import type { Workspace } from '../../data/workspace.ts'
import { PolkuError } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import { ownNodesOf } from '../../service/runner/own-nodes.ts'
import { RunnerDied } from '../../service/runner/process.ts'
import { workspaceOf } from '../access/clients.ts'
import { everyRole } from '../access/person.ts'
import { endpoint } from '../http/endpoint.ts'
import { pageOf } from '../http/pages.ts'
import { listOf, name as nameSchema, object, ofClient, orNull, page, text } from '../http/schemas.ts'

type NodeAnswer = Static<typeof nodeAnswer>

// Polku's own do not change while it runs.
let polku: Promise<readonly NodeAnswer[]> | undefined

async function catalogue(workspace: Workspace): Promise<NodeAnswer[]> {
  polku ??= polkuNodes().then((nodes) => nodes.map((node) => toAnswer(node, false)))
  const own = (await ownNodes(workspace)).map((node) => toAnswer(node, true))
  return [...(await polku), ...own].sort((left, right) => (left.name < right.name ? -1 : 1))
}

const described = Type.Array(object({ name: text, description: text }))

const nodeAnswer = object({
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

const listNodes = endpoint({
  name: 'listNodes',
  method: 'GET',
  url: '/clients/:client/nodes',
  tag: 'nodes',
  summary: 'The nodes that a client’s flows may use, Polku’s and its own',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(nodeAnswer),
  handle: async ({ service, params: { client }, query }) => {
    // A cursor holds no slash.
    const key = ({ name }: NodeAnswer) => name.replace('/', '.')
    return pageOf(await catalogue(workspaceOf(service, client)), query, key)
  },
})

const getNode = endpoint({
  name: 'getNode',
  method: 'GET',
  url: '/clients/:client/nodes/:family/:node',
  tag: 'nodes',
  summary: 'One node: inputs, settings, outputs, metrics and errors',
  allow: everyRole,
  params: object({
    ...ofClient.properties,
    family: Type.String({ pattern: '^[a-z]{1,20}$' }),
    node: nameSchema,
  }),
  answer: nodeAnswer,
  handle: async ({ service, params: { client, family, node } }) => {
    const all = await catalogue(workspaceOf(service, client))
    const name = `${family}/${node}`
    const match = all.find((each) => each.name === name)
    if (match) return match
    const names = all.map((each) => each.name)
    throw new PolkuError('NODE_UNKNOWN', { node: name, actual: name, nearest: nearest(name, names, 'node') })
  },
})

async function ownNodes(workspace: Workspace) {
  try {
    return await ownNodesOf(workspace)
  } catch (error) {
    if (!(error instanceof RunnerDied)) throw error
    throw new PolkuError('NODE_INVALID', {
      node: 'of the client',
      reason: `the process that loaded them ended: ${error.message}`,
      right: 'Nodes that can be loaded without work.',
    })
  }
}

const toAnswer = (node: Awaited<ReturnType<typeof polkuNodes>>[number], own: boolean): NodeAnswer => ({
  ...node,
  own,
  inputs: [...node.inputs],
  settings: { ...node.settings },
  outputs: [...node.outputs],
  metrics: [...node.metrics],
  errors: [...node.errors],
})

export const nodes = { listNodes, getNode }
