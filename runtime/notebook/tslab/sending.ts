import { Publisher, Router } from 'zeromq'

// tslab sends without waiting, and a socket that is busy refuses: what is printed past its buffer is lost, and what is
// on its way when it closes too. Here each socket of the process sends in turn, and closes when all is sent.

interface Sending {
  send(message: unknown): Promise<void>
  close(): void
  bind(address: string): Promise<void>
  sendHighWaterMark: number
}

function mend(prototype: Sending): void {
  const { send, close, bind } = prototype
  const turns = new WeakMap<Sending, Promise<void>>()
  const mended: Omit<Sending, 'sendHighWaterMark'> = {
    send(this: Sending, message) {
      const turn = (turns.get(this) ?? Promise.resolve()).then(() => send.call(this, message))
      turns.set(this, turn)
      return turn
    },
    close(this: Sending) {
      void (turns.get(this) ?? Promise.resolve()).then(() => close.call(this))
    },
    bind(this: Sending, address) {
      // A publisher drops what goes past its mark, which can be lifted before it is bound.
      this.sendHighWaterMark = 0
      return bind.call(this, address)
    },
  }
  // The methods themselves are of all sockets and cannot be written; these stand before them.
  for (const [name, value] of Object.entries(mended)) Object.defineProperty(prototype, name, { value })
}

/** Lets every publisher and router of this process send all that it is given. To be called before one is made. */
export function sendEverything(): void {
  // Their classes declare these methods with narrower arguments, which are passed through unseen.
  for (const socket of [Publisher, Router]) mend(socket.prototype as unknown as Sending)
}
