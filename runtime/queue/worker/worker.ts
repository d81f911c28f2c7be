import type { Job, PgBoss } from 'pg-boss'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { cancelChannel, type JobAttempt, type RunQueue, runsQueue, workChannel } from '../run-queue.ts'
import { RunnerPool } from '../runner/pool.ts'
import type { SecretStore } from '../secrets/store.ts'
import { Execution } from './execution.ts'
import { residentBytes } from './memory.ts'

export interface Log {
  info(detail: object, message: string): void
  warn(detail: object, message: string): void
  error(detail: object, message: string): void
}

export interface WorkerOptions {
  /** Its name among all workers. */
  readonly name: string
  /** How many runs it does at once. */
  readonly slots: number
  /** Bytes that the process of a run may take. */
  readonly memory: number
}

export interface WorkerParts {
  readonly database: ServiceDatabase
  readonly boss: PgBoss
  readonly queue: RunQueue
  readonly clients: Clients
  readonly secrets: SecretStore
  readonly log: Log
}

export interface RunJob {
  readonly client: string
  readonly run: string
}

/** A run as it was fetched, with the job that does it. */
export interface FetchedRun extends RunJob {
  readonly attempt: JobAttempt
}

/** How often a worker says that it lives, how long it goes on without being heard, and how often it looks for work unasked, in ms. */
const beatEvery = 3000
const unheardFor = 9000
const lookEvery = 1000

/** Fetches queued runs and has each done in a process of its own. */
export class Worker {
  readonly #parts: WorkerParts
  readonly #options: WorkerOptions
  readonly #pool: RunnerPool
  readonly #running = new Map<string, Execution>()
  readonly #ends: (() => Promise<void>)[] = []
  readonly #timers: NodeJS.Timeout[] = []
  #fetching = false
  #again = false
  #stopping = false
  #heard = performance.now()

  constructor(parts: WorkerParts, options: WorkerOptions) {
    this.#parts = parts
    this.#options = options
    this.#pool = new RunnerPool(options.slots + 2)
  }

  async start(): Promise<void> {
    const { database } = this.#parts
    this.#ends.push(await database.listen(workChannel, () => this.#look()))
    this.#ends.push(await database.listen(cancelChannel, (payload) => this.#onCancel(payload)))
    this.#timers.push(setInterval(() => this.#look(), lookEvery))
    this.#timers.push(setInterval(() => void this.#beat(), beatEvery))
    this.#look()
  }

  /** Runs that go on here now. */
  get running(): number {
    return this.#running.size
  }

  /** What the processes take that work for each client now, in bytes. */
  get memory(): ReadonlyMap<string, number> {
    const bytes = new Map<string, number>()
    for (const { client, pid } of this.#pool.busy) bytes.set(client, (bytes.get(client) ?? 0) + residentBytes(pid))
    return bytes
  }

  #look(): void {
    for (const execution of this.#running.values()) execution.look()
    if (this.#fetching) this.#again = true
    else void this.#fetch()
  }

  async #fetch(): Promise<void> {
    this.#fetching = true
    try {
      do {
        this.#again = false
        const free = this.#options.slots - this.#occupied
        if (free <= 0 || this.#stopping) return
        const jobs = await this.#parts.boss.fetch<RunJob>(runsQueue, { batchSize: free, includeMetadata: true })
        for (const job of jobs) this.#begin(job)
      } while (this.#again)
    } catch (error) {
      this.#parts.log.warn({ error }, 'no work could be fetched')
    } finally {
      this.#fetching = false
    }
  }

  get #occupied(): number {
    return [...this.#running.values()].filter(({ isWaiting }) => !isWaiting).length
  }

  #begin({ id, retryCount, data }: Job<RunJob> & { retryCount: number }): void {
    const fetched = { ...data, attempt: { id, retryCount } }
    const execution = new Execution(fetched, { ...this.#parts, pool: this.#pool }, this.#options)
    this.#running.set(id, execution)
    void this.#follow(fetched, execution)
  }

  async #follow({ client, run, attempt }: FetchedRun, execution: Execution): Promise<void> {
    const { boss, log } = this.#parts
    try {
      const outcome = await execution.perform()
      if (outcome === 'handed over') await boss.fail(runsQueue, attempt, { reason: 'handed over' })
      if (outcome === 'dismissed') await boss.complete(runsQueue, attempt)
    } catch (error) {
      // Its job is not told to be done: another attempt follows when this one is missed.
      log.error({ client, run, error }, 'a run was left to be continued')
      await boss.fail(runsQueue, attempt, { reason: 'left' }).catch(() => {})
    } finally {
      this.#running.delete(attempt.id)
      this.#look()
    }
  }

  /** Says that this worker's runs live. One that is unheard for long stops them, since others take them over. */
  async #beat(): Promise<void> {
    const ids = [...this.#running.keys()]
    try {
      if (ids.length > 0) await this.#parts.boss.touch(runsQueue, ids)
      else await this.#parts.database.query('select 1')
      this.#heard = performance.now()
    } catch (error) {
      this.#parts.log.warn({ error }, 'the database does not answer')
      if (performance.now() - this.#heard > unheardFor) for (const execution of this.#running.values()) execution.kill()
    }
  }

  #onCancel(payload: string | undefined): void {
    for (const execution of this.#running.values()) execution.onCancel(payload)
  }

  /** Takes no more work, lets the steps that go on end within `limit` ms, and hands the rest over. */
  async stop(limit: number): Promise<void> {
    this.#stopping = true
    for (const execution of this.#running.values()) execution.handOver()
    if (this.running > 0) this.#parts.log.info({ runs: this.running, limit }, 'runs are handed over')
    const late = setTimeout(() => {
      for (const execution of this.#running.values()) execution.kill()
    }, limit)
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
    clearTimeout(late)
    for (const timer of this.#timers) clearInterval(timer)
    for (const end of this.#ends.splice(0)) await end()
    await this.#pool.close()
  }
}
