import { parentPort } from 'node:worker_threads'
import type { Content } from '../../wire.ts'
import type { Compiled, ToChecker } from '../messages.ts'
import { Compiler } from './compiler.ts'
import { OwnNodes } from './own-nodes.ts'

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
