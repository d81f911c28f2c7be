import { Dealer } from 'zeromq'
import { address, type Connection, type Content, decode, encode, type Header, type Message } from '../wire.ts'

/** A request channel of a kernel. One message is sent after another: a socket takes no second one while it is busy. */
export class Channel {
  readonly #socket: Dealer
  readonly #key: string
  #sent: Promise<void> = Promise.resolve()

  constructor(connection: Connection, port: number, onMessage: (message: Message) => void) {
    this.#socket = new Dealer({ linger: 0, reconnectInterval: 10, receiveHighWaterMark: 0 })
    this.#key = connection.key
    this.#socket.connect(address(connection, port))
    void this.#listen(onMessage)
  }

  send(header: Header, content: Content): Promise<void> {
    const frames = encode({ identities: [], header, parent: {}, metadata: {}, content, buffers: [] }, this.#key)
    // A closed socket takes nothing more, and whoever waits for the answer is told that the kernel is gone.
    this.#sent = this.#sent.then(() => (this.#socket.closed ? undefined : this.#socket.send(frames)))
    return this.#sent
  }

  close(): void {
    this.#socket.close()
  }

  async #listen(onMessage: (message: Message) => void): Promise<void> {
    for await (const frames of this.#socket) {
      const message = decode(frames, this.#key)
      if (message) onMessage(message)
    }
  }
}
