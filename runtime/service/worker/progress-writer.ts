import type { Log } from '../log.ts'
import type { RunEvent, RunQueue, Untold } from '../queue/queue.ts'
import type { RunRow, StepProgress } from '../queue/run.ts'

/** How long the first word of a run waits for that of its first step at most, and the pause after each, in ms. */
const firstStepWithin = 10
const writeEvery = 50

const isOfStep = ({ event }: RunEvent): boolean => event !== 'run started'

/** Writes how far a run is, one write at a time with a pause after it, each with all that was told meanwhile. */
export class Telling {
  readonly #queue: RunQueue
  readonly #log: Log
  #steps: readonly StepProgress[] = []
  #told: RunEvent[] = []
  #writing: Promise<void> | undefined
  #awaitsStep = false
  #endPause: (() => void) | undefined
  #ending: 'written' | 'given back' | undefined

  constructor(queue: RunQueue, log: Log) {
    this.#queue = queue
    this.#log = log
  }

  tell(run: RunRow, steps: readonly StepProgress[], events: readonly RunEvent[]): void {
    this.#steps = steps
    this.#told.push(...events)
    if (this.#awaitsStep && events.some(isOfStep)) this.#endPause?.()
    this.#writing ??= this.#write(run).finally(() => {
      this.#writing = undefined
    })
  }

  /** Has everything written that was told. */
  async flush(): Promise<void> {
    await this.#end('written')
  }

  /** What is not written yet: for the statement that ends the run. */
  async rest(): Promise<Untold | undefined> {
    await this.#end('given back')
    const events = this.#told.splice(0)
    return events.length > 0 ? { steps: this.#steps, events } : undefined
  }

  async #end(how: 'written' | 'given back'): Promise<void> {
    this.#ending = how
    this.#endPause?.()
    await this.#writing
    this.#ending = undefined
  }

  async #write(run: RunRow): Promise<void> {
    // A run that has begun begins its first step at once: both are told together.
    this.#awaitsStep = !this.#told.some(isOfStep)
    if (this.#awaitsStep) await this.#pause(firstStepWithin)
    this.#awaitsStep = false
    while (this.#told.length > 0 && this.#ending !== 'given back') {
      const events = this.#told.splice(0)
      try {
        await this.#queue.progress(run, { steps: this.#steps, events })
      } catch (error) {
        // Who watches misses it; the run's folder has it all.
        this.#log.warn({ client: run.client, run: run.id, error }, 'progress could not be told')
      }
      await this.#pause(writeEvery)
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#ending) return
    await new Promise<void>((resolve) => {
      const over = setTimeout(resolve, milliseconds)
      this.#endPause = () => {
        clearTimeout(over)
        resolve()
      }
    })
  }
}
