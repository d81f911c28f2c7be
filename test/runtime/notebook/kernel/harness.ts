import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { Dealer, Request, Subscriber } from 'zeromq'
import { kernelCommand } from '../../../../runtime/notebook/kernel/command.ts'
import { freePorts } from '../../../../runtime/notebook/kernel-process/process.ts'
import {
  address,
  type Connection,
  type Content,
  decode,
  encode,
  type Message,
  newHeader,
} from '../../../../runtime/notebook/wire.ts'

/** What came of a request: everything published for it, in order, and its reply. */
export interface Answer {
  readonly published: readonly Message[]
  readonly reply: Content
}

/** Starts a kernel's command in a folder. */
type Launch = (command: readonly string[], cwd: string) => ChildProcess

const directly: Launch = ([command = '', ...args], cwd) =>
  spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })

/** A kernel and a bare client of it, which sees every message. */
export class TestKernel {
  readonly process: ChildProcess
  readonly #connection: Connection
  readonly #folder: string
  // A kernel asks whoever sent the cell: by the same name.
  readonly #routing = { routingId: randomUUID() }
  readonly #shell = new Dealer(this.#routing)
  readonly #stdin = new Dealer(this.#routing)
  readonly #control = new Dealer()
  readonly #iopub = new Subscriber()
  readonly #session = randomUUID()
  /** Everything published, in order. */
  readonly published: Message[] = []
  readonly #replies = new Map<string, Message>()
  readonly #questions: Message[] = []
  #news = Promise.withResolvers<void>()

  private constructor(connection: Connection, folder: string, args: readonly string[], cwd: string, launch: Launch) {
    this.#connection = connection
    this.#folder = folder
    const file = join(folder, 'connection.json')
    writeFileSync(file, JSON.stringify(connection), { mode: 0o600 })
    this.process = launch([...kernelCommand(file), ...args], cwd)
    // Whoever waits for a message of a kernel that is gone is told.
    this.process.once('exit', () => this.#news.resolve())
  }

  static async start(args: readonly string[] = [], cwd = process.cwd(), launch = directly): Promise<TestKernel> {
    const folder = mkdtempSync(join(tmpdir(), 'polku-kernel-'))
    const [shell_port = 0, iopub_port = 0, stdin_port = 0, control_port = 0, hb_port = 0] = await freePorts()
    const ports = { shell_port, iopub_port, stdin_port, control_port, hb_port }
    const common = { transport: 'tcp', ip: '127.0.0.1', key: randomUUID(), signature_scheme: 'hmac-sha256' } as const
    const kernel = new TestKernel({ ...common, ...ports }, folder, args, cwd, launch)
    await kernel.#connect()
    return kernel
  }

  async #connect(): Promise<void> {
    const at = (port: number) => address(this.#connection, port)
    this.#iopub.subscribe()
    this.#iopub.connect(at(this.#connection.iopub_port))
    this.#shell.connect(at(this.#connection.shell_port))
    this.#control.connect(at(this.#connection.control_port))
    this.#stdin.connect(at(this.#connection.stdin_port))
    void this.#listen(this.#stdin, (message) => this.#questions.push(message))
    void this.#listen(this.#iopub, (message) => this.published.push(message))
    for (const socket of [this.#shell, this.#control])
      void this.#listen(socket, (message) => this.#replies.set(parentOf(message), message))
    // The subscription may come after the first messages: ask until something published is seen.
    while (this.published.length === 0) await this.#ask('kernel_info_request', {})
    const { reply } = await this.request('kernel_info_request', {})
    if (reply.status !== 'ok') throw new Error('The kernel does not know itself.')
  }

  async #listen(socket: Dealer | Subscriber, take: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      const message = decode(frames, this.#connection.key)
      if (!message) throw new Error('A message that is not signed.')
      take(message)
      this.#news.resolve()
      this.#news = Promise.withResolvers()
    }
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.#hasEnded) await this.#news.promise
    // What a kernel that is gone sent last may still be on its way.
    await vi.waitUntil(holds, { timeout: 5000 }).catch(() => {
      throw new Error(`The kernel ended (${this.process.exitCode ?? this.process.signalCode}).`)
    })
  }

  get #hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null
  }

  #isIdle(id: string): boolean {
    return this.published.some((message) => parentOf(message) === id && message.content.execution_state === 'idle')
  }

  /** Sends a request and gives its id. */
  async send(type: string, content: Content, channel: 'shell' | 'control' = 'shell'): Promise<string> {
    const header = newHeader(type, this.#session, new Date().toISOString())
    const message = { identities: [], header, parent: {}, metadata: {}, content, buffers: [] }
    const socket = channel === 'shell' ? this.#shell : this.#control
    await socket.send(encode(message, this.#connection.key))
    return header.msg_id
  }

  async #ask(type: string, content: Content): Promise<{ id: string; reply: Content }> {
    const id = await this.send(type, content)
    await this.#until(() => this.#replies.has(id))
    return { id, reply: this.#replies.get(id)?.content ?? {} }
  }

  /** What came of the request `id`, once the kernel is idle again. */
  async answer(id: string): Promise<Answer> {
    await this.#until(() => this.#replies.has(id) && this.#isIdle(id))
    const published = this.published.filter((message) => parentOf(message) === id)
    return { published, reply: this.#replies.get(id)?.content ?? {} }
  }

  async request(type: string, content: Content, channel: 'shell' | 'control' = 'shell'): Promise<Answer> {
    return this.answer(await this.send(type, content, channel))
  }

  run(code: string, content: Content = {}): Promise<Answer> {
    return this.request('execute_request', { code, silent: false, store_history: true, ...content })
  }

  /** When a message of `type` about `id` has been published. */
  whenPublished(id: string, type: string): Promise<void> {
    return this.#until(() => this.published.some((m) => parentOf(m) === id && m.header.msg_type === type))
  }

  /** What the kernel asks next about the request `id`, which it then is answered with `value`. */
  async prompted(id: string, value: string): Promise<Content> {
    const find = () => this.#questions.findIndex((message) => parentOf(message) === id)
    await this.#until(() => find() >= 0)
    const [question] = this.#questions.splice(find(), 1)
    const header = newHeader('input_reply', this.#session, new Date().toISOString())
    const message = { identities: [], header, parent: question?.header ?? {}, metadata: {}, buffers: [] }
    await this.#stdin.send(encode({ ...message, content: { value } }, this.#connection.key))
    return question?.content ?? {}
  }

  async heartbeat(text: string): Promise<string> {
    const socket = new Request()
    socket.connect(address(this.#connection, this.#connection.hb_port))
    await socket.send(text)
    const [echo] = await socket.receive()
    socket.close()
    return String(echo)
  }

  /** Ends the kernel if it still runs, and leaves nothing behind. */
  async close(): Promise<void> {
    if (!this.#hasEnded) {
      const exit = once(this.process, 'exit')
      this.process.kill('SIGKILL')
      await exit
    }
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub]) socket.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const parentOf = ({ parent }: Message): string => ('msg_id' in parent ? parent.msg_id : '')

/** The text that was written to a stream. */
export const streamed = ({ published }: Answer, name = 'stdout'): string =>
  published
    .filter(({ header, content }) => header.msg_type === 'stream' && content.name === name)
    .map(({ content }) => content.text)
    .join('')

/** The contents of the published messages of a type. */
export const contentsOf = ({ published }: Answer, type: string): Content[] =>
  published.filter(({ header }) => header.msg_type === type).map(({ content }) => content)

/** The text of the cell's result, or undefined. */
export const resultOf = (answer: Answer): unknown => {
  const [result] = contentsOf(answer, 'execute_result')
  // An execute_result's data is a MIME bundle.
  return (result?.data as Content | undefined)?.['text/plain']
}
