import { fileOfVersion } from '../../catalogue/flow-files.ts'
import type { Workspace } from '../../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'
import type { ChildResult } from '../../run/for-each.ts'
import type { SecretValues } from '../../step/secrets.ts'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import type { Log } from '../log.ts'
import {
  cancelChannel,
  type Ending,
  type FetchedRun,
  type JobAttempt,
  type RunJob,
  type RunQueue,
} from '../queue/queue.ts'
import { publisherOf, type RunRow } from '../queue/run.ts'
import { usesNotebooks } from '../runner/confinement.ts'
import type { RequestedRuns, RunnerEnding, RunOrder } from '../runner/messages.ts'
import type { RunnerPool } from '../runner/pool.ts'
import { type Runner, RunnerDied } from '../runner/process.ts'
import type { SecretStore } from '../secrets/store.ts'
import { Children } from './children.ts'
import { MemoryLimit, TimeLimit } from './limits.ts'
import { ProgressWriter } from './progress-writer.ts'
import { RunLog } from './run-log.ts'

/** After how many ends of its process a run is given up; and after how many beginnings, whoever ended. */
const mostCrashes = 5
const mostAttempts = 50
/** How long a cancelled run may take to end by itself, in ms. */
const cancelWithin = 10_000

export interface ExecutionOptions {
  /** The worker's name among all workers. */
  readonly name: string
  /** Bytes that the process of a run may take. */
  readonly memory: number
}

interface Dependencies {
  readonly database: ServiceDatabase
  readonly queue: RunQueue
  readonly clients: Clients
  readonly secrets: SecretStore
  readonly pool: RunnerPool
  readonly log: Log
  /** Resolves when a run that waited has a slot again. */
  waitForSlot(execution: Execution): Promise<void>
}

/** Ended with its job; not to be begun; or left to another worker. */
type Outcome = 'ended' | 'dismissed' | 'handed over'

/** One attempt of a worker at one run. */
export class Execution {
  readonly #job: FetchedRun
  readonly #dependencies: Dependencies
  readonly #options: ExecutionOptions
  readonly #ended = Promise.withResolvers<void>()
  readonly #progress: ProgressWriter
  #runner: Runner | undefined
  #children: Children | undefined
  #killed: 'worker' | 'cancel' | undefined
  /** What the run's process is to be sent, also one that only starts. */
  #wish: 'cancel' | 'hand over' | undefined
  /** Whether it waits for runs it has begun, and so occupies no slot. */
  isWaiting = false

  constructor(job: FetchedRun, dependencies: Dependencies, options: ExecutionOptions) {
    this.#job = job
    this.#dependencies = dependencies
    this.#options = options
    this.#progress = new ProgressWriter(dependencies.queue, dependencies.log)
  }

  /** The job that it does, as this worker has it. */
  get attempt(): JobAttempt {
    return this.#job.attempt
  }

  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /** Does the run, again where its process dies. Throws where the database does not take its end. */
  async perform(): Promise<Outcome> {
    try {
      for (;;) {
        const outcome = await this.#attempt()
        if (outcome !== 'again') return outcome
      }
    } finally {
      this.#ended.resolve()
    }
  }

  async #attempt(): Promise<Outcome | 'again'> {
    const { queue, clients } = this.#dependencies
    // Without its client's folder it does not begin: it waits in the queue until that is back.
    clients.get(this.#job.client)
    const run = await queue.begin(this.#job.client, this.#job.run, this.#options.name)
    if (!run) return this.#dismiss()
    if (run.attempts > mostAttempts) return this.#giveUp(run)
    const ending = await this.#untilEnded(run)
    if (ending === 'again' && this.#crashes >= mostCrashes) return this.#giveUp(run)
    if (ending === 'stale' || ending === 'again' || ending.state === 'handed over' || ending.state === 'waiting') {
      await this.#progress.flush()
      return ending === 'stale' || ending === 'again' ? 'again' : 'handed over'
    }
    return this.#finish(run, { ...ending, state: ending.state })
  }

  /** Ends the run and the job, with the last of its progress, at once. */
  async #finish(run: RunRow, ending: Ending): Promise<Outcome> {
    const finished = { unwritten: await this.#progress.drain(), job: this.#job.attempt }
    return (await this.#dependencies.queue.finish(run, ending, finished)) ? 'ended' : 'dismissed'
  }

  /** Does a run in one process after another, wherever it leaves off until runs that it has requested have ended. */
  async #untilEnded(run: RunRow): Promise<RunnerEnding | 'again' | 'stale'> {
    const children: Record<string, readonly ChildResult[]> = {}
    for (;;) {
      const ending = await this.#inProcess(run, children)
      if (ending === 'again' || ending === 'stale' || !ending.requested) return ending
      await this.#progress.flush()
      const outcome = await this.#awaitChildren(run, ending.requested)
      if ('state' in outcome) return outcome
      children[ending.requested.step] = outcome
    }
  }

  /** Has runs done, without a slot of its own meanwhile, and gives how they ended. */
  async #awaitChildren(run: RunRow, requested: RequestedRuns): Promise<readonly ChildResult[] | RunnerEnding> {
    if (this.#wish === 'cancel') return { state: 'cancelled' }
    if (this.#wish || this.#killed) return { state: 'handed over' }
    try {
      this.#children = new Children(run, this.#dependencies.clients.get(run.client), requested, this.#dependencies)
    } catch (error) {
      if (!(error instanceof PolkuError || error instanceof PolkuErrors)) throw error
      const first = error instanceof PolkuErrors ? error.errors[0] : error
      return { state: 'failed', problem: first?.toProblem() }
    }
    this.isWaiting = true
    try {
      const outcome = await this.#children.ended()
      if (outcome === 'cancelled') return { state: 'cancelled' }
      if (outcome === 'left') return { state: 'handed over' }
      await this.#dependencies.waitForSlot(this)
      return outcome
    } finally {
      this.isWaiting = false
      this.#children = undefined
    }
  }

  /** Looks whether what it waits for has ended: to be called when something has. */
  look(): void {
    this.#children?.look()
  }

  /** A run that shall not begin: it has ended, or it was cancelled while no worker had it. */
  async #dismiss(): Promise<'dismissed'> {
    const row = await this.#dependencies.queue.get(this.#job.client, this.#job.run)
    if (row?.cancel) await this.#dependencies.queue.finish(row, { state: 'cancelled' })
    return 'dismissed'
  }

  #giveUp(run: RunRow): Promise<Outcome> {
    const problem = new PolkuError('RUN_CRASHED', { times: run.attempts, reason: this.#reason }).toProblem()
    return this.#finish(run, { state: 'failed', problem })
  }

  #reason = 'whoever did it ended'
  #crashes = 0
  /** The step during which the last process took too much memory. */
  #exceededIn: string | undefined

  async #inProcess(run: RunRow, children: RunOrder['children']): Promise<RunnerEnding | 'again' | 'stale'> {
    const { clients, pool, log } = this.#dependencies
    let workspace: Workspace
    let secrets: SecretValues
    try {
      workspace = clients.get(run.client)
      secrets = await this.#dependencies.secrets.open(run.client)
    } catch (error) {
      if (!(error instanceof PolkuError)) throw error
      return { state: 'failed', problem: error.toProblem() }
    }
    const { root: folder, client } = workspace
    const by = await publisherOf(this.#dependencies.queue, run)
    const memory = client.runs?.memory ? client.runs.memory * 2 ** 30 : this.#options.memory
    const runner = pool.take(run.client, { memory, folder, notebooks: usesNotebooks(workspace, run) })
    this.#runner = runner
    const runLog = new RunLog(log, run, secrets)
    runner.onLine = (printed) => runLog.printed(printed)
    const memoryLimit = new MemoryLimit(runner, memory)
    const timeLimit = new TimeLimit(() => runner.kill())
    memoryLimit.start()
    let isReusable = false
    let step = ''
    try {
      const flow = run.version === null ? run.flow : fileOfVersion({ root: folder }, run.flow, run.version)
      const from = run.again_from ?? undefined
      const order = { folder, run: run.id, flow, params: run.params, asOf: run.as_of, from, children, secrets, by }
      const performed = runner.perform(order, (message) => {
        if (message.type === 'deadline') return timeLimit.start(message.milliseconds, message.problem)
        const { steps, events } = message
        if (events.some(({ event }) => event !== 'step progress')) timeLimit.stop()
        step = steps.find(({ status }) => status === 'running')?.name ?? ''
        runLog.follow(events)
        this.#progress.write(run, steps, events)
      })
      if (this.#wish) runner.send({ type: this.#wish })
      const ending = await performed
      isReusable = ending !== 'stale' && !runner.isSpoilt
      return ending
    } catch (error) {
      if (!(error instanceof RunnerDied)) throw error
      if (this.#killed === 'worker') return { state: 'handed over' }
      if (this.#killed === 'cancel') return { state: 'cancelled' }
      if (timeLimit.problem) return { state: 'failed', problem: timeLimit.problem }
      // What went before in the process may have taken it: in a new one the step has a second chance.
      if (memoryLimit.exceeded && step === this.#exceededIn)
        return { state: 'failed', problem: memoryLimit.exceeded.toProblem() }
      if (memoryLimit.exceeded) this.#exceededIn = step
      this.#crashes += 1
      this.#reason = memoryLimit.exceeded?.message ?? error.message
      log.warn({ client: run.client, run: run.id, reason: this.#reason }, 'the process of a run died')
      return 'again'
    } finally {
      memoryLimit.stop()
      timeLimit.stop()
      this.#runner = undefined
      await pool.release(runner, isReusable)
    }
  }

  /** What came by the channel of cancellations: a run, or undefined after a lost connection. */
  onCancel(payload: string | undefined): void {
    const { client, run } = this.#job
    const named = payload === undefined ? this.#job : (JSON.parse(payload) as RunJob) // the queue's own message
    if (named.client !== client || named.run !== run) return
    this.#dependencies.queue.get(client, run).then(
      (row) => row?.cancel && this.#cancel(),
      (error: unknown) => this.#dependencies.log.warn({ client, run, error }, `nothing heard on ${cancelChannel}`),
    )
  }

  #cancel(): void {
    this.#want('cancel')
    const late = setTimeout(() => {
      this.#killed = 'cancel'
      this.#runner?.kill()
    }, cancelWithin)
    void this.ended.then(() => clearTimeout(late))
  }

  handOver(): void {
    this.#want('hand over')
  }

  #want(wish: 'cancel' | 'hand over'): void {
    this.#wish = wish
    this.#runner?.send({ type: wish })
    if (wish === 'hand over') this.#children?.leave()
    else
      this.#children?.cancel().catch((error: unknown) => {
        this.#dependencies.log.warn({ ...this.#job, error }, 'the runs that a run waits for could not be cancelled')
      })
  }

  kill(): void {
    this.#killed = 'worker'
    this.#runner?.kill()
    this.#children?.leave()
  }
}
