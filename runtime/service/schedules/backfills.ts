import type { Workspace } from '../../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { backfillDates } from '../../flow/backfill.ts'
import { newRunId } from '../../run/folder.ts'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import { tell } from '../events/events.ts'
import { flowFile } from '../flow-files.ts'
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
  /** How many dates may go on at once. */
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

interface Parts {
  readonly database: ServiceDatabase
  readonly queue: RunQueue
  readonly clients: Clients
  readonly now: () => number
}

const keyOf = ({ id }: Backfill, date: string): string => `backfill:${id}:${date}`

/** The backfills of all clients: asked for, moved on, cancelled. */
export class Backfills {
  readonly #parts: Parts
  /** Whether there are some that go on, when they were last looked at. */
  goOn = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Takes a backfill in. Throws BACKFILL_RANGE, CLIENT_UNKNOWN, FLOW_NOT_FOUND, PolkuErrors for parameters. */
  async request(asked: BackfillRequest): Promise<Backfill> {
    const { database, clients, now } = this.#parts
    const workspace = clients.get(asked.client)
    const file = flowFile(workspace, asked.flow)
    const { params } = requestOf(workspace, file, asked.params ?? {})
    const dates = backfillDates(file.flow, workspace, asked.from, asked.to, now())
    return database.transaction(async (queries) => {
      const [made] = await queries.query<Backfill>(
        `insert into polku.backfill (client, flow, dates, params, at_once, keep_going, state, by, requested_at)
        values ($1, $2, $3::jsonb, $4::jsonb, $5, $6, 'running', $7, $8) returning *`,
        [
          asked.client,
          asked.flow,
          toJson(dates),
          toJson(params),
          asked.atOnce,
          asked.keepGoing,
          asked.by,
          new Date(now()),
        ],
      )
      if (!made) throw new Error('The backfill was not made.')
      const detail = { flow: asked.flow, backfill: made.id, dates: dates.length }
      await tell(queries, [{ client: asked.client, event: 'backfill requested', detail }])
      this.goOn = true
      return made
    })
  }

  /** A client's newest backfills. */
  list(client: string): Promise<Backfill[]> {
    return this.#parts.database.query<Backfill>(
      'select * from polku.backfill where client = $1 order by requested_at desc, id limit 200',
      [client],
    )
  }

  /** Begins no more of its dates, and cancels those that go on. Throws BACKFILL_UNKNOWN. */
  async cancel(client: string, id: string): Promise<void> {
    const { database, queue } = this.#parts
    const [open] = await database.query<Backfill>(
      `select * from polku.backfill where client = $1 and id::text = $2 and state = 'running'`,
      [client, id],
    )
    if (!open || !(await this.#end(open, 'cancelled')))
      throw new PolkuError('BACKFILL_UNKNOWN', { backfill: id, found: id })
    for (const { id: run, state } of await this.#runs(open)) if (!isEnded(state)) await queue.cancel(client, run)
  }

  /** Begins what may begin of all backfills, each date once however many services do so. */
  async advance(workspaces: ReadonlyMap<string, Workspace>): Promise<void> {
    const open = await this.#parts.database.query<Backfill>(
      `select * from polku.backfill where state = 'running' order by requested_at, id`,
    )
    this.goOn = open.length > 0
    for (const backfill of open) {
      const workspace = workspaces.get(backfill.client)
      if (workspace) await this.#advanceOne(backfill, workspace)
    }
  }

  async #advanceOne(backfill: Backfill, workspace: Workspace): Promise<void> {
    const states = new Map((await this.#runs(backfill)).map(({ key, state }) => [key, state]))
    const ofDates = backfill.dates.map((date) => states.get(keyOf(backfill, date)))
    const going = ofDates.filter((state) => state && !isEnded(state)).length
    const hasFailed = ofDates.some((state) => state && isEnded(state) && state !== 'done')
    const waiting = backfill.dates.filter((_, index) => ofDates[index] === undefined)
    const isStopped = hasFailed && !backfill.keep_going
    if (going === 0 && (isStopped || waiting.length === 0)) {
      await this.#end(backfill, hasFailed ? 'failed' : 'done')
      return
    }
    if (isStopped) return
    await this.#begin(backfill, workspace, waiting.slice(0, Math.max(0, backfill.at_once - going)))
  }

  async #begin(backfill: Backfill, workspace: Workspace, dates: readonly string[]): Promise<void> {
    const { queue, now } = this.#parts
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
    const { database, now } = this.#parts
    const { client, flow, id } = backfill
    return database.transaction(async (queries) => {
      const [ended] = await queries.query(
        `update polku.backfill set state = $2, finished_at = $3 where id = $1 and state = 'running' returning 1`,
        [id, state, new Date(now())],
      )
      const detail = { flow, backfill: id, problem: problem?.toProblem() }
      if (ended) await tell(queries, [{ client, event: `backfill ${state}`, detail }])
      return ended !== undefined
    })
  }

  #runs(backfill: Backfill): Promise<{ id: string; key: string; state: RunState }[]> {
    return this.#parts.database.query(
      `select id, idempotency_key as key, state from polku.run
      where client = $1 and idempotency_key = any($2::text[])`,
      [backfill.client, backfill.dates.map((date) => keyOf(backfill, date))],
    )
  }
}
