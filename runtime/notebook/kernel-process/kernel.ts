import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Subscriber } from 'zeromq'
import { PolkuError } from '../../errors/errors.ts'
import { afterOwnTime } from '../own-time.ts'
import { address, type Content, decode, type Message, newHeader } from '../wire.ts'
import { Channel } from './channel.ts'
import { commandOf, type Environment, type KernelSpec } from './kernelspec.ts'
import { type Displays, type OutputLimits, Outputs } from './outputs.ts'
import { KernelProcess } from './process.ts'

export interface KernelOptions {
  /** Where the kernel works: what relative paths in the notebook start from. */
  readonly folder: string
  readonly env: Environment
  /** Milliseconds until the kernel must answer, however busy the machine is. */
  readonly startTimeout: number
  readonly outputLimits: OutputLimits
  readonly signal: AbortSignal
  readonly now: () => number
}

/** How a cell ended: `aborted` where the kernel did not run it. */
export interface Execution {
  readonly status: 'ok' | 'error' | 'aborted'
  readonly executionCount: number | null
}

interface Request {
  readonly outputs: Outputs
  reply?: Message
  idle: boolean
  /** Ends the wait for its end. */
  release: () => void
  finish: (execution: Execution) => void
  fail: (death: KernelDeath) => void
}

/** The kernel's process ended while it had work to do. */
export class KernelDeath extends Error {}

// Milliseconds of the kernel's own, on the processor or at rest: another number of them passes on a busy machine.
/** Until it must answer. */
const startTime = 60_000
/** After the reply, without a message of the cell: then its end was lost. */
const lostAfter = 10_000
const shutdownTime = 3000

/** A running Jupyter kernel of any language. */
export class Kernel {
  readonly process: KernelProcess
  readonly #spec: KernelSpec
  readonly #options: KernelOptions
  readonly #session = randomUUID()
  readonly #shell: Channel
  readonly #control: Channel
  readonly #iopub: Subscriber
  readonly #requests = new Map<string, Request>()
  readonly #displays: Displays = new Map()
  readonly #answered = Promise.withResolvers<void>()
  #published = false
  #lastPublished = 0

  private constructor(spec: KernelSpec, process: KernelProcess, options: KernelOptions) {
    const { connection } = process
    this.process = process
    this.#spec = spec
    this.#options = options
    this.#iopub = new Subscriber({ linger: 0, reconnectInterval: 10, receiveHighWaterMark: 0 })
    this.#iopub.subscribe()
    this.#iopub.connect(address(connection, connection.iopub_port))
    this.#shell = new Channel(connection, connection.shell_port, (message) => this.#onReply(message))
    this.#control = new Channel(connection, connection.control_port, () => {})
    void this.#listen()
    void process.ended.then((reason) => this.#onDeath(reason))
  }

  /** Starts a kernel and waits until it answers and its outputs are heard. Throws KERNEL_START, KERNEL_NOT_READY. */
  static async start(spec: KernelSpec, options: KernelOptions): Promise<Kernel> {
    const process = await KernelProcess.start(spec, options.folder, options.env)
    const kernel = new Kernel(spec, process, options)
    try {
      await kernel.#ready()
      return kernel
    } catch (error) {
      kernel.kill()
      throw error
    }
  }

  /**
   * Runs a cell. `outputs` fills while it runs, and with what comes later from what it started.
   * Throws KernelDeath.
   */
  execute(code: string): { readonly outputs: Outputs; readonly done: Promise<Execution> } {
    const outputs = new Outputs(this.#options.outputLimits, this.#displays)
    const { promise, resolve, reject } = Promise.withResolvers<Execution>()
    const header = this.#header('execute_request')
    this.#requests.set(header.msg_id, { outputs, idle: false, release: () => {}, finish: resolve, fail: reject })
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false }
    void this.#shell.send(header, { ...content, stop_on_error: true })
    if (!this.process.alive) void this.process.ended.then((reason) => reject(new KernelDeath(reason)))
    return { outputs, done: promise }
  }

  /** Asks the kernel to stop what it is doing; it may not obey. */
  async interrupt(): Promise<void> {
    if (this.#spec.interruptMode === 'signal') this.process.interrupt()
    else await this.#control.send(this.#header('interrupt_request'), {})
  }

  /** Ends the kernel politely, or after three seconds by force. */
  async shutdown(): Promise<void> {
    await this.#control.send(this.#header('shutdown_request'), { restart: false })
    await Promise.race([this.process.ended, this.#ownTime(shutdownTime)])
    this.kill()
    await this.process.ended
  }

  /** Ends the kernel and all that it started, at once. */
  kill(): void {
    this.process.kill()
    for (const request of this.#requests.values()) request.release()
    for (const channel of [this.#shell, this.#control, this.#iopub]) channel.close()
  }

  /** Resolves once the kernel has had so much time of its own, or has ended. */
  #ownTime(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const release = afterOwnTime(milliseconds, () => this.process.cpuTime(), resolve)
    void this.process.ended.then(release).then(resolve)
    return promise
  }

  async #ready(): Promise<void> {
    const { startTimeout, signal } = this.#options
    const values = { kernel: this.#spec.name, command: commandOf(this.#spec) }
    const died = this.process.ended.then((reason) => {
      throw new PolkuError('KERNEL_START', { ...values, reason })
    })
    // A subscription takes a moment to arrive, so what is published in answer to the first request may be missed.
    let isOver = false
    const heard = async () => {
      for (let attempt = 0; (!this.#published || attempt === 0) && !isOver; attempt++) {
        await this.#shell.send(this.#header('kernel_info_request'), {})
        await this.#answered.promise
        for (let wait = 0; wait < 10 && !this.#published; wait++) await pause(20)
      }
    }
    const { promise: late, resolve: giveUp } = Promise.withResolvers<void>()
    let limit = startTime
    const release = afterOwnTime(startTime, () => this.process.cpuTime(), giveUp)
    const timer = setTimeout(() => {
      limit = startTimeout
      giveUp()
    }, startTimeout)
    const cancelled = Promise.withResolvers<never>()
    const onAbort = () => cancelled.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      signal.throwIfAborted()
      await Promise.race([heard(), late, died, cancelled.promise])
    } finally {
      isOver = true
      release()
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      died.catch(() => {}) // who waits for a cell is told of a later death
    }
    if (!this.#published) throw new PolkuError('KERNEL_NOT_READY', { ...values, limit: `${limit / 1000} s` })
  }

  #header(type: string) {
    return newHeader(type, this.#session, new Date(this.#options.now()).toISOString())
  }

  async #listen(): Promise<void> {
    const { key } = this.process.connection
    // The first frame is the topic.
    for await (const frames of this.#iopub) {
      const message = decode(frames, key)
      if (message) this.#onPublished(message)
    }
  }

  #onPublished({ header, parent, content }: Message): void {
    this.#published = true
    this.#lastPublished = this.#options.now()
    const request = 'msg_id' in parent ? this.#requests.get(parent.msg_id) : undefined
    if (!request) return
    request.outputs.take(header.msg_type, content)
    if (header.msg_type === 'status' && content.execution_state === 'idle') {
      request.idle = true
      this.#finish(request)
    } else if (request.reply && !request.idle) this.#awaitIdle(request)
  }

  #onReply(message: Message): void {
    if (message.header.msg_type === 'kernel_info_reply') this.#answered.resolve()
    const request = 'msg_id' in message.parent ? this.#requests.get(message.parent.msg_id) : undefined
    if (!request || message.header.msg_type !== 'execute_reply') return
    request.reply = message
    this.#finish(request)
    if (!request.idle) this.#awaitIdle(request)
  }

  #awaitIdle(request: Request): void {
    request.release()
    request.release = afterOwnTime(
      lostAfter,
      () => this.process.cpuTime(),
      () => {
        request.idle = true
        this.#finish(request)
      },
    )
  }

  #finish(request: Request): void {
    if (!request.reply || !request.idle) return
    request.release()
    request.finish(toExecution(request.reply.content))
  }

  async #onDeath(reason: string): Promise<void> {
    // What it sent before it died may still be on its way.
    let heard: number
    do {
      heard = this.#lastPublished
      await pause(50)
    } while (heard !== this.#lastPublished)
    for (const request of this.#requests.values()) request.fail(new KernelDeath(reason))
    this.kill()
  }
}

function toExecution(content: Content): Execution {
  const status = content.status === 'ok' || content.status === 'error' ? content.status : 'aborted'
  return { status, executionCount: typeof content.execution_count === 'number' ? content.execution_count : null }
}
