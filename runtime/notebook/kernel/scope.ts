/** That a person stopped the cell. */
export class KeyboardInterrupt extends Error {
  override readonly name = 'KeyboardInterrupt'
  constructor() {
    super('The cell was interrupted.')
  }

  /** In place of what a stopped work failed with, where that happened. */
  static insteadOf(reason: unknown): KeyboardInterrupt {
    if (reason instanceof KeyboardInterrupt) return reason
    const interrupt = new KeyboardInterrupt()
    const lines = reason instanceof Error ? (reason.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
    interrupt.stack = [`${interrupt.name}: ${interrupt.message}`, ...lines].join('\n')
    return interrupt
  }
}

/** What the session's cells share, and how they wait. */
export class Scope {
  /** Every name's newest declaration, as accessors of the cell's own variable. */
  readonly names: Record<string, unknown> = Object.create(null)
  #interrupts = 0

  /** Publishes a variable of a cell; without `set` it is a constant. */
  publish(name: string, get: () => unknown, set?: (value: unknown) => void): void {
    const refuse = () => {
      throw new TypeError('Assignment to constant variable.')
    }
    Object.defineProperty(this.names, name, { get, set: set ?? refuse, configurable: true, enumerable: true })
  }

  /**
   * What a cell awaits. What it was waiting for while it was interrupted, it does not get: it goes no further. A plain
   * `then`, because V8 follows it to tell in a stack who awaited.
   */
  wait(value: unknown): Promise<unknown> {
    const before = this.#interrupts
    return Promise.resolve(value).then(
      (result) => {
        if (before !== this.#interrupts) throw new KeyboardInterrupt()
        return result
      },
      (reason: unknown) => {
        throw before === this.#interrupts ? reason : KeyboardInterrupt.insteadOf(reason)
      },
    )
  }

  /** What a cell's `for await` goes through, with the same waits. */
  iterate(iterable: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterable<unknown> | Iterable<unknown> {
    if (!(Symbol.asyncIterator in iterable)) return iterable
    const wait = <T>(value: Promise<T>) => this.wait(value) as Promise<T> // gives what it is given
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = iterable[Symbol.asyncIterator]()
        return {
          next: () => wait(iterator.next()),
          return: (value?: unknown) => iterator.return?.(value) ?? Promise.resolve({ done: true, value }),
        }
      },
    }
  }

  interrupt(): void {
    this.#interrupts += 1
  }
}
