import type { Content } from '../wire.ts'
import { type CheckerLink, checkerProcess, checkerThread, prepareSnapshot } from './checker-link.ts'
import { readySnapshot } from './compiler/snapshot.ts'
import type { CheckerAnswer, CheckerRequest } from './compiler/worker.ts'
import type { CodeRequest, Compiled, CompileRequest, ToChecker } from './messages.ts'

interface Waiting {
  readonly request: CheckerRequest
  readonly done: (answer: Omit<CheckerAnswer, 'id'>) => void
}

/** The type checker: a process that starts from a snapshot, or a thread where there is none yet. */
export class Checker {
  #link: CheckerLink
  readonly #waiting = new Map<number, Waiting>()
  #last = 0
  #hasAnswered = false
  #isClosed = false
  #death: string | undefined

  /** With `warmUp` it loads the libraries' types before it is asked. `snapshot` is the file that it starts from, if any. */
  constructor(warmUp: boolean, snapshot: string | null = readySnapshot()) {
    const onAnswer = (answer: CheckerAnswer) => this.#take(answer)
    const die = (reason: string) => this.#die(reason)
    const thread = () => checkerThread(warmUp, { onAnswer, onEnd: die })
    const onEnd = (reason: string) => {
      if (this.#hasAnswered || this.#isClosed) return die(reason)
      // A damaged snapshot, or a system that starts no processes: nothing is lost yet.
      this.#link = thread()
      for (const { request } of this.#waiting.values()) this.#link.post(request)
    }
    this.#link = snapshot === null ? thread() : checkerProcess(snapshot, warmUp, { onAnswer, onEnd })
    if (snapshot === null && warmUp) process.once('exit', prepareSnapshot)
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

  close(): void {
    this.#isClosed = true
    this.#link.close()
  }

  #take({ id, ...answer }: CheckerAnswer): void {
    this.#hasAnswered = true
    this.#waiting.get(id)?.done(answer)
    this.#waiting.delete(id)
  }

  #die(reason: string): void {
    this.#death ??= `The type checker died: ${reason} Restart the kernel.`
    for (const { done } of this.#waiting.values()) done({ error: this.#death })
    this.#waiting.clear()
  }

  #ask(asked: ToChecker): Promise<unknown> {
    if (this.#death !== undefined) return Promise.reject(new Error(this.#death))
    this.#last += 1
    const request = { id: this.#last, request: asked }
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, {
        request,
        done: ({ answer, error }) => (error === undefined ? resolve(answer) : reject(new Error(error))),
      })
      this.#link.post(request)
    })
  }
}
