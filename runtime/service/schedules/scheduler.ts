import { Loop } from '../loop.ts'
import type { RunQueue } from '../queue/queue.ts'
import { workChannel } from '../queue/queue.ts'
import { Triggers } from '../triggers/triggers.ts'
import type { Backfills } from './backfills.ts'
import { onTime } from './due.ts'
import { fireSchedule } from './fire.ts'
import type { FlowState } from './flow-state.ts'
import { FlowWatcher, type FlowWatcherDependencies } from './flow-watcher.ts'

export interface SchedulerDependencies extends FlowWatcherDependencies {
  readonly queue: RunQueue
  readonly backfills: Backfills
}

/** How often flows' files are looked at, and what is due, in ms. */
const watchEvery = 2000
const fireEvery = 1000

/**
 * Starts what runs by itself. Any number may do so on one database: what each starts is known by its key, so that it is
 * started once.
 */
export class Scheduler {
  readonly #dependencies: SchedulerDependencies
  readonly #watcher: FlowWatcher
  readonly #triggers: Triggers
  readonly #loops: Loop[]
  #unlisten: (() => Promise<void>) | undefined

  constructor(dependencies: SchedulerDependencies) {
    this.#dependencies = dependencies
    this.#watcher = new FlowWatcher(dependencies)
    this.#triggers = new Triggers(dependencies)
    this.#loops = [
      new Loop(() => this.#watcher.look(), watchEvery, dependencies.log),
      new Loop(() => this.#fire(), fireEvery, dependencies.log),
    ]
  }

  /** Looks at everything once: files, schedules, triggers, backfills. */
  async tick(): Promise<void> {
    await this.#watcher.look()
    await this.#fire()
  }

  async start(): Promise<void> {
    for (const loop of this.#loops) loop.start()
    const { database, backfills } = this.#dependencies
    this.#unlisten = await database.listen(workChannel, () => {
      // The end of a run lets the next date begin.
      if (backfills.hasRunning) this.#loops[1]?.hurry()
    })
  }

  async stop(): Promise<void> {
    await this.#unlisten?.()
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  async #fire(): Promise<void> {
    const { database, clients, backfills, now } = this.#dependencies
    const at = now()
    const workspaces = clients.there()
    const states = await database.query<FlowState>(
      `select * from polku.flow
      where gone_since is null and (next_at <= $1 or through > $2 or jsonb_array_length(triggers) > 0)
      order by next_at, client, flow`,
      [new Date(at), new Date(at + onTime)],
    )
    for (const state of states) {
      const workspace = workspaces.get(state.client)
      // Without its workspace a flow rests; what passes meanwhile was missed.
      if (workspace) await this.#attempt(state, () => this.#begin(state, workspace, at))
    }
    await backfills.advance(workspaces)
  }

  async #begin(state: FlowState, workspace: Parameters<Triggers['follow']>[1], at: number): Promise<void> {
    const isDue = state.next_at !== null && state.next_at.getTime() <= at
    const isAhead = state.through !== null && state.through.getTime() > at + onTime
    if (state.schedule && (isDue || isAhead))
      await fireSchedule(state, state.schedule, workspace, this.#dependencies, at)
    if (state.triggers.length > 0) await this.#triggers.follow(state, workspace, at)
  }

  /** What one flow cannot do keeps no other from its time. */
  async #attempt({ client, flow }: FlowState, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#dependencies.log.warn({ client, flow, error }, 'a flow could not be started by itself')
    }
  }
}
