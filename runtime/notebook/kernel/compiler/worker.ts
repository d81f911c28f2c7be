import { parentPort, workerData } from 'node:worker_threads'
import type { Content } from '../../wire.ts'
import type { Compiled, ToChecker } from '../messages.ts'
import { Compiler } from './compiler.ts'
import { OwnNodes } from './own-nodes.ts'

// The thread of the type checker: it warms up while the first cell is awaited, and answers in order.

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

async function reply(id: number, request: ToChecker): Promise<void> {
  let reply: CheckerAnswer
  try {
    reply = { id, answer: await answer(request) }
  } catch (error) {
    reply = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  parentPort?.postMessage(reply)
}

let turn = Promise.resolve()
parentPort?.on('message', ({ id, request }: { id: number; request: ToChecker }) => {
  turn = turn.then(() => reply(id, request))
})
if (workerData.warmUp) compiler.warmUp()
