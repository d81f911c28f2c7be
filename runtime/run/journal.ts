import type { Workspace } from '../data/workspace.ts'
import { asPolkuError, PolkuError, type Position } from '../errors/errors.ts'
import type { Secrets } from '../step/secrets.ts'
import type { RunFolder } from './folder.ts'
import type { RunRecord } from './record.ts'

/** How long run.json may lag behind the run, in milliseconds. Written after each step, it would be written a thousand times. */
const mostLag = 250

interface JournalServices {
  readonly workspace: Workspace
  readonly now: () => number
  /** Where the run is, for what cannot be written. */
  readonly position: () => Position
  readonly secrets: Secrets
}

/**
 * What a run leaves in its folder while it goes: each event at once, its record soon. A disk that takes no more
 * fails the run, which then goes no further, but still tells.
 */
export class Journal {
  readonly #folder: RunFolder
  readonly #record: RunRecord
  readonly #services: JournalServices
  readonly #started: number
  #due: NodeJS.Timeout | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(folder: RunFolder, record: RunRecord, services: JournalServices) {
    this.#folder = folder
    this.#record = record
    this.#services = services
    this.#started = services.now()
  }

  event(event: string, detail: Readonly<Record<string, unknown>> = {}): void {
    const redacted = this.#services.secrets.redact({ event, ...detail })
    this.#write(() => this.#folder.event(new Date(this.#services.now()).toISOString(), redacted))
  }

  /** Lets run.json follow within a quarter of a second. Throws what went wrong since, where it is not the disk. */
  saveSoon(): void {
    this.#throwFailure()
    this.#due ??= setTimeout(() => this.#saveDue(), mostLag).unref()
  }

  #saveDue(): void {
    try {
      this.save()
    } catch (error) {
      // Nobody waits for this one: the next one tells.
      this.#failure = { error }
    }
  }

  /** Writes run.json. */
  save(): void {
    this.close()
    this.#throwFailure()
    this.#record.milliseconds = this.#services.now() - this.#started
    this.#write(() => this.#folder.write(this.#record))
  }

  /** Leaves what is not written yet. */
  close(): void {
    clearTimeout(this.#due)
    this.#due = undefined
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error
  }

  #write(work: () => void): void {
    try {
      work()
    } catch (error) {
      const problem = asPolkuError(error, this.#services.workspace.root)
      if (!(problem instanceof PolkuError)) throw error
      this.#record.status = 'failed'
      this.#record.problem ??= problem.at(this.#services.position()).toProblem()
    }
  }
}
