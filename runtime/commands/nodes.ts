import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalogue, CatalogueNode } from '../catalogue/catalogue.ts'
import { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import type { ProblemRecord } from '../errors/problem.ts'
import { toProblems } from '../errors/problems.ts'
import { ModelRegistry } from '../model/registry.ts'
import { openCatalogue } from '../notebook/step/provider.ts'
import { modelNode, modelReferences } from './model-node.ts'
import { nodeText } from './node-text.ts'
import { say, sayJson } from './say.ts'

/** What a flow can use; outside a workspace that is what Polku brings. */
export class NodeOffer {
  readonly #catalogue: Catalogue
  readonly #models: ModelRegistry | undefined

  constructor(folder: string) {
    const workspace = existsSync(join(folder, 'client.yaml')) ? Workspace.open(folder) : undefined
    this.#catalogue = openCatalogue(workspace)
    this.#models = workspace && new ModelRegistry(join(workspace.root, 'models'))
  }

  /** The models as settings name them: `churn@approved`. */
  get models(): string[] {
    return this.#models ? modelReferences(this.#models) : []
  }

  get names(): string[] {
    const { names, shadowing, provided } = this.#catalogue
    const models = this.models.map((reference) => `model/${reference}`)
    return [...new Set([...names, ...shadowing])].sort().concat(provided, models)
  }

  /** Throws NODE_UNKNOWN with the nearest name, and why a node, notebook or model cannot be used. */
  async load(name: string): Promise<CatalogueNode> {
    const reference = /^model\/(.+)$/.exec(name)?.[1]
    if (reference?.includes('@') && this.#models) return modelNode(reference, this.#models, this.#catalogue)
    if (reference === undefined) return this.#catalogue.load(name)
    const models = this.names.filter((one) => one.startsWith('model/'))
    throw new PolkuError('NODE_UNKNOWN', { node: name, nearest: nearest(name, models, 'model') })
  }
}

/** Every node, notebook and model that a flow can use, each with what it does, or with why it cannot be used. */
export async function listNodes(workspace: string, { json }: { readonly json: boolean }): Promise<void> {
  const offer = new NodeOffer(workspace)
  const { names } = offer
  const nodes = await Promise.all(names.map(async (name) => ({ name, found: await nodeOrFaults(name, offer) })))
  if (json) {
    sayJson(
      nodes.map(({ name, found: result }) => (Array.isArray(result) ? { name, problems: result } : toJson(result))),
    )
    return
  }
  const width = Math.max(...names.map((name) => name.length))
  for (const { name, found: result } of nodes)
    say(`${name.padEnd(width)}  ${Array.isArray(result) ? faultText(result) : result.definition.summary}\n`)
}

async function nodeOrFaults(name: string, offer: NodeOffer): Promise<CatalogueNode | ProblemRecord[]> {
  try {
    return await offer.load(name)
  } catch (error) {
    return toProblems(error)
  }
}

const faultText = (problems: readonly ProblemRecord[]): string =>
  problems
    .map(({ code, message, expected = '' }) => `${code}: ${message} ${expected}`)
    .join(' ')
    .replaceAll(/\s+/g, ' ')

export async function describeNode(
  workspace: string,
  name: string,
  { json }: { readonly json: boolean },
): Promise<void> {
  const node = await new NodeOffer(workspace).load(name)
  if (json) sayJson(toJson(node))
  else say(`${nodeText(node)}\n`)
}

const toJson = ({ name, definition: { title, summary, inputs, params, outputs, metrics, errors } }: CatalogueNode) => ({
  name,
  title,
  summary,
  inputs,
  settings: params,
  outputs,
  metrics,
  errors,
})
