import type { PgBoss } from 'pg-boss'
import { Alerts, createAlertsQueue } from '../alerts/alerts.ts'
import { Deliveries } from '../alerts/deliveries.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { LateRuns, lateAfter } from '../events/late.ts'
import type { Log } from '../log.ts'
import { Loop } from '../loop.ts'
import { type Clocks, SteadyClock } from '../upkeep/steady-clock.ts'
import { Upkeep } from '../upkeep/upkeep.ts'

interface WatchParts extends Clocks {
  readonly database: ServiceDatabase
  readonly boss: PgBoss
  readonly clients: Clients
  /** Without them nobody is told from here: whoever has none would note as told what it tells to nobody. */
  readonly alerts: AlertSettings | undefined
  readonly log: Log
}

/** How often incidents are looked for, alerts delivered, and what is due for upkeep done, in ms. */
const lookEvery = 3000
const deliverEvery = 2000
const tendEvery = 60_000

/** Sees what goes wrong, tells who wants to know where it was told how, and cleans up. Any number may do so on one database. */
export class Watch {
  readonly #parts: WatchParts
  readonly #late: LateRuns
  readonly #alerts: Alerts | undefined
  readonly #deliveries: Deliveries | undefined
  readonly #clock: SteadyClock
  readonly #upkeep: Upkeep
  readonly #loops: readonly Loop[]

  constructor(parts: WatchParts) {
    const { database, boss, alerts, log } = parts
    this.#parts = parts
    this.#late = new LateRuns(database)
    this.#alerts = alerts && new Alerts(database, boss, alerts)
    this.#deliveries = alerts && new Deliveries(database, boss, alerts, log)
    this.#clock = new SteadyClock(parts)
    this.#upkeep = new Upkeep({ ...parts, clock: this.#clock })
    this.#loops = [
      new Loop(() => this.look(), lookEvery, log),
      new Loop(() => this.deliver(), deliverEvery, log),
      new Loop(() => this.tend(), tendEvery, log),
    ]
  }

  async start(): Promise<void> {
    await createAlertsQueue(this.#parts.boss)
    for (const loop of this.#loops) loop.start({ later: true })
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  /** Finds what is late, and makes alerts of what has begun and what is over. */
  async look(): Promise<void> {
    const { clients, log, now } = this.#parts
    const set = this.#clock.look()
    if (set !== undefined) log.warn({ seconds: Math.round(set / 1000) }, 'the clock was set')
    const workspaces = clients.there()
    const minutes = new Map([...workspaces].map(([name, { client }]) => [name, client.alerts?.late ?? lateAfter]))
    await this.#late.look(minutes, now())
    await this.#alerts?.tell(workspaces, now())
  }

  /** Delivers the alerts that are due. */
  async deliver(): Promise<void> {
    await this.#deliveries?.deliver(this.#parts.now)
  }

  /** Cleans and measures the clients for which it is due, and tidies the database. */
  async tend(): Promise<void> {
    await this.#upkeep.tend()
    await this.#parts.database.tidy()
  }
}
