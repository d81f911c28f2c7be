import type { Log } from './log.ts'

/** Does something again and again, one time after the other. */
export class Loop {
  readonly #work: () => Promise<void>
  readonly #every: number
  readonly #log: Log
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #again = false

  constructor(work: () => Promise<void>, every: number, log: Log) {
    this.#work = work
    this.#every = every
    this.#log = log
  }

  /** Begins with the first time now, or with `later`, when the time between two has passed. */
  start({ later = false } = {}): void {
    this.#timer = setInterval(() => this.hurry(), this.#every)
    if (!later) this.hurry()
  }

  /** Does it now, or once more when it is being done. */
  hurry(): void {
    if (this.#timer === undefined) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#again && this.#timer !== undefined) {
      this.#again = false
      try {
        await this.#work()
      } catch (error) {
        this.#log.warn({ error }, 'what runs by itself could not be looked at')
      }
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#running
  }
}
