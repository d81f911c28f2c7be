import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Catalogue, families } from '../../catalogue/catalogue.ts'
import { polkuVersion, projectRoot } from '../../data/installation.ts'
import { temporaryPath } from '../../data/stale-temporary.ts'
import { afterOwnTime } from '../own-time.ts'
import { membersOf, type OwnNode, ownNodeTypes } from './node-types.ts'

/** Milliseconds of its own, on the processor or at rest, in which a workspace's nodes declare themselves. */
const patience = 20_000

/** Where the types of a workspace's own nodes are cached, for editors and for the next kernel. */
export const typesFile = (root: string): string => join(root, '.polku', 'nodes.d.ts')

/**
 * Changes whenever a file of the workspace's own nodes does, or one beside them; empty where it has none. Reads no file.
 */
export function ownNodesState(root: string): string {
  try {
    const states = codeFiles(join(root, 'nodes')).map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return `${file} ${stat?.mtimeMs} ${stat?.size}`
    })
    return states.length === 0 ? '' : [polkuVersion, projectRoot, ...states].join('\n')
  } catch {
    // They cannot be looked at: whoever calls one is told.
    return ''
  }
}

/** `nodes/FAMILY/NAME/FILE`, and what lies above it. */
function codeFiles(folder: string, depth = 3): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return depth > 1 ? codeFiles(path, depth - 1) : []
    return /\.(ts|js|mjs|json)$/.test(entry.name) ? [path] : []
  })
}

/**
 * TypeScript that adds the workspace's own nodes to the interfaces of nodes.generated.ts. They are declared in a thread
 * of their own, since each is a program: where one ends the thread or never ends, all are typed loosely. The types are
 * cached in the workspace until a node changes, as a file that an editor can read.
 */
export async function ownTypes(root: string): Promise<string> {
  const state = ownNodesState(root)
  if (state === '') return ''
  const head = `// The types of this workspace’s own nodes, made by Polku from their declarations.
// ${JSON.stringify(state)}
import type { GivenTable, NodeResult } from ${from('result.ts')}
import type { Table } from ${from('table.ts')}

declare module ${from('nodes.generated.ts')} {
`
  const cached = cachedText(root)
  if (cached?.startsWith(head)) return cached.slice(head.length, -end.length)
  const types = await declared(root)
  keep(root, `${head}${types}${end}`)
  return types
}

const from = (file: string): string => JSON.stringify(join(import.meta.dirname, file))
const end = '}\n'

function cachedText(root: string): string | undefined {
  try {
    return readFileSync(typesFile(root), 'utf8')
  } catch {
    // It was not made yet, or may not be read: then it is made.
    return undefined
  }
}

function keep(root: string, text: string): void {
  const folder = join(root, '.polku', 'tmp')
  try {
    mkdirSync(folder, { recursive: true })
    const file = temporaryPath(folder, 'types')
    writeFileSync(file, text)
    renameSync(file, typesFile(root))
  } catch {
    // A workspace that cannot be written has its types made each time.
  }
}

/** The declarations, made by a thread; where it ends without any, by the nodes' names alone. */
async function declared(root: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const loose = (reason: string) => resolve(looseTypes(root, reason))
  const worker = new Worker(new URL('./own-types-worker.ts', import.meta.url), {
    workerData: root,
    // What a node prints while it is loaded is nobody's output.
    stdout: true,
    stderr: true,
  })
  worker.once('message', (text: string) => resolve(text))
  worker.once('error', (error) => loose(error instanceof Error ? error.message : String(error)))
  worker.once('exit', () => loose('A node of this workspace ends the process that loads it.'))
  const used = () =>
    worker.cpuUsage().then(
      ({ user, system }) => (user + system) / 1000,
      () => undefined, // it has just ended
    )
  const release = afterOwnTime(patience, used, () => loose('The nodes of this workspace take too long to load.'))
  try {
    return await promise
  } finally {
    release()
    await worker.terminate()
  }
}

/** Each own node as a function, where there is no name for two. */
function ownMembers(catalogue: Catalogue): { readonly member: string; readonly name: string }[] {
  const own = new Set(catalogue.own)
  return families.flatMap((family) =>
    membersOf(family, catalogue).flatMap(([member, name]) => (own.has(name) ? [{ member, name }] : [])),
  )
}

const looseTypes = (root: string, reason: string): string =>
  ownNodeTypes(ownMembers(new Catalogue(root)).map((own) => ({ ...own, node: reason })))

/** The declarations of a workspace's own nodes, which are loaded here. */
export async function declareOwnTypes(root: string): Promise<string> {
  const catalogue = new Catalogue(root)
  const nodes = ownMembers(catalogue).map(async (own): Promise<OwnNode> => {
    try {
      return { ...own, node: await catalogue.load(own.name) }
    } catch (error) {
      return { ...own, node: error instanceof Error ? error.message : String(error) }
    }
  })
  return ownNodeTypes(await Promise.all(nodes))
}
