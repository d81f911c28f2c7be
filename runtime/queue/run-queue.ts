import type { PgBoss } from 'pg-boss'
import type { ProblemRecord } from '../run/record.ts'
import { admit } from './admission.ts'
import { bossIn, type Queries, type ServiceDatabase } from './database/database.ts'
import { tell } from './events.ts'
import { takeTurn } from './fairness.ts'
import type { NewRun, RunRow, RunState, StepProgress, Usage } from './run-row.ts'

/** pg-boss's queue of runs. */
export const runsQueue = 'runs'
/** Told when there is work, and when a run is to be cancelled. */
export const workChannel = 'polku_work'
export const cancelChannel = 'polku_cancel'

export interface Ending {
  readonly state: RunState
  readonly problem?: ProblemRecord
  readonly usage?: Usage
}

/** The runs that are asked for, go on and have ended. Every change of state is one transaction with its event. */
export class RunQueue {
  readonly #database: ServiceDatabase
  readonly #boss: PgBoss

  constructor(database: ServiceDatabase, boss: PgBoss) {
    this.#database = database
    this.#boss = boss
  }

  /** Takes a run in; one of the same client with the same idempotency key is given back instead. */
  request(run: NewRun): Promise<{ run: RunRow; created: boolean }> {
    return this.requestAll([run]).then(([made]) => {
      if (!made) throw new Error('A run was asked for and none was made.')
      return made
    })
  }

  /** Takes several runs in, whole or not at all. */
  async requestAll(runs: readonly NewRun[]): Promise<{ run: RunRow; created: boolean }[]> {
    return this.#database.transaction(async (queries) => {
      const made: { run: RunRow; created: boolean }[] = []
      for (const run of runs) made.push(await this.#insert(queries, run))
      const passed = new Map<string, RunRow>()
      for (const client of new Set(made.filter(({ run }) => run.state === 'waiting').map(({ run }) => run.client)))
        for (const run of await this.#admit(queries, client)) passed.set(`${client} ${run.id}`, run)
      await queries.query(`select pg_notify('${workChannel}', '')`)
      return made.map(({ run, created }) => ({ run: passed.get(`${run.client} ${run.id}`) ?? run, created }))
    })
  }

  async #insert(queries: Queries, run: NewRun): Promise<{ run: RunRow; created: boolean }> {
    const isLimited = run.flowLimit !== undefined || run.clientLimit !== undefined
    const [row] = await queries.query<RunRow>(
      `insert into polku.run (client, id, flow, state, priority, trigger, params, as_of, idempotency_key, parent,
        again_from, flow_limit, client_limit, version)
      values ($1, $2, $3, 'waiting', $4, $5::jsonb, $6::jsonb, $7, $8, $9, $10, $11, $12, $13)
      on conflict (client, idempotency_key) where idempotency_key is not null do nothing returning *`,
      [
        run.client,
        run.id,
        run.flow,
        run.priority ?? 0,
        JSON.stringify(run.trigger),
        JSON.stringify(run.params),
        run.asOf,
        run.idempotencyKey ?? null,
        run.parent ?? null,
        run.againFrom ?? null,
        run.flowLimit ?? null,
        run.clientLimit ?? null,
        run.version ?? null,
      ],
    )
    if (!row) {
      const [known] = await queries.query<RunRow>(
        'select * from polku.run where client = $1 and idempotency_key = $2',
        [run.client, run.idempotencyKey],
      )
      if (!known) throw new Error('The run with this idempotency key is gone.')
      return { run: known, created: false }
    }
    await tell(queries, [{ client: run.client, run: run.id, event: 'run requested', detail: { flow: run.flow } }])
    return { run: isLimited ? row : await this.#queue(queries, row), created: true }
  }

  /** Gives a waiting run to the workers. */
  async #queue(queries: Queries, run: RunRow): Promise<RunRow> {
    const { turn, priority } = await takeTurn(queries, run)
    const job = await this.#boss.send(runsQueue, { client: run.client, run: run.id }, { priority, db: bossIn(queries) })
    await queries.query(`update polku.run set state = 'queued', turn = $3, job = $4 where client = $1 and id = $2`, [
      run.client,
      run.id,
      turn,
      job,
    ])
    return { ...run, state: 'queued', job }
  }

  /** The runs that the client's limits now let pass, queued. */
  async #admit(queries: Queries, client: string): Promise<RunRow[]> {
    const queued: RunRow[] = []
    for (const run of await admit(queries, client)) queued.push(await this.#queue(queries, run))
    return queued
  }

  get(client: string, id: string): Promise<RunRow | undefined> {
    return this.#database
      .query<RunRow>('select * from polku.run where client = $1 and id = $2', [client, id])
      .then(([row]) => row)
  }

  /** Marks a run as running on `worker`, once more; undefined where it has ended or shall not run. */
  async begin(client: string, id: string, worker: string): Promise<RunRow | undefined> {
    const [row] = await this.#database.query<RunRow>(
      `update polku.run set state = 'running', worker = $3, attempts = attempts + 1,
        started_at = coalesce(started_at, clock_timestamp())
      where client = $1 and id = $2 and state in ('queued', 'running') and not cancel returning *`,
      [client, id, worker],
    )
    return row
  }

  /** How far the steps of a run are; what was told of them besides is for those who watch. */
  async progress(run: RunRow, steps: readonly StepProgress[], told: readonly RunEvent[]): Promise<void> {
    await this.#database.transaction(async (queries) => {
      await queries.query(`update polku.run set progress = $4::jsonb where client = $1 and id = $2 and attempts = $3`, [
        run.client,
        run.id,
        run.attempts,
        JSON.stringify(steps),
      ])
      await tell(
        queries,
        told.map((event) => ({ client: run.client, run: run.id, ...event })),
      )
    })
  }

  /**
   * Ends a run that this attempt of it still holds, and lets what waited for it go on. False where another worker has
   * taken it over meanwhile.
   */
  finish(run: RunRow, { state, problem, usage }: Ending): Promise<boolean> {
    return this.#database.transaction(async (queries) => {
      const [row] = await queries.query<RunRow>(
        `update polku.run set state = $4, problem = $5::jsonb, usage = $6::jsonb, finished_at = clock_timestamp()
        where client = $1 and id = $2 and attempts = $3 and state in ('waiting', 'queued', 'running') returning *`,
        [
          run.client,
          run.id,
          run.attempts,
          state,
          problem ? JSON.stringify(problem) : null,
          usage ? JSON.stringify(usage) : null,
        ],
      )
      if (!row) return false
      const detail = { flow: run.flow, problem: problem?.code }
      await tell(queries, [{ client: run.client, run: run.id, event: `run ${state}`, detail }])
      await this.#admit(queries, run.client)
      await queries.query(`select pg_notify('${workChannel}', '')`)
      return true
    })
  }

  /** Asks for the end of a run: one that no worker has is over at once. Undefined where there is none that goes on. */
  async cancel(client: string, id: string): Promise<RunRow | undefined> {
    const [row] = await this.#database.query<RunRow>(
      `update polku.run set cancel = true
      where client = $1 and id = $2 and state in ('waiting', 'queued', 'running') returning *`,
      [client, id],
    )
    if (!row) return undefined
    if (row.state !== 'running') await this.finish(row, { state: 'cancelled' })
    const children = await this.#database.query<{ id: string }>(
      `select id from polku.run where client = $1 and parent = $2 and state in ('waiting', 'queued', 'running')`,
      [client, id],
    )
    for (const child of children) await this.cancel(client, child.id)
    await this.#database.query(`select pg_notify('${cancelChannel}', $1)`, [JSON.stringify({ client, run: id })])
    return this.get(client, id)
  }
}

export interface RunEvent {
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}
