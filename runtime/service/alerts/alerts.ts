import type { PgBoss } from 'pg-boss'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { LateRuns, lateAfter } from '../events/late.ts'
import type { Log } from '../log.ts'
import { Loop } from '../loop.ts'
import { Deliveries } from './deliveries.ts'
import { createAlertsQueue, Notifier } from './notifier.ts'
import type { AlertSettings } from './settings.ts'

interface AlertsDependencies {
  readonly database: ServiceDatabase
  readonly boss: PgBoss
  readonly clients: Clients
  /** Without them nobody is alerted from here: whoever has none would note as sent what it sends to nobody. */
  readonly settings: AlertSettings | undefined
  readonly log: Log
  readonly now: () => number
}

/** How often incidents are looked for, and alerts delivered, in ms. */
const lookEvery = 3000
const deliverEvery = 2000

/** Finds what is late, and alerts who subscribes to what goes wrong. Any number may do so on one database. */
export class Alerts {
  readonly #clients: Clients
  readonly #boss: PgBoss
  readonly #now: () => number
  readonly #late: LateRuns
  readonly #notifier: Notifier | undefined
  readonly #deliveries: Deliveries | undefined
  readonly #loops: readonly Loop[]

  constructor({ database, boss, clients, settings, log, now }: AlertsDependencies) {
    this.#clients = clients
    this.#boss = boss
    this.#now = now
    this.#late = new LateRuns(database)
    this.#notifier = settings && new Notifier(database, boss, settings)
    this.#deliveries = settings && new Deliveries(database, boss, settings, log)
    this.#loops = [new Loop(() => this.look(), lookEvery, log), new Loop(() => this.deliver(), deliverEvery, log)]
  }

  async start(): Promise<void> {
    await createAlertsQueue(this.#boss)
    for (const loop of this.#loops) loop.start({ later: true })
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  /** Finds what is late, and makes alerts of what has begun and what is over. */
  async look(): Promise<void> {
    const now = this.#now()
    const workspaces = this.#clients.there()
    const minutes = new Map([...workspaces].map(([name, { client }]) => [name, client.alerts?.late ?? lateAfter]))
    await this.#late.look(minutes, now)
    await this.#notifier?.notify(workspaces, now)
  }

  /** Delivers the alerts that are due. */
  async deliver(): Promise<void> {
    await this.#deliveries?.deliver(this.#now)
  }
}
