import { polkuVersion } from '../../../data/installation.ts'
import type { Content, Message } from '../../wire.ts'
import type { CodeRequest, ExecuteRequest } from '../messages.ts'
import type { Answers } from './channel.ts'

/** The session, as the sockets see it. */
export interface SessionLink {
  execute(request: ExecuteRequest): Promise<Content>
  ask(request: CodeRequest): Promise<Content>
}

/** Inputs that a front end can ask for again. */
const remembered = 1000

export const kernelInfo: Content = {
  status: 'ok',
  protocol_version: '5.4',
  implementation: 'polku',
  implementation_version: polkuVersion,
  language_info: {
    name: 'typescript',
    version: '5.9',
    mimetype: 'text/typescript',
    file_extension: '.ts',
    codemirror_mode: { name: 'javascript', typescript: true },
    nbconvert_exporter: 'script',
  },
  banner: `Polku ${polkuVersion}: TypeScript on Node ${process.version}`,
  help_links: [{ text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' }],
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Jupyter counts characters, JavaScript UTF-16 units. */
const toUnits = (code: string, characters: number): number => [...code].slice(0, characters).join('').length
const toCharacters = (code: string, units: number): number => [...code.slice(0, units)].length

/** Answers the shell channel's requests, one after the other. */
export class Shell {
  readonly #link: SessionLink
  readonly #answers: Answers
  readonly #queue: Message[] = []
  readonly #history: [number, string][] = []
  readonly #aborted = new WeakSet<Message>()
  #working = false
  #count = 0
  #silent = 0
  #executing: Message | undefined

  constructor(link: SessionLink, answers: Answers) {
    this.#link = link
    this.#answers = answers
  }

  /** The request of the cell that runs. */
  get executing(): Message | undefined {
    return this.#executing
  }

  /** Takes a request, and works on what is queued. */
  async take(request: Message): Promise<void> {
    this.#queue.push(request)
    if (this.#working) return
    this.#working = true
    for (let next = this.#queue.shift(); next; next = this.#queue.shift())
      await this.#handle(next, () => this.#answer(next))
    this.#working = false
  }

  async #handle(request: Message, answer: () => Promise<Content | undefined>): Promise<void> {
    const { header } = request
    await this.#answers.publish('status', { execution_state: 'busy' }, header)
    const content = await answer()
    if (content) await this.#answers.reply(request, content)
    await this.#answers.publish('status', { execution_state: 'idle' }, header)
  }

  async #answer(request: Message): Promise<Content | undefined> {
    const { content } = request
    switch (request.header.msg_type) {
      case 'kernel_info_request':
        return kernelInfo
      case 'execute_request':
        return this.#execute(request)
      case 'complete_request':
        return this.#complete(content)
      case 'inspect_request':
        return this.#link.ask({ type: 'inspect', ...this.#cursorIn(content) })
      case 'is_complete_request':
        return this.#link.ask({ type: 'isComplete', code: text(content.code), position: 0 })
      case 'history_request':
        return { status: 'ok', history: this.#past(content) }
      case 'comm_info_request':
        return { status: 'ok', comms: {} }
      case 'comm_open':
        // The protocol's answer of a kernel that does not know the target.
        await this.#answers.publish('comm_close', { comm_id: content.comm_id, data: {} }, request.header)
        return undefined
      default:
        return undefined
    }
  }

  #cursorIn(content: Content): { code: string; position: number } {
    const code = text(content.code)
    return { code, position: toUnits(code, Number(content.cursor_pos ?? code.length)) }
  }

  async #complete(content: Content): Promise<Content> {
    const { code, position } = this.#cursorIn(content)
    const completion = await this.#link.ask({ type: 'complete', code, position })
    if (completion.status !== 'ok') return completion
    const characters = (units: unknown) => toCharacters(code, Number(units))
    return {
      ...completion,
      cursor_start: characters(completion.cursor_start),
      cursor_end: characters(completion.cursor_end),
    }
  }

  #past({ hist_access_type: access, n }: Content): [number, number, string][] {
    const all = this.#history.map(([count, code]): [number, number, string] => [0, count, code])
    return access === 'tail' ? all.slice(-Number(n ?? remembered)) : all
  }

  async #execute(request: Message): Promise<Content> {
    if (this.#aborted.has(request)) return { status: 'aborted', execution_count: this.#count }
    const { content, header } = request
    const code = text(content.code)
    const silent = content.silent === true
    const isStored = !silent && content.store_history !== false
    if (isStored) {
      this.#count += 1
      this.#history.push([this.#count, code])
      if (this.#history.length > remembered) this.#history.shift()
    } else this.#silent += 1
    const count = this.#count
    if (!silent) await this.#answers.publish('execute_input', { code, execution_count: count }, header)
    this.#executing = request
    const reply = await this.#link.execute({
      type: 'execute',
      parent: header,
      cell: isStored ? `cell ${count}` : `expression ${this.#silent}`,
      count,
      code,
      silent,
      attended: content.allow_stdin === true,
      // Front ends send an object, or nothing.
      userExpressions: (content.user_expressions ?? {}) as Record<string, string>,
    })
    this.#executing = undefined
    if (reply.status === 'error' && content.stop_on_error !== false) this.#abort()
    return { ...reply, execution_count: count }
  }

  /** The cells that are queued behind one that failed are not run: they are answered so when it is their turn. */
  #abort(): void {
    for (const request of this.#queue) if (request.header.msg_type === 'execute_request') this.#aborted.add(request)
  }
}
