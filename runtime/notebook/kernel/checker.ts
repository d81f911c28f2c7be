import { Worker } from 'node:worker_threads'
import type { Content } from '../wire.ts'
import type { CheckerAnswer } from './compiler/worker.ts'
import type { CodeRequest, Compiled, CompileRequest, ToChecker } from './messages.ts'

/** The type checker, in its own thread. */
export class Checker {
  readonly #worker: Worker
  readonly #waiting = new Map<number, (reply: CheckerAnswer) => void>()
  #last = 0

  /** With `warmUp` it loads the libraries' types before it is asked. */
  constructor(warmUp: boolean) {
    this.#worker = new Worker(new URL('./compiler/worker.ts', import.meta.url), { workerData: { warmUp } })
    this.#worker.on('message', (reply: CheckerAnswer) => {
      this.#waiting.get(reply.id)?.(reply)
      this.#waiting.delete(reply.id)
    })
    this.#worker.on('error', (error) => {
      for (const done of this.#waiting.values()) done({ id: 0, error: `The type checker died: ${error.message}` })
      this.#waiting.clear()
    })
  }

  compile(request: Omit<CompileRequest, 'type'>): Promise<Compiled> {
    return this.#ask({ type: 'compile', ...request }) as Promise<Compiled> // a compile request is answered so
  }

  assist(request: CodeRequest): Promise<Content> {
    return this.#ask(request) as Promise<Content> // other requests are answered so
  }

  /** Lets later cells use what `cell` declares and those of its `values` that it came to give. */
  publish(cell: string, values: readonly string[]): Promise<unknown> {
    return this.#ask({ type: 'publish', cell, values })
  }

  close(): Promise<unknown> {
    return this.#worker.terminate()
  }

  #ask(request: ToChecker): Promise<unknown> {
    this.#last += 1
    const id = this.#last
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ answer, error }) => (error === undefined ? resolve(answer) : reject(new Error(error))))
      this.#worker.postMessage({ id, request })
    })
  }
}
