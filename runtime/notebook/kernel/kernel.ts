import { writeSync } from 'node:fs'
import { MessageChannel, Worker } from 'node:worker_threads'
import { Checker } from './checker.ts'
import { createDisplay } from './display.ts'
import { installLoader } from './loader.ts'
import type { ToSession, ToSockets } from './messages.ts'
import { Outputs } from './outputs.ts'
import { createPrompt, type InputLink } from './prompt.ts'
import { KeyboardInterrupt } from './scope.ts'
import { Session } from './session.ts'
import { takeTurn } from './sockets/interrupt.ts'
import { endGroup, type Parent } from './sockets/parent.ts'
import { Stacks } from './stack.ts'
import { watchTraining } from './training.ts'

/** How long the last messages may take to leave when the process ends, in milliseconds. */
const farewell = 2000

/** Starts a kernel whose cells run here, in the process's main thread. Throws where the arguments are not right. */
export function startKernel(args: readonly string[], env: NodeJS.ProcessEnv): void {
  const options = args.filter((arg) => arg.startsWith('--'))
  const [connectionFile] = args.filter((arg) => !arg.startsWith('--'))
  const unknown = options.find((option) => !/^--check=(on|off)$/.test(option))
  if (!connectionFile || unknown) {
    process.stderr.write(`${unknown ? `There is no option ${unknown}. ` : ''}Usage: main.ts [--check=off] FILE\n`)
    process.exit(2)
  }
  const check = !options.includes('--check=off') && env.POLKU_KERNEL_CHECK !== 'off'
  const waiting = new Int32Array(new SharedArrayBuffer(4))
  const patience = new Int32Array(new SharedArrayBuffer(4))
  const parent: Parent = { named: Number(env.JPY_PARENT_PID) || 0, own: process.ppid }
  const { port1: answers, port2: toSession } = new MessageChannel()
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const input: InputLink = { answers: toSession, answered }
  const workerData = { connectionFile, waiting, patience, parent, input }
  const file = new URL('./sockets/worker.ts', import.meta.url)
  const sockets = new Worker(file, { workerData, transferList: [toSession] })
  const checker = new Checker(check)
  const post = (message: ToSockets): void => sockets.postMessage(message)
  const outputs = new Outputs(post, waiting)
  outputs.capture('stdout')
  outputs.capture('stderr')
  const stacks = new Stacks()
  stacks.install()
  installLoader()
  watchTraining(patience)
  const display = createDisplay((kind, content) => outputs.send(kind, content))
  const session = new Session({ checker, outputs, stacks, check })
  const isAttended = () => session.isAttended
  const prompt = createPrompt({ answers, answered }, isAttended, (content) => post({ type: 'input', content }))
  for (const [name, value] of Object.entries({ display, prompt }))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })

  sockets.on('message', (message: ToSession) => void obey(message).catch(report))
  // Without sockets there is nobody to tell it to but the one who reads the process's own output.
  sockets.on('error', (error) => {
    writeSync(2, `The kernel cannot talk: ${error.message}\n`)
    process.exit(1)
  })
  process.on('uncaughtException', report)
  process.on('unhandledRejection', report)
  process.on('exit', () => {
    const done = new Int32Array(new SharedArrayBuffer(4))
    post({ type: 'flush', done })
    Atomics.wait(done, 0, 0, farewell)
  })
  post({ type: 'ready' })

  async function obey(message: ToSession): Promise<void> {
    if (message.type === 'execute') post({ type: 'executed', content: await session.execute(message) })
    else if (message.type === 'interrupt') {
      takeTurn(message.turn)
      session.interrupt(message.cut)
      post({ type: 'interrupted', id: message.id })
    } else if (message.type === 'shutdown') {
      takeTurn(message.turn)
      if (message.orphaned) process.once('exit', endGroup)
      process.exit(0)
    } else {
      const content = await checker.assist(message).catch((error: Error) => ({
        status: 'error',
        ename: error.name,
        evalue: error.message,
        traceback: [],
      }))
      post({ type: 'answered', id: message.id, content })
    }
  }

  // What a cell left running fails later: that is told, and the session goes on.
  function report(error: unknown): void {
    if (error instanceof KeyboardInterrupt) return
    outputs.write('stderr', `${error instanceof Error ? error.stack : `Thrown: ${String(error)}`}\n`)
  }
}
