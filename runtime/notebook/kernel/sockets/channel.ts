import { randomUUID } from 'node:crypto'
import type { Publisher, Router } from 'zeromq'
import { type Content, encode, type Header, type Message, newHeader } from '../../wire.ts'

/** Signs what a kernel says. */
export class Voice {
  readonly #key: string
  readonly #session = randomUUID()
  readonly #now: () => number

  constructor(key: string, now: () => number) {
    this.#key = key
    this.#now = now
  }

  /** The frames of a message that a request caused; without a request it has no parent. */
  frames(type: string, content: Content, parent: Header | undefined, identities: readonly Buffer[]): Buffer[] {
    return this.message(type, content, parent, identities).frames
  }

  /** The same, with the message's id. */
  message(type: string, content: Content, parent: Header | undefined, identities: readonly Buffer[]) {
    const header = newHeader(type, this.#session, new Date(this.#now()).toISOString())
    const whole = { identities, header, parent: parent ?? {}, metadata: {}, content, buffers: [] }
    return { id: header.msg_id, frames: encode(whole, this.#key) }
  }
}

/** A socket that sends one message after the other, as ZeroMQ wants it. */
export class Sender {
  readonly #socket: Publisher | Router
  #last: Promise<void> = Promise.resolve()

  constructor(socket: Publisher | Router) {
    this.#socket = socket
  }

  send(frames: Buffer[]): Promise<void> {
    this.#last = this.#last.then(() => this.#socket.send(frames)).catch(() => undefined) // whoever asked has gone
    return this.#last
  }

  /** When all that was given to send is with the system. */
  get sent(): Promise<void> {
    return this.#last
  }
}

/** What answers requests: publishes, and replies on the request's channel. */
export interface Answers {
  publish(type: string, content: Content, parent: Header | undefined): Promise<void>
  reply(request: Message, content: Content): Promise<void>
}
