import type { Log } from '../log.ts'
import type { RunEvent, RunQueue, UnwrittenProgress } from '../queue/queue.ts'
import type { RunRow, StepProgress } from '../queue/run.ts'

/** How long the first event of a run waits for that of its first step at most, and the pause after each write, in ms. */
const firstStepWithin = 10
const writeEvery = 50

const isOfStep = ({ event }: RunEvent): boolean => event !== 'run started'

/** Writes the progress of a run, one write at a time with a pause after it, each with all that was buffered meanwhile. */
export class ProgressWriter {
  readonly #queue: RunQueue
  readonly #log: Log
  #steps: readonly StepProgress[] = []
  #buffer: RunEvent[] = []
  #writing: Promise<void> | undefined
  #awaitsStep = false
  #endPause: (() => void) | undefined
  #ending: 'flush' | 'drain' | undefined

  constructor(queue: RunQueue, log: Log) {
    this.#queue = queue
    this.#log = log
  }

  /** Buffers what happened; it is written soon. */
  write(run: RunRow, steps: readonly StepProgress[], events: readonly RunEvent[]): void {
    this.#steps = steps
    this.#buffer.push(...events)
    if (this.#awaitsStep && events.some(isOfStep)) this.#endPause?.()
    this.#writing ??= this.#writeAll(run).finally(() => {
      this.#writing = undefined
    })
  }

  /** Has everything written that is buffered. */
  async flush(): Promise<void> {
    await this.#end('flush')
  }

  /** Takes what is not written yet: for the statement that ends the run. */
  async drain(): Promise<UnwrittenProgress | undefined> {
    await this.#end('drain')
    const events = this.#buffer.splice(0)
    return events.length > 0 ? { steps: this.#steps, events } : undefined
  }

  async #end(how: 'flush' | 'drain'): Promise<void> {
    this.#ending = how
    this.#endPause?.()
    await this.#writing
    this.#ending = undefined
  }

  async #writeAll(run: RunRow): Promise<void> {
    // A run that has begun begins its first step at once: both are written together.
    this.#awaitsStep = !this.#buffer.some(isOfStep)
    if (this.#awaitsStep) await this.#pause(firstStepWithin)
    this.#awaitsStep = false
    while (this.#buffer.length > 0 && this.#ending !== 'drain') {
      const events = this.#buffer.splice(0)
      try {
        await this.#queue.progress(run, { steps: this.#steps, events })
      } catch (error) {
        // Who watches misses it; the run's folder has it all.
        this.#log.warn({ client: run.client, run: run.id, error }, 'progress could not be written')
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
