import { Gauge, type Registry } from 'prom-client'
import type { Service } from '../../../service/service.ts'

/** Values of a label, at most so many: those that come later are counted together, so that nobody can fill the memory with them. */
export class LabelValues {
  readonly #values = new Set<string>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The value, or `other` where there are too many. */
  of(value: string): string {
    if (this.#values.size < this.#limit) this.#values.add(value)
    return this.#values.has(value) ? value : 'other'
  }
}

/** How things stand whenever somebody asks: the queue, running runs, incidents, alerts, storage and memory. */
export class StateMetrics {
  readonly #service: Service
  readonly #clients: LabelValues
  readonly #depth
  readonly #oldest
  readonly #open
  readonly #incidents
  readonly #undelivered
  readonly #storage
  readonly #memory

  constructor(service: Service, clients: LabelValues, registry: Registry) {
    this.#service = service
    this.#clients = clients
    const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
      new Gauge({ name: `polku_${name}`, help, labelNames, registers: [registry] })
    this.#depth = gauge('queue_depth', 'Runs that no process does yet', ['state'])
    this.#oldest = gauge('queue_oldest_seconds', 'How long the oldest run that no process does yet has been there')
    this.#open = gauge('runs_open', 'Runs that have not ended', ['client', 'state'])
    this.#incidents = gauge('incidents_open', 'What is wrong now', ['kind'])
    this.#undelivered = gauge('alerts_undelivered', 'Alerts that were not taken yet, or were given up', ['state'])
    this.#storage = gauge('client_storage_bytes', 'The most that a client’s files took this month', ['client'])
    this.#memory = gauge('run_memory_bytes', 'What the processes of runs here take now', ['client'])
  }

  /** Asks the database. */
  async look(now: number): Promise<void> {
    for (const metric of [this.#depth, this.#open, this.#incidents, this.#undelivered, this.#storage, this.#memory])
      metric.reset()
    await this.#runs(now)
    const { database, worker } = this.#service
    const incidents = await database.query<{ kind: string; count: string }>(
      'select kind, count(*) as count from polku.incident where recovered_at is null group by kind',
    )
    for (const { kind, count } of incidents) this.#incidents.set({ kind }, Number(count))
    const alerts = await database.query<{ state: string; count: string }>(
      `select state, count(*) as count from polku.alert where state <> 'delivered' group by state`,
    )
    for (const { state, count } of alerts) this.#undelivered.set({ state }, Number(count))
    const storage = await database.query<{ client: string; bytes: string }>(
      `select client, storage_bytes as bytes from polku.usage where month = date_trunc('month', $1::timestamptz at time zone 'UTC')::date`,
      [new Date(now)],
    )
    for (const { client, bytes } of storage) this.#storage.inc({ client: this.#clients.of(client) }, Number(bytes))
    for (const [client, bytes] of worker?.memory ?? []) this.#memory.inc({ client: this.#clients.of(client) }, bytes)
  }

  async #runs(now: number): Promise<void> {
    const rows = await this.#service.database.query<{ client: string; state: string; count: string; oldest: Date }>(
      `select client, state, count(*) as count, min(requested_at) as oldest from polku.run
      where state in ('waiting', 'queued', 'running') group by client, state`,
    )
    const queued = rows.filter(({ state }) => state !== 'running')
    for (const state of ['waiting', 'queued']) this.#depth.set({ state }, 0)
    for (const { state, count } of queued) this.#depth.inc({ state }, Number(count))
    const oldest = Math.min(now, ...queued.map((row) => row.oldest.getTime()))
    this.#oldest.set((now - oldest) / 1000)
    for (const { client, state, count } of rows)
      this.#open.inc({ client: this.#clients.of(client), state }, Number(count))
  }
}
