import type { Workspace } from '../../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { backfillDates } from '../../flow/backfill.ts'
import { readFlowFile } from '../../flow/read-flow.ts'
import { newRunId } from '../../run/folder.ts'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { toJson } from '../database/database.ts'
import { emit } from '../events/events.ts'
import type { RunQueue } from '../queue/queue.ts'
import { requestOf, requestOfFlow } from '../queue/request.ts'
import { isEnded, type NewRun, type RunState } from '../queue/run.ts'

export interface BackfillRequest {
  readonly client: string
  readonly flow: string
  /** ISO dates, both included. */
  readonly from: string
  readonly to: string
  readonly params?: Readonly<Record<string, unknown>>
  /** How many dates may run at once. */
  readonly atOnce: number
  /** Whether a date that fails lets those after it begin. */
  readonly keepGoing: boolean
  readonly by: string
}

/** Runs of a flow for past dates, in order. */
export interface Backfill {
  readonly id: string
  readonly client: string
  readonly flow: string
  readonly dates: readonly string[]
  readonly params: Readonly<Record<string, unknown>>
  readonly at_once: number
  readonly keep_going: boolean
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  readonly by: string
  readonly requested_at: Date
  readonly finished_at: Date | null
}

interface Dependencies {
  readonly database: ServiceDatabase
  readonly queue: RunQueue
  readonly clients: Clients
  readonly now: () => number
}

const keyOf = ({ id }: Backfill, date: string): string => `backfill:${id}:${date}`

/** The backfills of all clients: requested, advanced, cancelled. */
export class Backfills {
  readonly #dependencies: Dependencies
  /** Whether some were running when they were last looked at. */
  hasRunning = false

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies
  }

  /** Takes a backfill in. Throws BACKFILL_RANGE, CLIENT_UNKNOWN, FLOW_NOT_FOUND, PolkuErrors for parameters. */
  async request(requested: BackfillRequest): Promise<Backfill> {
    const { database, clients, now } = this.#dependencies
    const workspace = clients.get(requested.client)
    const file = readFlowFile(workspace, requested.flow)
    const { params } = requestOf(workspace, file, requested.params ?? {})
    const dates = backfillDates(file.flow, workspace, requested.from, requested.to, now())
    return database.transaction(async (queries) => {
      const [backfill] = await queries.query<Backfill>(
        `insert into polku.backfill (client, flow, dates, params, at_once, keep_going, state, by, requested_at)
        values ($1, $2, $3::jsonb, $4::jsonb, $5, $6, 'running', $7, $8) returning *`,
        [
          requested.client,
          requested.flow,
          toJson(dates),
          toJson(params),
          requested.atOnce,
          requested.keepGoing,
          requested.by,
          new Date(now()),
        ],
      )
      if (!backfill) throw new Error('The backfill was not created.')
      const detail = { flow: requested.flow, backfill: backfill.id, dates: dates.length }
      await emit(queries, [{ client: requested.client, event: 'backfill requested', detail }])
      this.hasRunning = true
      return backfill
    })
  }

  /** A client's newest backfills. */
  list(client: string): Promise<Backfill[]> {
    return this.#dependencies.database.query<Backfill>(
      'select * from polku.backfill where client = $1 order by requested_at desc, id limit 200',
      [client],
    )
  }

  /** Begins no more of its dates, and cancels those that are running. Throws BACKFILL_UNKNOWN. */
  async cancel(client: string, id: string): Promise<void> {
    const { database, queue } = this.#dependencies
    const [open] = await database.query<Backfill>(
      `select * from polku.backfill where client = $1 and id::text = $2 and state = 'running'`,
      [client, id],
    )
    if (!open || !(await this.#end(open, 'cancelled')))
      throw new PolkuError('BACKFILL_UNKNOWN', { backfill: id, actual: id })
    for (const { id: run, state } of await this.#runs(open)) if (!isEnded(state)) await queue.cancel(client, run)
  }

  /** Begins what may begin of all backfills, each date once however many services do so. */
  async advance(workspaces: ReadonlyMap<string, Workspace>): Promise<void> {
    const open = await this.#dependencies.database.query<Backfill>(
      `select * from polku.backfill where state = 'running' order by requested_at, id`,
    )
    this.hasRunning = open.length > 0
    for (const backfill of open) {
      const workspace = workspaces.get(backfill.client)
      if (workspace) await this.#advanceOne(backfill, workspace)
    }
  }

  async #advanceOne(backfill: Backfill, workspace: Workspace): Promise<void> {
    const states = new Map((await this.#runs(backfill)).map(({ key, state }) => [key, state]))
    const ofDates = backfill.dates.map((date) => states.get(keyOf(backfill, date)))
    const running = ofDates.filter((state) => state && !isEnded(state)).length
    const hasFailed = ofDates.some((state) => state && isEnded(state) && state !== 'done')
    const waiting = backfill.dates.filter((_, index) => ofDates[index] === undefined)
    const isStopped = hasFailed && !backfill.keep_going
    if (running === 0 && (isStopped || waiting.length === 0)) {
      await this.#end(backfill, hasFailed ? 'failed' : 'done')
      return
    }
    if (isStopped) return
    await this.#begin(backfill, workspace, waiting.slice(0, Math.max(0, backfill.at_once - running)))
  }

  async #begin(backfill: Backfill, workspace: Workspace, dates: readonly string[]): Promise<void> {
    const { queue, now } = this.#dependencies
    const { client, flow, id } = backfill
    try {
      const runs = dates.map(
        (date, index): NewRun => ({
          client,
          id: newRunId(flow, now() + index),
          flow,
          asOf: date,
          trigger: { kind: 'backfill', by: id, askedBy: backfill.by },
          idempotencyKey: keyOf(backfill, date),
          ...requestOfFlow(workspace, flow, backfill.params),
        }),
      )
      if (runs.length > 0) await queue.requestAll(runs)
    } catch (error) {
      // The flow has changed so that it cannot be started.
      if (!(error instanceof PolkuError || error instanceof PolkuErrors)) throw error
      const first = error instanceof PolkuErrors ? error.errors[0] : error
      await this.#end(backfill, 'failed', first)
    }
  }

  async #end(backfill: Backfill, state: Backfill['state'], problem?: PolkuError): Promise<boolean> {
    const { database, now } = this.#dependencies
    const { client, flow, id } = backfill
    return database.transaction(async (queries) => {
      const [ended] = await queries.query(
        `update polku.backfill set state = $2, finished_at = $3 where id = $1 and state = 'running' returning 1`,
        [id, state, new Date(now())],
      )
      const detail = { flow, backfill: id, problem: problem?.toProblem() }
      if (ended) await emit(queries, [{ client, event: `backfill ${state}`, detail }])
      return ended !== undefined
    })
  }

  #runs(backfill: Backfill): Promise<{ id: string; key: string; state: RunState }[]> {
    return this.#dependencies.database.query(
      `select id, idempotency_key as key, state from polku.run
      where client = $1 and idempotency_key = any($2::text[])`,
      [backfill.client, backfill.dates.map((date) => keyOf(backfill, date))],
    )
  }
}
