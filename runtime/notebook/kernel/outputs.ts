import { StringDecoder } from 'node:string_decoder'
import type { Content, Header } from '../wire.ts'
import type { ToSockets } from './messages.ts'

type StreamName = 'stdout' | 'stderr'

/** Characters that may wait at the sockets before the session is held up. */
const mostWaiting = 1 << 25

/**
 * What the session says to the front end: in order, and whole. Text is handed over at once, because nothing can be sent
 * later by a cell that computes without a pause. Whoever writes faster than the sockets can send, waits.
 */
export class Outputs {
  readonly #post: (message: ToSockets) => void
  /** Characters that are on their way to the sockets, which take off what they have sent. */
  readonly #waiting: Int32Array
  #parent: Header | undefined

  constructor(post: (message: ToSockets) => void, waiting: Int32Array) {
    this.#post = post
    this.#waiting = waiting
  }

  /** What is written from now on belongs to the request `parent`. */
  begin(parent: Header): void {
    this.#parent = parent
  }

  write(name: StreamName, text: string): void {
    if (text !== '') this.#publish('stream', { name, text }, text.length)
  }

  /** Publishes a message after what was written before it. */
  send(kind: string, content: Content): void {
    this.#publish(kind, content, JSON.stringify(content).length)
  }

  #publish(kind: string, content: Content, size: number): void {
    Atomics.add(this.#waiting, 0, size)
    this.#post({ type: 'output', parent: this.#parent, kind, content, size })
    // In short waits, so that an interrupt comes through.
    for (let now = Atomics.load(this.#waiting, 0); now > mostWaiting; now = Atomics.load(this.#waiting, 0))
      Atomics.wait(this.#waiting, 0, now, 50)
  }

  /** Sends what is written to the process's standard streams here. */
  capture(name: StreamName): void {
    const decoder = new StringDecoder()
    const write = (chunk: Uint8Array | string, encoding?: unknown, done?: unknown): boolean => {
      if (typeof chunk !== 'string') this.write(name, decoder.write(Buffer.from(chunk)))
      else if (typeof encoding === 'string' && !/^utf-?8$/i.test(encoding))
        // What Node's own streams take as an encoding.
        this.write(name, decoder.write(Buffer.from(chunk, encoding as BufferEncoding)))
      else this.write(name, chunk)
      const callback = typeof encoding === 'function' ? encoding : done
      if (typeof callback === 'function') process.nextTick(callback)
      return true
    }
    process[name].write = write
  }
}
