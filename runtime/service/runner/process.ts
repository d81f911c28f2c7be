import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { NodeDeclaration } from '../../catalogue/node-declaration.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import { codeCacheOf, confinement, temporaryOf } from './confinement.ts'
import { readLines } from './lines.ts'
import type { CheckOrder, FromRunner, RunnerEnding, RunOrder, ToRunner } from './messages.ts'

export interface RunnerLimits {
  /** Bytes that the process may take. */
  readonly memory: number
  /** The client's folder, beyond which it sees nothing. */
  readonly folder: string
  /** Whether it runs notebooks, and so may start processes. */
  readonly notebooks?: boolean
}

/** A line that the process of a run printed. */
export interface PrintedLine {
  readonly stream: 'stdout' | 'stderr'
  readonly line: string
}

/** Of a process's memory, what DuckDB takes before it uses the disk. */
const databaseShare = 0.5

/** Thrown where the process of a run ended before its run. */
export class RunnerDied extends Error {}

/** Of the service's environment a run sees only what programs need anywhere: no secret, no address of a database. */
const inherited = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'JUPYTER_PATH', 'JUPYTER_DATA_DIR']

const strippedEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))

type OnProgress = (message: Extract<FromRunner, { type: 'progress' | 'deadline' }>) => void

/** One process that does the runs of one client, one at a time. */
export class Runner {
  readonly client: string
  readonly folder: string
  readonly notebooks: boolean
  readonly memory: number
  readonly #child: ChildProcess
  #died: string | undefined
  runs = 0
  /** Whether it can do no other run. */
  isSpoilt = false
  /** Called with each line that the process prints. */
  onLine: (printed: PrintedLine) => void = () => {}

  constructor(client: string, { memory, folder, notebooks = false }: RunnerLimits) {
    this.client = client
    this.folder = folder
    this.notebooks = notebooks
    this.memory = memory
    const heap = Math.max(128, Math.round(memory / 2 / 2 ** 20))
    this.#child = fork(join(import.meta.dirname, 'main.ts'), [String(Math.round(memory * databaseShare))], {
      env: { ...strippedEnvironment(), TMPDIR: temporaryOf(folder), NODE_COMPILE_CACHE: codeCacheOf(folder) },
      execArgv: [`--max-old-space-size=${heap}`, ...confinement(folder, { notebooks })],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of ['stdout', 'stderr'] as const) {
      const readable = this.#child[stream]
      if (readable) readLines(readable, (line) => this.onLine({ stream, line }))
    }
    this.#child.on('error', (error) => this.#end(error.message))
    this.#child.on('exit', (code, signal) => this.#end(signal ? `signal ${signal}` : `exit code ${code}`))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it was started with the same limits. */
  fits({ folder, memory, notebooks = false }: RunnerLimits): boolean {
    return folder === this.folder && memory === this.memory && notebooks === this.notebooks
  }

  get isAlive(): boolean {
    return this.#died === undefined
  }

  #end(reason: string): void {
    this.#died ??= reason
    this.#child.emit('ended')
  }

  /** Does a run; `stale` where this process cannot. Throws RunnerDied where the process ends before it. */
  perform(order: RunOrder, onProgress: OnProgress): Promise<RunnerEnding | 'stale'> {
    this.runs += 1
    return this.#ask({ type: 'run', order }, (message) => {
      if (message.type === 'progress' || message.type === 'deadline') onProgress(message)
      if (message.type === 'stale') return 'stale'
      if (message.type !== 'ended') return undefined
      this.isSpoilt = message.spoilt
      return message.ending
    })
  }

  /** What is wrong with a flow's text. Throws RunnerDied where the process ends before it. */
  check(order: CheckOrder): Promise<readonly ProblemRecord[]> {
    return this.#ask({ type: 'check', order }, (message) => (message.type === 'checked' ? message.problems : undefined))
  }

  /** The client's own nodes. Throws RunnerDied where the process ends before it. */
  nodes(folder: string): Promise<readonly NodeDeclaration[]> {
    return this.#ask({ type: 'nodes', folder }, (message) => (message.type === 'nodes' ? message.nodes : undefined))
  }

  /** Sends a message to the process, and waits until one of its messages is the answer. */
  #ask<Answer>(request: ToRunner, answerOf: (message: FromRunner) => Answer | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const stop = (work: () => void) => {
        this.#child.off('message', onMessage).off('ended', onEnd)
        work()
      }
      const onEnd = () => stop(() => reject(new RunnerDied(this.#died ?? 'it ended')))
      const onMessage = (message: FromRunner) => {
        const answer = answerOf(message)
        if (answer !== undefined) stop(() => resolve(answer))
      }
      if (!this.isAlive) return onEnd()
      this.#child.on('message', onMessage).on('ended', onEnd)
      this.send(request)
    })
  }

  send(message: ToRunner): void {
    // A process that is just ending takes no message; its end is emitted as `ended`.
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Ends the process and waits until it is gone. */
  async close(): Promise<void> {
    if (!this.isAlive) return
    const ended = once(this.#child, 'ended')
    this.kill()
    await ended
  }
}
