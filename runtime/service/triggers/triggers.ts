import type { Workspace } from '../../data/workspace.ts'
import { PolkuErrors } from '../../errors/errors.ts'
import type { FlowTrigger } from '../../flow/schema.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { emit } from '../events/events.ts'
import type { RunQueue } from '../queue/queue.ts'
import type { RunRow } from '../queue/run.ts'
import type { FlowState } from '../schedules/flow-state.ts'
import { isPaused } from '../schedules/pauses.ts'
import { runsOf, type Start } from '../schedules/start.ts'
import { Arrivals } from './arrivals.ts'
import { cursorName } from './cursors.ts'
import { snapshotStarts } from './datasets.ts'
import { type Ended, endsSince, SkippedEnds, startBy } from './flow-ends.ts'

interface Dependencies {
  readonly database: ServiceDatabase
  readonly queue: RunQueue
}

/** Starts runs by what happens: new snapshots, files that arrive, ends of other flows. */
export class Triggers {
  readonly #dependencies: Dependencies
  readonly #arrivals = new Arrivals()
  readonly #skipped = new SkippedEnds()

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies
  }

  /** Follows the triggers of one flow; what happens while it is paused waits. */
  async follow(state: FlowState, workspace: Workspace, now: number): Promise<void> {
    if (state.text === null) return
    const isHeld = await isPaused(this.#dependencies.database, state.client, state.flow)
    for (const trigger of state.triggers) {
      if (trigger.flow !== undefined) await this.#followEnds(state, trigger, workspace, now, isHeld)
      else if (isHeld) continue
      else if (trigger.dataset !== undefined) await this.#followSnapshots(state, trigger, workspace, now)
      else await this.#followFiles(state, trigger, workspace, now)
    }
  }

  async #followSnapshots(state: FlowState, trigger: FlowTrigger, workspace: Workspace, now: number): Promise<void> {
    const before = state.cursors[cursorName(trigger)]
    if (before === undefined || trigger.dataset === undefined) return
    const { starts, cursor } = snapshotStarts(workspace, state.flow, trigger.dataset, before)
    await this.#start(state, workspace, starts, now)
    await this.#note(state, trigger, cursor)
  }

  async #followEnds(
    state: FlowState,
    trigger: FlowTrigger,
    workspace: Workspace,
    now: number,
    isHeld: boolean,
  ): Promise<void> {
    const name = cursorName(trigger)
    const before = state.cursors[name]
    if (before === undefined) return
    const skipped = this.#skipped.of(state, name)
    const followed = { cursor: before, skipped, isHeld }
    const { ended, cursor } = await endsSince(this.#dependencies.database, state, trigger, followed)
    if (!isHeld) {
      const circles = ended.filter(({ circle }) => circle)
      const starts = ended.filter(({ circle }) => !circle).map((end) => startBy(state.flow, end))
      const runs = await this.#start(state, workspace, starts, now)
      await this.#emitCircles(state, trigger, circles)
      this.#skipped.add(state, name, runs.length > 0 ? circles : ended)
    }
    await this.#note(state, trigger, cursor)
  }

  async #emitCircles({ client, flow }: FlowState, trigger: FlowTrigger, circles: readonly Ended[]): Promise<void> {
    const detail = { flow, after: trigger.flow }
    await emit(
      this.#dependencies.database,
      circles.map(({ id: run }) => ({ client, run, event: 'trigger circle', detail })),
    )
  }

  /** Notes how far a trigger has been followed. Where another service was further, what it started is known by its key. */
  async #note(state: FlowState, trigger: FlowTrigger, cursor: string): Promise<void> {
    const name = cursorName(trigger)
    if (cursor === state.cursors[name]) return
    await this.#dependencies.database.query(
      `update polku.flow set cursors = cursors || jsonb_build_object($3::text, $4::text)
      where client = $1 and flow = $2 and version = $5`,
      [state.client, state.flow, name, cursor, state.version],
    )
  }

  async #followFiles(state: FlowState, trigger: FlowTrigger, workspace: Workspace, now: number): Promise<void> {
    const { database } = this.#dependencies
    for (const arrival of await this.#arrivals.look(database, state, trigger, workspace, now)) {
      const [run] = await this.#start(state, workspace, [arrival.start], now)
      await this.#arrivals.dealtWith(database, state, arrival, run?.id, now)
    }
  }

  /** Requests runs; where the flow does not take the parameters, that is emitted instead. */
  async #start(state: FlowState, workspace: Workspace, starts: readonly Start[], now: number): Promise<RunRow[]> {
    const { database, queue } = this.#dependencies
    if (starts.length === 0) return []
    try {
      const requested = await queue.requestAll(runsOf(state, workspace, starts, now))
      return requested.map(({ run }) => run)
    } catch (error) {
      if (!(error instanceof PolkuErrors)) throw error
      const detail = { flow: state.flow, by: starts[0]?.trigger.by, problem: error.errors[0]?.toProblem() }
      await emit(database, [{ client: state.client, event: 'trigger failed', detail }])
      return []
    }
  }
}
