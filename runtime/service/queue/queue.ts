import { randomUUID } from 'node:crypto'
import type { PgBoss } from 'pg-boss'
import type { ProblemRecord } from '../../errors/problem.ts'
import { bossIn, type Queries, type ServiceDatabase, toJson } from '../database/database.ts'
import { emit, eventChannel } from '../events/events.ts'
import { insertRuns } from './insert.ts'
import type { NewRun, RunRow, RunState, StepProgress, Usage } from './run.ts'
import { admit, takeTurns } from './turns.ts'

/** pg-boss's queue of runs. */
export const runsQueue = 'runs'
/** Notified when there is work, and when a run is to be cancelled. */
export const workChannel = 'polku_work'
export const cancelChannel = 'polku_cancel'

export interface Ending {
  readonly state: RunState
  readonly problem?: ProblemRecord
  readonly usage?: Usage
}

/** What is not written yet of how far a run is: its steps, and what happened. */
export interface UnwrittenProgress {
  readonly steps: readonly StepProgress[]
  readonly events: readonly RunEvent[]
}

/** The runs that are requested, running or ended. Every change of state is one transaction with its event. */
export class RunQueue {
  readonly #database: ServiceDatabase
  readonly #boss: PgBoss

  constructor(database: ServiceDatabase, boss: PgBoss) {
    this.#database = database
    this.#boss = boss
  }

  /** Takes a run in; one of the same client with the same idempotency key is given back instead. */
  request(run: NewRun): Promise<{ run: RunRow; created: boolean }> {
    return this.requestAll([run]).then(([requested]) => {
      if (!requested) throw new Error('A run was requested and none was created.')
      return requested
    })
  }

  /** Takes several runs in, whole or not at all; as many statements whether they are two or a thousand. */
  async requestAll(runs: readonly NewRun[]): Promise<{ run: RunRow; created: boolean }[]> {
    if (runs.length === 0) return []
    return this.#database.transaction(async (queries) => {
      const inserted = await insertRuns(queries, runs)
      const created = inserted.filter((each) => each.created).map(({ run }) => run)
      const requested = created.map(({ client, id: run, flow }) => ({
        client,
        run,
        event: 'run requested',
        detail: { flow },
      }))
      await emit(queries, requested)
      const limited = new Set(runs.filter(isLimited).map(({ client, id }) => `${client} ${id}`))
      const isFree = ({ client, id }: RunRow) => !limited.has(`${client} ${id}`)
      const queued = await this.#queue(queries, created.filter(isFree))
      for (const client of new Set(created.filter((run) => !isFree(run)).map((run) => run.client)))
        queued.push(...(await this.#admit(queries, client)))
      await queries.query(`select pg_notify('${workChannel}', '')`)
      const now = new Map(queued.map((run) => [`${run.client} ${run.id}`, run]))
      return inserted.map((each) => ({ ...each, run: now.get(`${each.run.client} ${each.run.id}`) ?? each.run }))
    })
  }

  /** Gives waiting runs to the workers. */
  async #queue(queries: Queries, runs: readonly RunRow[]): Promise<RunRow[]> {
    if (runs.length === 0) return []
    const turns = await takeTurns(queries, runs)
    const queued = runs.map((run, index) => ({ ...run, ...turns[index], job: randomUUID(), state: 'queued' as const }))
    const jobs = queued.map(({ client, id: run, job, level }) => ({ id: job, data: { client, run }, priority: level }))
    await this.#boss.insert(runsQueue, jobs, { db: bossIn(queries) })
    await queries.query(
      `update polku.run as run set state = 'queued', turn = given_turn.turn, job = given_turn.job
      from jsonb_to_recordset($1::jsonb) as given_turn (client text, id text, turn bigint, job uuid)
      where run.client = given_turn.client and run.id = given_turn.id`,
      [toJson(queued.map(({ client, id, turn, job }) => ({ client, id, turn, job })))],
    )
    return queued
  }

  /** The runs that the client's limits now let pass, queued. */
  async #admit(queries: Queries, client: string): Promise<RunRow[]> {
    return this.#queue(queries, await admit(queries, client))
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

  /**
   * How far the steps of a run are, where this attempt still holds it; what happened in them besides is for those who
   * watch. One statement, since it is the most frequent of all; nothing of it begins or ends an incident. Its commit
   * waits for no disk: the run's folder has it all.
   */
  async progress(run: RunRow, { steps, events }: UnwrittenProgress): Promise<void> {
    await this.#database.query(
      `with held as (
        update polku.run set progress = $4::jsonb where client = $1 and id = $2 and attempts = $3 returning 1
      ), added as (
        insert into polku.event (client, run, event, detail)
        select $1, $2, event, detail
        from jsonb_to_recordset($5::jsonb) as added_event (event text, detail jsonb) where exists (select from held)
        returning number)
      select pg_notify('${eventChannel}', max(number)::text), set_config('synchronous_commit', 'off', true)
      from added having count(*) > 0`,
      [run.client, run.id, run.attempts, toJson(steps), toJson(events)],
    )
  }

  /**
   * Ends a run that this attempt of it still holds, with what is not written of it and the job that did it, and lets what
   * waited for it begin. False where another worker has taken it over meanwhile.
   */
  finish(run: RunRow, { state, problem, usage }: Ending, { unwritten, job }: Finished = {}): Promise<boolean> {
    return this.#database.transaction(async (queries) => {
      const [row] = await queries.query<{ id: string }>(
        `update polku.run set state = $4, problem = $5::jsonb, usage = $6::jsonb,
          progress = coalesce($7::jsonb, progress), finished_at = clock_timestamp()
        where client = $1 and id = $2 and attempts = $3 and state in ('waiting', 'queued', 'running') returning id`,
        [run.client, run.id, run.attempts, state, ...[problem, usage, unwritten?.steps].map(asJson)],
      )
      if (!row) return false
      const end = { event: `run ${state}`, detail: { flow: run.flow, problem: problem?.code } }
      const events = [...(unwritten?.events ?? []), end]
      await emit(
        queries,
        events.map((each) => ({ client: run.client, run: run.id, ...each })),
      )
      if (job) await this.#boss.complete(runsQueue, job, null, { db: bossIn(queries) })
      const admitted = await this.#admit(queries, run.client)
      // Runs that wait for this one: those that were admitted, the one that began it, the next date of a backfill.
      const isAwaited = admitted.length > 0 || run.parent !== null || run.trigger.kind === 'backfill'
      if (isAwaited) await queries.query(`select pg_notify('${workChannel}', '')`)
      return true
    })
  }

  /**
   * Queues anew what should run and has no job any more: pg-boss has given it up, or somebody has deleted it. The
   * states of run and job change together, so nothing that is running is taken for such a one.
   */
  async queueMissed(): Promise<void> {
    await this.#database.transaction(async (queries) => {
      const missed = await queries.query<RunRow>(
        `select * from polku.run as run where state in ('queued', 'running') and not exists (
          select from pgboss.job where name = '${runsQueue}' and id = run.job and state in ('created', 'retry', 'active'))
        order by requested_at, id limit 200 for update skip locked`,
      )
      await this.#queue(queries, missed)
      if (missed.length > 0) await queries.query(`select pg_notify('${workChannel}', '')`)
    })
  }

  /** Asks for the end of a run: one that no worker has is over at once. Undefined where there is none that is running. */
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
    await this.#database.query(`select pg_notify('${cancelChannel}', $1)`, [toJson({ client, run: id })])
    return this.get(client, id)
  }
}

/** A job of pg-boss as one worker fetched it: what an earlier one says of it counts no more. */
export interface JobAttempt {
  readonly id: string
  readonly retryCount: number
}

/** What pg-boss's job of a run says. */
export interface RunJob {
  readonly client: string
  readonly run: string
}

/** A run as it was fetched, with the job that does it. */
export interface FetchedRun extends RunJob {
  readonly attempt: JobAttempt
}

interface Finished {
  readonly unwritten?: UnwrittenProgress
  readonly job?: JobAttempt
}

const asJson = (value: unknown): string | null => (value === undefined ? null : toJson(value))

const isLimited = ({ flowLimit, clientLimit }: NewRun): boolean => flowLimit !== undefined || clientLimit !== undefined

export interface RunEvent {
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}
