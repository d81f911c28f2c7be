import type { Router } from 'zeromq'
import type { Content, Message } from '../../wire.ts'
import type { InputLink } from '../prompt.ts'
import { Sender, type Voice } from './channel.ts'

/** The stdin channel: asks the front end whose cell runs, and hands its answer to the session. */
export class Input {
  readonly #sender: Sender
  readonly #voice: Voice
  readonly #link: InputLink
  /** The request that is not answered yet. */
  #open: string | undefined

  constructor(socket: Router, voice: Voice, link: InputLink) {
    this.#sender = new Sender(socket)
    this.#voice = voice
    this.#link = link
  }

  /** Asks whoever sent `cell`. */
  async ask(content: Content, { header, identities }: Message): Promise<void> {
    const message = this.#voice.message('input_request', content, header, identities)
    this.#open = message.id
    await this.#sender.send(message.frames)
  }

  /** Takes an answer; one to another question is let by. */
  take({ header, parent, content }: Message): void {
    if (header.msg_type !== 'input_reply' || this.#open === undefined) return
    // Not every front end says to what it replies.
    if ('msg_id' in parent && parent.msg_id !== this.#open) return
    this.#open = undefined
    this.#link.answers.postMessage(typeof content.value === 'string' ? content.value : '')
    Atomics.store(this.#link.answered, 0, 1)
    Atomics.notify(this.#link.answered, 0)
  }

  /** Expects no answer any more. */
  forget(): void {
    this.#open = undefined
  }
}
