import { Secrets, type SecretValues } from '../../step/secrets.ts'
import type { Log } from '../log.ts'
import type { RunEvent } from '../queue/queue.ts'
import type { RunRow } from '../queue/run.ts'
import type { PrintedLine } from '../runner/process.ts'

/** Lines that a run's process may print before the rest is only counted, and characters of one that are entry. */
const mostLines = 1000
const longest = 4000

/** What a run does and prints as lines of the log, each with its client, run and step. */
export class RunLog {
  readonly #log: Log
  readonly #run: Pick<RunRow, 'client' | 'id'>
  readonly #secrets: Secrets
  #step: string | undefined
  #lines = 0

  constructor(log: Log, run: Pick<RunRow, 'client' | 'id'>, secrets: SecretValues) {
    this.#secrets = new Secrets(secrets)
    this.#log = log
    this.#run = run
  }

  get #of() {
    return { client: this.#run.client, run: this.#run.id, ...(this.#step !== undefined && { step: this.#step }) }
  }

  /** A step that began is the one that prints; those that ended are entry. */
  follow(events: readonly RunEvent[]): void {
    for (const { event, detail } of events) {
      const step = typeof detail.step === 'string' ? detail.step : undefined
      if (event === 'step started') this.#step = step
      if (/^step (done|failed|stopped)$/.test(event)) {
        const { uses, cached, milliseconds, rows, others } = detail
        this.#log.info({ ...this.#of, step, uses, cached, milliseconds, rows, others }, event)
      }
    }
  }

  /**
   * What its process printed: never raw text among the lines of the log, and no secret. The process itself hides those
   * that its JavaScript prints; what Node prints as it dies passes that by.
   */
  printed({ stream, line: whole }: PrintedLine): void {
    const redacted = this.#secrets.redact(whole)
    const line = redacted.length > longest ? `${redacted.slice(0, longest)}…` : redacted
    this.#lines += 1
    if (this.#lines <= mostLines) {
      const entry = { ...this.#of, stream, text: line }
      if (stream === 'stderr') this.#log.warn(entry, 'the process of a run printed')
      else this.#log.info(entry, 'the process of a run printed')
    }
    if (this.#lines === mostLines)
      this.#log.warn(this.#of, 'the process of a run prints too much; the rest is left out')
  }
}
