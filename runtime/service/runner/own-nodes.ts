import type { NodeDeclaration } from '../../catalogue/node-declaration.ts'
import type { Workspace } from '../../data/workspace.ts'
import { nodesState } from './nodes-state.ts'
import { Runner } from './process.ts'

/** What loading a client's nodes may take, in bytes and ms. */
const memory = 2 ** 30
const within = 30_000

const cache = new Map<string, { readonly state: string; readonly nodes: Promise<readonly NodeDeclaration[]> }>()

/**
 * A client's own nodes, loaded in a process of their own as they are now and then cached until they change. Throws
 * RunnerDied where they end that process.
 */
export function ownNodesOf({ root, client }: Workspace): Promise<readonly NodeDeclaration[]> {
  const state = nodesState(root)
  if (state === '') return Promise.resolve([])
  const cached = cache.get(root)
  if (cached?.state === state) return cached.nodes
  const nodes = load(root, client.client)
  cache.set(root, { state, nodes })
  // What failed is tried again when it is asked for again.
  nodes.catch(() => cache.delete(root))
  return nodes
}

async function load(root: string, client: string): Promise<readonly NodeDeclaration[]> {
  const runner = new Runner(client, { memory, folder: root })
  const late = setTimeout(() => runner.kill(), within)
  try {
    return await runner.nodes(root)
  } finally {
    clearTimeout(late)
    await runner.close()
  }
}
