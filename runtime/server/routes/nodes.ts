import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { polkuNodes } from '../../catalogue/node-declaration.ts'
import type { Workspace } from '../../data/workspace.ts'
import { PolkuError } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import { ownNodesOf } from '../../service/runner/own-nodes.ts'
import { RunnerDied } from '../../service/runner/process.ts'
import type { Service } from '../../service/service.ts'
import { getNode, listNodes, type nodeAnswer } from '../api/nodes.ts'
import { pageOf } from '../http/pages.ts'
import { serve } from '../http/register.ts'
import { clientOf } from './clients/clients.ts'

type NodeAnswer = Static<typeof nodeAnswer>

/** The catalogue of nodes. */
export function nodes(app: FastifyInstance, service: Service): void {
  // Polku's own do not change while it runs.
  let polku: Promise<readonly NodeAnswer[]> | undefined
  const catalogue = async (workspace: Workspace): Promise<NodeAnswer[]> => {
    polku ??= polkuNodes().then((found) => found.map((node) => toAnswer(node, false)))
    const own = (await ownNodes(workspace)).map((node) => toAnswer(node, true))
    return [...(await polku), ...own].sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  serve(app, listNodes, async ({ params: { client }, query }) => {
    // A cursor holds no slash.
    const key = ({ name }: NodeAnswer) => name.replace('/', '.')
    return pageOf(await catalogue(clientOf(service, client)), query, key)
  })

  serve(app, getNode, async ({ params: { client, family, node } }) => {
    const all = await catalogue(clientOf(service, client))
    const name = `${family}/${node}`
    const found = all.find((each) => each.name === name)
    if (found) return found
    const names = all.map((each) => each.name)
    throw new PolkuError('NODE_UNKNOWN', { node: name, found: name, nearest: nearest(name, names, 'node') })
  })
}

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
