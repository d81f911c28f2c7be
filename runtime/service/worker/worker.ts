import type { Job, PgBoss } from 'pg-boss'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import type { Log } from '../log.ts'
import { cancelChannel, type FetchedRun, type RunJob, type RunQueue, runsQueue, workChannel } from '../queue/queue.ts'
import { RunnerPool } from '../runner/pool.ts'
import type { SecretStore } from '../secrets/store.ts'
import { Execution, type ExecutionOptions } from './execution.ts'
import { residentBytes } from './limits.ts'

export interface WorkerOptions extends ExecutionOptions {
  /** How many runs it does at once. */
  readonly slots: number
}

export interface WorkerDependencies {
  readonly database: ServiceDatabase
  readonly boss: PgBoss
  readonly queue: RunQueue
  readonly clients: Clients
  readonly secrets: SecretStore
  readonly log: Log
}

/** How often a worker says that it lives, how long it works without being heard, and how often it looks for work unasked, in ms. */
const beatEvery = 3000
const unheardFor = 9000
const lookEvery = 1000

/** Fetches queued runs and has each done in a process of its own. */
export class Worker {
  readonly #dependencies: WorkerDependencies
  readonly #options: WorkerOptions
  readonly #pool: RunnerPool
  readonly #running = new Map<string, Execution>()
  readonly #ends: (() => Promise<void>)[] = []
  readonly #timers: NodeJS.Timeout[] = []
  #fetching = false
  #again = false
  #stopping = false
  #heard = performance.now()
  #beating: Promise<void> | undefined
  /** Runs that could continue, as soon as there is a slot for them. */
  readonly #ready: { readonly execution: Execution; readonly resume: () => void }[] = []

  constructor(dependencies: WorkerDependencies, options: WorkerOptions) {
    this.#dependencies = dependencies
    this.#options = options
    this.#pool = new RunnerPool(options.slots + 2)
  }

  async start(): Promise<void> {
    const { database } = this.#dependencies
    this.#ends.push(await database.listen(workChannel, () => this.#look()))
    this.#ends.push(await database.listen(cancelChannel, (payload) => this.#onCancel(payload)))
    this.#timers.push(setInterval(() => this.#look(), lookEvery))
    this.#timers.push(setInterval(() => this.#onBeat(), beatEvery))
    this.#look()
  }

  /** Runs that are running here now. */
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
    this.#grantSlots()
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
        const jobs = await this.#dependencies.boss.fetch<RunJob>(runsQueue, { batchSize: free, includeMetadata: true })
        for (const job of jobs) this.#begin(job)
      } while (this.#again)
    } catch (error) {
      this.#dependencies.log.warn({ error }, 'no work could be fetched')
    } finally {
      this.#fetching = false
    }
  }

  /** Resolves when a run that waited has a slot again: before any that is new. */
  #waitForSlot(execution: Execution): Promise<void> {
    return new Promise((resume) => {
      this.#ready.push({ execution, resume })
      this.#grantSlots()
    })
  }

  #grantSlots(): void {
    while (this.#ready.length > 0 && (this.#stopping || this.#occupied < this.#options.slots)) {
      const next = this.#ready.shift()
      if (next) next.execution.isWaiting = false
      next?.resume()
    }
  }

  get #occupied(): number {
    return [...this.#running.values()].filter(({ isWaiting }) => !isWaiting).length
  }

  #begin({ id, retryCount, data }: Job<RunJob> & { retryCount: number }): void {
    const fetched = { ...data, attempt: { id, retryCount } }
    const dependencies = {
      ...this.#dependencies,
      pool: this.#pool,
      waitForSlot: (of: Execution) => this.#waitForSlot(of),
    }
    const execution = new Execution(fetched, dependencies, this.#options)
    this.#running.set(id, execution)
    void this.#follow(fetched, execution)
  }

  async #follow({ client, run, attempt }: FetchedRun, execution: Execution): Promise<void> {
    const { boss, log } = this.#dependencies
    try {
      const outcome = await execution.perform()
      if (outcome === 'handed over') await boss.fail(runsQueue, attempt, { reason: 'handed over' })
      if (outcome === 'dismissed') await boss.complete(runsQueue, attempt)
    } catch (error) {
      // Its job is left alone: another attempt follows when this one is missed, and not at once.
      log.error({ client, run, error }, 'a run was left to be continued')
    } finally {
      this.#running.delete(attempt.id)
      this.#look()
    }
  }

  /** A worker that is unheard for long stops its runs, since others take them over; on an embedded database nobody can. */
  #onBeat(): void {
    const isUnheard = performance.now() - this.#heard > unheardFor
    if (isUnheard && this.#dependencies.database.kind === 'postgres')
      for (const execution of this.#running.values()) execution.kill()
    void this.beat()
  }

  /** Says that this worker's runs live. */
  beat(): Promise<void> {
    this.#beating ??= this.#sayAlive().finally(() => {
      this.#beating = undefined
    })
    return this.#beating
  }

  async #sayAlive(): Promise<void> {
    const { boss, database, log } = this.#dependencies
    const executions = [...this.#running.values()]
    try {
      if (executions.length === 0) await database.query('select 1')
      for (const execution of executions) {
        // pg-boss gives the number of jobs and declares nothing.
        const { affected } = (await boss.touch(runsQueue, [execution.attempt])) as { affected?: number }
        // What is not this worker's any more has been taken over, or has just ended.
        if (affected === 0) execution.kill()
      }
      this.#heard = performance.now()
    } catch (error) {
      log.warn({ error }, 'the database does not answer')
    }
  }

  #onCancel(payload: string | undefined): void {
    for (const execution of this.#running.values()) execution.onCancel(payload)
  }

  /** Takes no more work, lets the running steps end within `limit` ms, and hands the rest over. */
  async stop(limit: number): Promise<void> {
    this.#stopping = true
    for (const execution of this.#running.values()) execution.handOver()
    if (this.running > 0) this.#dependencies.log.info({ runs: this.running, limit }, 'runs are handed over')
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
