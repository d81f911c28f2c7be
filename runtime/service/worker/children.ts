import { hashText } from '../../data/hash.ts'
import type { Workspace } from '../../data/workspace.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import { newRunId } from '../../run/folder.ts'
import type { ChildResult } from '../../run/for-each.ts'
import type { ServiceDatabase } from '../database/database.ts'
import type { Log } from '../log.ts'
import type { RunQueue } from '../queue/queue.ts'
import { requestOfFlow } from '../queue/request.ts'
import { isEnded, type NewRun, type RunRow, type RunState } from '../queue/run.ts'
import type { RequestedRuns } from '../runner/messages.ts'

interface Dependencies {
  readonly database: ServiceDatabase
  readonly queue: RunQueue
  readonly log: Log
}

type Outcome = readonly ChildResult[] | 'cancelled' | 'left'

interface Child {
  readonly id: string
  readonly key: string
  readonly state: RunState
  readonly problem: ProblemRecord | null
}

/** The runs that one step of a run has requested, until all of them have ended. */
export class Children {
  readonly #parent: RunRow
  readonly #dependencies: Dependencies
  readonly #keys: readonly string[]
  readonly #runs: readonly NewRun[]
  readonly #outcome = Promise.withResolvers<Outcome>()
  #areRequested = false
  #isCancelled = false
  #looking = false
  #again = false

  /** Throws PolkuErrors, FLOW_NOT_FOUND where they cannot be requested. */
  constructor(parent: RunRow, workspace: Workspace, { step, requests }: RequestedRuns, dependencies: Dependencies) {
    this.#parent = parent
    this.#dependencies = dependencies
    const now = Date.now()
    // A run that is resumed after a crash finds what it has requested by these keys.
    const keyOf = (request: RequestedRuns['requests'][number], index: number) =>
      `for_each:${parent.id}:${step}:${index}:${hashText(JSON.stringify(request)).slice(0, 16)}`
    this.#keys = requests.map(keyOf)
    this.#runs = requests.map((request, index) => {
      const { params, flowLimit, clientLimit } = requestOfFlow(workspace, request.flow, request.params)
      return {
        client: parent.client,
        id: newRunId(request.flow, now + index),
        flow: request.flow,
        params,
        asOf: parent.as_of,
        trigger: { kind: 'for_each', by: parent.id },
        priority: parent.priority,
        idempotencyKey: this.#keys[index],
        parent: parent.id,
        ...{ flowLimit, clientLimit },
      }
    })
  }

  /** Requests them all at once, and waits until they have ended. */
  async ended(): Promise<Outcome> {
    await this.#dependencies.queue.requestAll(this.#runs)
    this.#areRequested = true
    // The end was wished for before they were there to be ended.
    if (this.#isCancelled) await this.cancel()
    this.look()
    return this.#outcome.promise
  }

  /** Looks whether all have ended: to be called when something has. */
  look(): void {
    // Before they are there, none of them runs.
    if (!this.#areRequested) return
    this.#again = true
    if (!this.#looking) void this.#look()
  }

  async #look(): Promise<void> {
    this.#looking = true
    try {
      while (this.#again) {
        this.#again = false
        const { client, id } = this.#parent
        const [open] = await this.#dependencies.database.query(
          `select 1 from polku.run
          where client = $1 and parent = $2 and state in ('waiting', 'queued', 'running') limit 1`,
          [client, id],
        )
        if (!open) this.#end(await this.#children())
      }
    } catch (error) {
      // The worker looks again, and ends what it does where the database stays away.
      this.#dependencies.log.warn(
        { run: this.#parent.id, error },
        'the runs that a run waits for could not be looked at',
      )
    } finally {
      this.#looking = false
    }
  }

  #children(): Promise<Child[]> {
    return this.#dependencies.database.query<Child>(
      'select id, idempotency_key as key, state, problem from polku.run where client = $1 and parent = $2',
      [this.#parent.client, this.#parent.id],
    )
  }

  #end(children: readonly Child[]): void {
    const byKey = new Map(children.map((child) => [child.key, child]))
    const results = this.#keys.map((key): ChildResult => {
      const { id = '', state = 'gone', problem } = byKey.get(key) ?? {}
      return { run: id, status: state, problem: problem ?? undefined }
    })
    this.#outcome.resolve(results)
  }

  /** Leaves them to run without this worker. */
  leave(): void {
    this.#outcome.resolve('left')
  }

  /** Cancels those that have not ended. */
  async cancel(): Promise<void> {
    this.#isCancelled = true
    for (const { id, state } of await this.#children())
      if (!isEnded(state)) await this.#dependencies.queue.cancel(this.#parent.client, id)
    this.#outcome.resolve('cancelled')
  }
}
