import type { ServiceDatabase } from '../../../service/database/database.ts'
import { eventChannel } from '../../../service/events/events.ts'

/** Wakes everybody who waits for events, with one connection that listens for all. */
export class Bell {
  readonly #waiting = new Set<() => void>()
  #listening: Promise<() => Promise<void>> | undefined
  readonly #database: ServiceDatabase

  constructor(database: ServiceDatabase) {
    this.#database = database
  }

  #ring(): void {
    for (const wake of this.#waiting) wake()
  }

  /** Begins to listen, so that what is told from now on wakes. */
  async listen(): Promise<void> {
    this.#listening ??= this.#database.listen(eventChannel, () => this.#ring())
    try {
      await this.#listening
    } catch (error) {
      // The next one who asks tries again.
      this.#listening = undefined
      throw error
    }
  }

  /** Calls back whenever something was told; gives what ends it. */
  subscribe(wake: () => void): () => void {
    this.#waiting.add(wake)
    return () => this.#waiting.delete(wake)
  }

  async close(): Promise<void> {
    this.#ring()
    const end = await this.#listening?.catch(() => undefined) // what was never begun need not be ended
    await end?.()
  }
}
