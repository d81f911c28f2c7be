import type { Content, Header } from '../../wire.ts'

/** Characters, and milliseconds, after which gathered text is published. */
const mostText = 1 << 16
const longest = 20

type Publish = (content: Content, parent: Header | undefined) => Promise<void>

/** Gathers what is written to a stream, so that a hundred thousand lines are a few dozen messages. */
export class Streams {
  readonly #publish: Publish
  readonly #sent: (characters: number) => void
  #chunks: string[] = []
  #length = 0
  #name: unknown
  #parent: Header | undefined
  #timer: NodeJS.Timeout | undefined

  /** `sent` is told how many characters have been sent. */
  constructor(publish: Publish, sent: (characters: number) => void) {
    this.#publish = publish
    this.#sent = sent
  }

  /** Adds what was written to the stream `name`, about `parent`. */
  add(name: unknown, text: string, parent: Header | undefined): void {
    if (name !== this.#name || parent?.msg_id !== this.#parent?.msg_id) this.flush()
    this.#name = name
    this.#parent = parent
    this.#chunks.push(text)
    this.#length += text.length
    if (this.#length > mostText) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), longest)
  }

  /** Publishes what is gathered, ahead of what is published next. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#chunks.length === 0) return
    const text = this.#chunks.join('')
    this.#chunks = []
    this.#length = 0
    void this.#publish({ name: this.#name, text }, this.#parent).then(() => this.#sent(text.length))
  }
}
