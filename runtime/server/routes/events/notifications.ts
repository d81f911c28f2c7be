import type { ServiceDatabase } from '../../../service/database/database.ts'
import { eventChannel } from '../../../service/events/events.ts'

/** Wakes everybody who waits for events, with one connection that listens for all. */
export class EventNotifications {
  readonly #waiting = new Set<() => void>()
  #listening: Promise<() => Promise<void>> | undefined
  readonly #database: ServiceDatabase

  constructor(database: ServiceDatabase) {
    this.#database = database
  }

  #notify(): void {
    for (const wake of this.#waiting) wake()
  }

  /** Begins to listen, so that what is emitted from now on wakes. */
  async listen(): Promise<void> {
    this.#listening ??= this.#database.listen(eventChannel, () => this.#notify())
    try {
      await this.#listening
    } catch (error) {
      // The next one who listens tries again.
      this.#listening = undefined
      throw error
    }
  }

  /** Calls back whenever something was emitted; gives what ends it. */
  subscribe(wake: () => void): () => void {
    this.#waiting.add(wake)
    return () => this.#waiting.delete(wake)
  }

  async close(): Promise<void> {
    this.#notify()
    const end = await this.#listening?.catch(() => undefined) // what was never begun need not be ended
    await end?.()
  }
}
