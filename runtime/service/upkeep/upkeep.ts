import type { Workspace } from '../../data/workspace.ts'
import { cleanWorkspace } from '../../retention/clean.ts'
import { measure } from '../../retention/inventory.ts'
import type { RunIndex } from '../../retention/needed.ts'
import { runIds } from '../../run/folder.ts'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import type { Log } from '../log.ts'
import { Loop } from '../loop.ts'
import { type Clocks, isBelieved, SteadyClock } from './steady-clock.ts'
import { noteStorage, removeRuns } from './usage.ts'

interface UpkeepDependencies extends Clocks {
  readonly database: ServiceDatabase
  readonly clients: Clients
  readonly log: Log
}

/** How often the clock is looked at, and what is due is looked for, in ms. */
const clockEvery = 3000
const tendEvery = 60_000

/** How often a client is cleaned and measured, and how long events and ended incidents are retained, in ms. */
const every = 6 * 3_600_000
const day = 86_400_000
const eventDays = 90
/** How far the database's clock may be from this one where something is removed by age, in ms. */
const slack = 300_000
const batch = 500

// Runs that others are known by: a date of a running backfill is begun by whoever finds no run of it, and so is
// what follows the end of a flow, for some minutes. `$1` is the client.
const isAwaited = `(run.finished_at > clock_timestamp() - interval '1 hour' or exists (
  select 1 from polku.backfill where backfill.client = $1 and backfill.state = 'running'
    and run.idempotency_key like 'backfill:' || backfill.id || ':%'))`

/** Measures each client, and cleans those whose client.yaml says how long and how much is retained. */
export class Upkeep {
  readonly #dependencies: UpkeepDependencies
  readonly #clock: SteadyClock
  readonly #loops: readonly Loop[]

  constructor(dependencies: UpkeepDependencies) {
    this.#dependencies = dependencies
    this.#clock = new SteadyClock(dependencies)
    this.#loops = [
      new Loop(async () => this.lookAtClock(), clockEvery, dependencies.log),
      new Loop(() => this.tend(), tendEvery, dependencies.log),
    ]
  }

  start(): void {
    for (const loop of this.#loops) loop.start({ later: true })
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  /** Notices where the clock was set. */
  lookAtClock(): void {
    const set = this.#clock.look()
    if (set !== undefined) this.#dependencies.log.warn({ seconds: Math.round(set / 1000) }, 'the clock was set')
  }

  /** Does what is due for each client, once however many services there are, and tidies the database. */
  async tend(): Promise<void> {
    await this.#tendClients()
    await this.#dependencies.database.tidy()
  }

  async #tendClients(): Promise<void> {
    const { clients, log } = this.#dependencies
    for (const [client, workspace] of clients.there())
      try {
        if (await this.#isDue(client)) await this.#tendOne(client, workspace)
      } catch (error) {
        log.warn({ client, error }, 'a client could not be cleaned and measured')
      }
  }

  async #isDue(client: string): Promise<boolean> {
    const { database, now } = this.#dependencies
    const at = now()
    // A time that lies ahead was noted by a clock that has been set back since.
    const [mine] = await database.query(
      `insert into polku.upkeep (client, at) values ($1, $2)
      on conflict (client) do update set at = excluded.at where upkeep.at <= $3 or upkeep.at > $4 returning 1`,
      [client, new Date(at), new Date(at - every), new Date(at + every)],
    )
    return mine !== undefined
  }

  async #tendOne(client: string, workspace: Workspace): Promise<void> {
    const { database, log, now } = this.#dependencies
    if (await this.#mayRemove(client)) await this.#clean(client, workspace)
    const bytes = await measure(workspace)
    await noteStorage(database, client, bytes, now())
    log.info({ client, bytes }, 'a client was measured')
  }

  /** Where clocks do not agree, nothing is old enough to be removed. */
  async #mayRemove(client: string): Promise<boolean> {
    const { database, log, now } = this.#dependencies
    const [row] = await database.query<{ at: Date }>('select clock_timestamp() as at')
    const apart = Math.abs((row?.at.getTime() ?? 0) - now())
    if (this.#clock.isSteady && apart <= slack && (await isBelieved(database, now()))) return true
    log.warn(
      { client, apart },
      'nothing is cleaned: the clock was set, is not the database’s, or is far ahead of what it was',
    )
    return false
  }

  async #clean(client: string, workspace: Workspace): Promise<void> {
    const { database, log, now } = this.#dependencies
    const { retention } = workspace.client
    const at = now()
    if (retention) {
      const removed = await cleanWorkspace(workspace, {
        limits: retention,
        runIndex: await this.#retained(client),
        now: at,
      })
      await this.#forget(client, removed.runs)
      const { days } = retention
      if (days !== undefined) await this.#forgetOld(client, workspace, at - days * day)
      const { artifacts, notebooks, bytes } = removed
      log.info({ client, runs: removed.runs.length, artifacts, notebooks, bytes }, 'a client was cleaned')
    }
    const days = Math.min(retention?.days ?? eventDays, eventDays)
    await database.query(
      `delete from polku.event where client = $1 and number <= (
        select max(number) from polku.event where client = $1 and at < $2)`,
      [client, new Date(at - days * day)],
    )
    await database.query('delete from polku.incident where client = $1 and recovery_notified and recovered_at < $2', [
      client,
      new Date(at - days * day),
    ])
  }

  async #retained(client: string): Promise<RunIndex> {
    const rows = await this.#dependencies.database.query<{ id: string; parent: string | null; open: boolean }>(
      `select id, parent, finished_at is null or ${isAwaited} as open from polku.run
      where client = $1 and (parent is not null or finished_at is null or ${isAwaited})`,
      [client],
    )
    return {
      open: new Set(rows.filter(({ open }) => open).map(({ id }) => id)),
      parents: new Map(rows.flatMap(({ id, parent }) => (parent === null ? [] : [[id, parent] as const]))),
    }
  }

  /** Runs that left no folder, or whose folder has gone without the service. */
  async #forgetOld(client: string, workspace: Workspace, before: number): Promise<void> {
    const rows = await this.#dependencies.database.query<{ id: string }>(
      `select id from polku.run where client = $1 and finished_at < $2 and not ${isAwaited}`,
      [client, new Date(before)],
    )
    const there = new Set(rows.length > 0 ? runIds(workspace) : [])
    await this.#forget(
      client,
      rows.map(({ id }) => id).filter((id) => !there.has(id)),
    )
  }

  async #forget(client: string, ids: readonly string[]): Promise<void> {
    const { database } = this.#dependencies
    for (let from = 0; from < ids.length; from += batch)
      await database.transaction((queries) => removeRuns(queries, client, ids.slice(from, from + batch)))
  }
}
