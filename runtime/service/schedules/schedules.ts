import { dateAt } from '../../data/zone.ts'
import { PolkuError } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import { occurrences } from '../../flow/schedule.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { type FlowState, stateOf, statesOf } from './flow-state.ts'
import { isPaused, type Pause, pause, pausesOf, resume } from './pauses.ts'

/** A time at which a flow will run by itself. */
export interface NextRun {
  readonly at: Date
  /** ISO date: what is known before it. */
  readonly asOf: string
}

/** What runs by itself, for those who look at it and pause it. */
export class Schedules {
  readonly #database: ServiceDatabase
  readonly #now: () => number

  constructor(database: ServiceDatabase, now: () => number) {
    this.#database = database
    this.#now = now
  }

  /** A client's flows with a schedule or triggers. */
  list(client: string): Promise<FlowState[]> {
    return statesOf(this.#database, client)
  }

  /** The next times of a flow, at most `count`; none where it has no schedule. Throws SCHEDULE_UNKNOWN. */
  async nextRuns(client: string, flow: string, count: number): Promise<NextRun[]> {
    const { schedule } = await this.#state(client, flow)
    const runs: NextRun[] = []
    if (!schedule || count < 1) return runs
    for (const time of occurrences(schedule, this.#now())) {
      runs.push({ at: new Date(time), asOf: dateAt(schedule.timezone, time) })
      if (runs.length >= count) break
    }
    return runs
  }

  pauses(client: string): Promise<Pause[]> {
    return pausesOf(this.#database, client)
  }

  isPaused(client: string, flow: string): Promise<boolean> {
    return isPaused(this.#database, client, flow)
  }

  /** Pauses a flow, or the whole client where none is named; false where it was paused. Throws SCHEDULE_UNKNOWN. */
  async pause(client: string, flow: string | undefined, by: string): Promise<boolean> {
    if (flow !== undefined) await this.#state(client, flow)
    return pause(this.#database, { client, flow, by }, this.#now())
  }

  /** Ends a pause; false where there was none. Times that passed meanwhile are not made up for. */
  resume(client: string, flow: string | undefined, by: string): Promise<boolean> {
    return resume(this.#database, { client, flow, by })
  }

  async #state(client: string, flow: string): Promise<FlowState> {
    const state = await stateOf(this.#database, client, flow)
    if (state && state.gone_since === null) return state
    const names = (await this.list(client)).map((each) => each.flow)
    throw new PolkuError('SCHEDULE_UNKNOWN', {
      flow,
      actual: flow,
      nearest: nearest(flow, names, 'flow that runs by itself'),
    })
  }
}
