import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { NodeDefinition } from '../../nodes/node.ts'
import { projectRoot } from '../data/installation.ts'
import { isName } from '../data/names.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { type NodeCode, nodeCode } from './code-hash.ts'
import { provenDefinition } from './definition.ts'
import { loadFault } from './load-fault.ts'
import { codeQuery, resolvePolku } from './self.ts'

export const families = ['import', 'quality', 'enrich', 'segment', 'predict', 'select', 'measure'] as const

/** A node of the catalogue, loaded. */
export interface CatalogueNode {
  readonly name: string
  readonly file: string
  readonly definition: NodeDefinition
  /** Hash of its code: the files of its folder and everything they import. */
  readonly code: string
  /** What it reads beside its inputs and settings, as a step's sources name it: `file data/orders.csv`. */
  readonly reads?: () => readonly string[]
}

/** Nodes that are found in another way than by the path of a node's folder. */
export interface NodeProvider {
  readonly names: readonly string[]
  /** Undefined where there is none of that name. Throws NODE_INVALID. */
  load(name: string): Promise<CatalogueNode | undefined>
}

/** The nodes of Polku and of one workspace. Nothing is registered: a folder is found by its path. */
export class Catalogue {
  readonly #files = new Map<string, string>()
  readonly #own = new Set<string>()
  /** The client's own nodes that have the name of one of Polku's. */
  readonly #shadowing = new Map<string, string>()
  readonly #loaded = new Map<string, Promise<CatalogueNode>>()
  readonly #provider: NodeProvider | undefined

  /** @param workspace folder of a client with nodes of its own, if any. @param nodes those that are in memory already. @param provider gives nodes that are no folders. */
  constructor(workspace?: string, nodes: readonly CatalogueNode[] = [], provider?: NodeProvider) {
    this.#provider = provider
    for (const node of nodes) {
      this.#files.set(node.name, node.file)
      this.#loaded.set(node.name, Promise.resolve(node))
    }
    for (const [name, file] of nodeFiles(join(projectRoot, 'nodes'))) this.#files.set(name, file)
    if (!workspace || resolve(workspace) === projectRoot) return
    for (const [name, file] of nodeFiles(join(workspace, 'nodes'))) {
      if (this.#files.has(name)) this.#shadowing.set(name, file)
      else {
        this.#files.set(name, file)
        this.#own.add(name)
      }
    }
  }

  get names(): string[] {
    return [...this.#files.keys()].sort()
  }

  /** Those of `names` that are the workspace's own. */
  get own(): string[] {
    return [...this.#own].sort()
  }

  /** The workspace's own nodes that cannot be used, because Polku has nodes of their names. */
  get shadowing(): string[] {
    return [...this.#shadowing.keys()].sort()
  }

  /** Nodes that are found in another way than by the path of a folder. */
  get provided(): readonly string[] {
    return this.#provider?.names ?? []
  }

  /** Where a node lies. */
  file(name: string): string {
    return this.#files.get(name) ?? ''
  }

  /** Loads a node. Throws NODE_UNKNOWN with the nearest name, NODE_INVALID with what its file lacks or that Polku has one of its name. */
  async load(name: string): Promise<CatalogueNode> {
    const shadowing = this.#shadowing.get(name)
    if (shadowing !== undefined) throw nameTaken(name, shadowing)
    const file = this.#files.get(name)
    if (file === undefined) return this.#provided(name)
    const loaded = this.#loaded.get(name) ?? loadNode(name, file)
    this.#loaded.set(name, loaded)
    return loaded
  }

  async #provided(name: string): Promise<CatalogueNode> {
    const node = await this.#provider?.load(name)
    if (node) return node
    const names = [...this.names, ...this.provided]
    throw new PolkuError('NODE_UNKNOWN', { node: name, nearest: nearest(name, names, 'node') })
  }
}

/** The two words of FAMILY/NAME for a node that shall be a workspace's own. Throws NAME_INVALID. */
export function splitNewName(name: string): { readonly family: string; readonly node: string } {
  const [first, node = '', ...rest] = name.split('/')
  const family = families.find((each) => each === first)
  const invalid = (right: string) => new PolkuError('NAME_INVALID', { name, actual: name, right })
  if (!family || !isName(node) || rest.length > 0)
    throw invalid(`FAMILY/NAME, where the family is one of ${families.join(', ')}.`)
  if (new Catalogue().names.includes(name))
    throw invalid('A name that Polku has no node of, so that it is always clear which one a flow means.')
  return { family, node }
}

const nameTaken = (node: string, file: string): PolkuError => {
  const right = 'Another name for the client’s own node.'
  return new PolkuError('NODE_INVALID', { node, reason: 'Polku has a node of that name.', right }, { file })
}

function* nodeFiles(root: string): Generator<[string, string]> {
  for (const family of families) {
    const folder = join(root, family)
    if (!existsSync(folder)) continue
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = join(folder, entry.name, `${entry.name}.ts`)
      if (entry.isDirectory() && existsSync(file)) yield [`${family}/${entry.name}`, file]
    }
  }
}

/** The code of a file when this process loaded its module first, and last. */
const imported = new Map<string, { readonly first: string; readonly last: string }>()

/**
 * The module to import for a file: Node never reads one twice, so a file that was edited since has another address, and
 * with it what it imports. What `require` has loaded is forgotten.
 */
function moduleUrl(file: string, { hash, files }: NodeCode): string {
  const { first, last } = imported.get(file) ?? { first: hash, last: hash }
  imported.set(file, { first, last: hash })
  const { cache } = createRequire(import.meta.url)
  if (hash !== last) for (const each of files) delete cache[each]
  const { href } = pathToFileURL(file)
  return hash === first ? href : `${href}?${codeQuery}=${hash}`
}

async function loadNode(name: string, file: string): Promise<CatalogueNode> {
  const code = nodeCode(file)
  resolvePolku()
  let module: { default?: unknown }
  try {
    module = await import(moduleUrl(file, code))
  } catch (error) {
    throw loadFault(name, file, code.files, error)
  }
  return { name, file, definition: provenDefinition(name, file, module.default), code: code.hash }
}
