import type { Workspace } from '../../data/workspace.ts'
import { PolkuErrors } from '../../errors.ts'
import type { FlowTrigger } from '../../flow/schema.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { tell } from '../events.ts'
import type { RunQueue } from '../run-queue.ts'
import type { RunRow } from '../run-row.ts'
import { type FlowState, markOf } from '../schedules/flow-state.ts'
import { isPaused } from '../schedules/pauses.ts'
import { runsOf, type Start } from '../schedules/start.ts'
import { Arrivals } from './arrivals.ts'
import { snapshotStarts } from './datasets.ts'
import { endStarts } from './flow-ends.ts'

interface Parts {
  readonly database: ServiceDatabase
  readonly queue: RunQueue
}

/** Starts runs by what happens: new snapshots, files that arrive, ends of other flows. */
export class Triggers {
  readonly #parts: Parts
  readonly #arrivals = new Arrivals()
  /** Runs whose end would have started what led to them, by the flow that was not started. */
  readonly #circles = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Follows the triggers of one flow; what happens while it is paused waits. */
  async follow(state: FlowState, workspace: Workspace, now: number): Promise<void> {
    if (state.text === null || (await isPaused(this.#parts.database, state.client, state.flow))) return
    for (const trigger of state.triggers) {
      if (trigger.file !== undefined) await this.#followFiles(state, trigger, workspace, now)
      else await this.#followMark(state, trigger, workspace, now)
    }
  }

  async #followMark(state: FlowState, trigger: FlowTrigger, workspace: Workspace, now: number): Promise<void> {
    const { database } = this.#parts
    const name = markOf(trigger)
    const before = state.marks[name]
    const { starts, mark } =
      trigger.dataset === undefined
        ? await this.#ends(state, trigger, before)
        : snapshotStarts(workspace, state.flow, trigger.dataset, before)
    await this.#start(state, workspace, starts, now)
    if (mark === before) return
    // Where another service was further, what it has started is known by its key.
    await database.query(
      `update polku.flow set marks = marks || jsonb_build_object($3::text, $4::text)
      where client = $1 and flow = $2 and version = $5`,
      [state.client, state.flow, name, mark, state.version],
    )
  }

  async #ends(state: FlowState, trigger: FlowTrigger, mark: string | undefined) {
    const { database } = this.#parts
    const { circles, ...followed } = await endStarts(database, state, trigger, mark)
    for (const run of circles) {
      const key = `${state.client}/${state.flow}/${run}`
      if (this.#circles.has(key)) continue
      this.#circles.add(key)
      const detail = { flow: state.flow, after: trigger.flow }
      await tell(database, [{ client: state.client, run, event: 'trigger circle', detail }])
    }
    return followed
  }

  async #followFiles(state: FlowState, trigger: FlowTrigger, workspace: Workspace, now: number): Promise<void> {
    const { database } = this.#parts
    for (const arrival of await this.#arrivals.look(database, state, trigger, workspace, now)) {
      const [run] = await this.#start(state, workspace, [arrival.start], now)
      await this.#arrivals.dealtWith(database, state, arrival, run?.id, now)
    }
  }

  /** Asks for runs; where the flow does not take the parameters, that is told instead. */
  async #start(state: FlowState, workspace: Workspace, starts: readonly Start[], now: number): Promise<RunRow[]> {
    const { database, queue } = this.#parts
    if (starts.length === 0) return []
    try {
      const made = await queue.requestAll(runsOf(state, workspace, starts, now))
      return made.map(({ run }) => run)
    } catch (error) {
      if (!(error instanceof PolkuErrors)) throw error
      const detail = { flow: state.flow, by: starts[0]?.trigger.by, problem: error.errors[0]?.toProblem() }
      await tell(database, [{ client: state.client, event: 'trigger failed', detail }])
      return []
    }
  }
}
