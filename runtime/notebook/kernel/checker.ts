import type { Content } from '../wire.ts'
import { type CheckerLink, checkerProcess, checkerThread, prepareSnapshot } from './checker-link.ts'
import { readySnapshot } from './compiler/snapshot.ts'
import type { CheckerAnswer, CheckerRequest } from './compiler/worker.ts'
import type { CodeRequest, Compiled, CompileRequest, ToChecker } from './messages.ts'

interface Waiting {
  request: CheckerRequest
  /** That the checker ended over it already, and why. */
  unchecked?: string
  readonly done: (answer: Omit<CheckerAnswer, 'id'>) => void
}

const gone = (reason: string): string => `The type checker died: ${reason}`

/**
 * The type checker: a process that starts from a snapshot, or a thread where there is none yet. One that ends is started
 * anew and told what the session has declared.
 */
export class Checker {
  readonly #warmUp: boolean
  readonly #memory = new CheckerMemory()
  readonly #waiting = new Map<number, Waiting>()
  #snapshot: string | null
  #link: CheckerLink | undefined
  #last = 0
  #isClosed = false
  #isAbandoned = false

  /** With `warmUp` it loads the libraries' types before it is asked. `snapshot` is the file that it starts from, if any. */
  constructor(warmUp: boolean, snapshot: string | null = readySnapshot()) {
    this.#warmUp = warmUp
    this.#snapshot = snapshot
    this.#link = this.#start()
    if (snapshot === null && warmUp) process.once('exit', prepareSnapshot)
  }

  /** Compiles a cell; unchecked where the checker ended over it. Throws where it ended over that too. */
  compile(request: Omit<CompileRequest, 'type'>): Promise<Compiled> {
    this.#memory.compiling(request)
    return this.#ask({ type: 'compile', ...request }) as Promise<Compiled> // a compile request is answered so
  }

  assist(request: CodeRequest): Promise<Content> {
    return this.#ask(request) as Promise<Content> // other requests are answered so
  }

  /** Lets later cells use what `cell` declares and those of its `values` that it came to give. */
  publish(cell: string, values: readonly string[]): Promise<unknown> {
    this.#memory.published(cell, values)
    return this.#ask({ type: 'publish', cell, values })
  }

  /** Ends work on a cell that nobody waits for any more. */
  abandon(): void {
    const [first] = this.#waiting.values()
    if (first?.request.request.type !== 'compile') return
    first.unchecked ??= 'it was interrupted.'
    this.#isAbandoned = true
    this.#link?.close()
  }

  close(): void {
    this.#isClosed = true
    this.#link?.close()
  }

  #start(): CheckerLink {
    let hasAnswered = false
    let hasEnded = false
    const onAnswer = (answer: CheckerAnswer) => {
      hasAnswered = true
      this.#take(answer)
    }
    const onEnd = (reason: string) => {
      if (hasEnded) return
      hasEnded = true
      // A damaged snapshot, or a system that starts no processes: the cells have nothing to do with it.
      const isUsable = hasAnswered || this.#isAbandoned || this.#snapshot === null
      this.#isAbandoned = false
      if (!isUsable) this.#snapshot = null
      this.#restart(reason, isUsable && !this.#isClosed)
    }
    return this.#snapshot === null
      ? checkerThread(this.#warmUp, { onAnswer, onEnd })
      : checkerProcess(this.#snapshot, this.#warmUp, { onAnswer, onEnd })
  }

  #take({ id, answer, error }: CheckerAnswer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    const isWarned = answer !== undefined && waiting?.unchecked !== undefined
    waiting?.done({ error, answer: isWarned ? { ...answer, unchecked: waiting.unchecked } : answer })
  }

  /** Goes on after an end. The first request is the one it ended over, if it `blames` any. */
  #restart(reason: string, blames: boolean): void {
    this.#link = undefined
    if (this.#isClosed) {
      for (const { done } of this.#waiting.values()) done({ error: gone(reason) })
      this.#waiting.clear()
      return
    }
    const [first] = this.#waiting.values()
    if (first && blames) this.#blame(first, reason)
    // Without a request, the next one starts it: one that cannot start is not started for ever.
    if (this.#waiting.size > 0) this.#replay([...this.#waiting.values()].map(({ request }) => request))
  }

  #blame(waiting: Waiting, reason: string): void {
    const { id, request } = waiting.request
    if (request.type === 'compile' && request.check && waiting.unchecked === undefined) {
      waiting.unchecked = reason
      waiting.request = { id, request: { ...request, check: false } }
      return
    }
    this.#waiting.delete(id)
    waiting.done({ error: `${gone(waiting.unchecked ?? reason)} It is started anew.` })
  }

  #replay(requests: readonly CheckerRequest[]): void {
    this.#link = this.#start()
    // Nobody waits for the answers of what is only repeated.
    for (const request of this.#memory.requests()) this.#link.post({ id: 0, request })
    for (const request of requests) this.#link.post(request)
  }

  #ask(body: ToChecker): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Error(gone('it was closed.')))
    this.#last += 1
    const request = { id: this.#last, request: body }
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, {
        request,
        done: ({ answer, error }) => (error === undefined ? resolve(answer) : reject(new Error(error))),
      })
      if (this.#link) this.#link.post(request)
      else this.#replay([request])
    })
  }
}

/** What a type checker has been told of a session, for one that takes its place. */
class CheckerMemory {
  readonly #compiled = new Map<string, string>()
  readonly #published: { readonly cell: string; readonly code: string; readonly values: readonly string[] }[] = []

  compiling({ cell, code }: Omit<CompileRequest, 'type'>): void {
    this.#compiled.clear()
    this.#compiled.set(cell, code)
  }

  published(cell: string, values: readonly string[]): void {
    const code = this.#compiled.get(cell)
    // What declares nothing is nothing to later cells.
    if (code !== undefined && (values.length > 0 || declaresTypes.test(code)))
      this.#published.push({ cell, code, values })
  }

  /** What tells it to another, in order. */
  requests(): ToChecker[] {
    return this.#published.flatMap(({ cell, code, values }): ToChecker[] => [
      { type: 'compile', cell, code, check: false },
      { type: 'publish', cell, values },
    ])
  }
}

const declaresTypes = /\b(?:type|interface|namespace|import)\b/
