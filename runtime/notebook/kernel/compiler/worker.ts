import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { findWorkspace } from '../../environment.ts'
import type { Content } from '../../wire.ts'
import type { Compiled, ToChecker } from '../messages.ts'
import { Compiler } from './compiler.ts'

/** The types of the nodes of a notebook's own workspace, as they are now. */
class OwnNodes {
  readonly #folder: string
  #state = ''

  /** @param folder the notebook's, an absolute path. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Additions to the interfaces of nodes.generated.ts; undefined where they are as they were at the last call. */
  async changed(): Promise<string | undefined> {
    const root = findWorkspace(this.#folder, process.env)
    // What types nodes is loaded where there are some.
    const own =
      root !== undefined && existsSync(join(root, 'nodes')) ? await import('../../api/own-types.ts') : undefined
    const state = root === undefined || own === undefined ? '' : own.ownNodesState(root)
    if (state === this.#state) return undefined
    this.#state = state
    return root === undefined || own === undefined ? '' : own.ownTypes(root)
  }
}

// The type checker's thread or process: it warms up while the first cell is awaited, and answers in order.

export interface CheckerRequest {
  readonly id: number
  readonly request: ToChecker
}

/** An answer to the request `id`. */
export type CheckerAnswer = { readonly id: number; readonly answer?: Compiled | Content; readonly error?: string }

const compiler = new Compiler(process.cwd())

const ownNodes = new OwnNodes(process.cwd())

async function answer(request: ToChecker): Promise<Compiled | Content> {
  const types = await ownNodes.changed()
  if (types !== undefined) compiler.setOwnNodes(types)
  if (request.type === 'compile') return compiler.compile(request.cell, request.code, request.check)
  if (request.type !== 'publish') return compiler.assist(request)
  compiler.publish(request.cell, request.values)
  return {}
}

async function reply({ id, request }: CheckerRequest): Promise<void> {
  let reply: CheckerAnswer
  try {
    reply = { id, answer: await answer(request) }
  } catch (error) {
    reply = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  if (parentPort) parentPort.postMessage(reply)
  else process.send?.(reply)
}

let turn = Promise.resolve()
const onRequest = (request: CheckerRequest): void => {
  turn = turn.then(() => reply(request))
}
if (parentPort) parentPort.on('message', onRequest)
else process.on('message', onRequest).on('disconnect', () => process.exit())
if (process.argv.includes('--warm-up')) compiler.warmUp()
