import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import type { Workspace } from '../data/workspace.ts'
import type { ProblemRecord } from '../errors/problem.ts'
import { Alerts } from './alerts/alerts.ts'
import type { AlertSettings } from './alerts/settings.ts'
import { Clients } from './clients.ts'
import type { ServiceDatabase } from './database/database.ts'
import { openEmbedded } from './database/embedded.ts'
import { migrate } from './database/migrations.ts'
import { openPostgres } from './database/postgres.ts'
import type { Log } from './log.ts'
import { RunQueue } from './queue/queue.ts'
import { Supervisor } from './queue/supervisor.ts'
import { checkFlows, type FlowToCheck } from './runner/check.ts'
import { Backfills } from './schedules/backfills.ts'
import { Scheduler } from './schedules/scheduler.ts'
import { Schedules } from './schedules/schedules.ts'
import { openKeys, type ServiceKeys } from './secrets/keys.ts'
import { SecretStore } from './secrets/store.ts'
import { Upkeep } from './upkeep/upkeep.ts'
import { Worker } from './worker/worker.ts'

export interface ServiceOptions {
  /** The folder of all clients' workspaces. */
  readonly workspaces: string
  /** Where the service keeps its embedded database. */
  readonly data: string
  /** Of a PostgreSQL server instead of the embedded one. */
  readonly database?: string
  /** How many runs this process does at once; none where it is no worker. */
  readonly slots: number
  /** Bytes that the process of a run may take. */
  readonly memory: number
  readonly log: Log
  /** The keys that encrypt what the service stores, as POLKU_SECRET_KEY; those of a file in `data` by default. */
  readonly keys?: string
  /** Who is alerted of what goes wrong besides those that a client names; where it is missing, others send the alerts. */
  readonly alerts?: AlertSettings
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Milliseconds that pass, whatever becomes of the clock on the wall. */
  readonly passed?: () => number
}

/** How long what is not a run may take to end, in ms. */
const endWithin = 5000

/** The service's parts, running. */
export interface Service {
  readonly database: ServiceDatabase
  readonly boss: PgBoss
  readonly queue: RunQueue
  readonly supervisor: Supervisor
  readonly clients: Clients
  readonly worker: Worker | undefined
  readonly keys: ServiceKeys
  readonly secrets: SecretStore
  readonly schedules: Schedules
  readonly backfills: Backfills
  readonly scheduler: Scheduler
  readonly alerts: Alerts
  readonly upkeep: Upkeep
  /** What is wrong with a text of a client's flow, in a process of their own. */
  check(workspace: Workspace, flow: FlowToCheck): Promise<readonly ProblemRecord[]>
  /** Lets steps end within `limit` ms, hands the rest over, and closes all. */
  stop(limit: number): Promise<void>
}

/** Opens the database, brings it to this version, and begins to work. Throws DATABASE_*, SECRET_KEY_*. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const keys = openKeys(options.data, options.keys)
  const database = await (options.database ? openPostgres(options.database) : openEmbedded(options.data))
  await migrate(database).catch(async (error: unknown) => {
    await database.close()
    throw error
  })
  const boss = new PgBoss({
    db: database.boss,
    backend: database.kind === 'embedded' ? 'pglite' : 'postgres',
    // The supervisor does it, and looks a little less often than a look may be due.
    supervise: false,
    monitorIntervalSeconds: 4,
    warningSlowQuerySeconds: 5,
  })
  boss.on('error', (error) => options.log.warn({ error }, 'the queue could not do its upkeep'))
  await boss.start()
  const queue = new RunQueue(database, boss)
  const clients = new Clients(options.workspaces, ({ folder, error }) =>
    options.log.error({ folder: basename(folder), code: error.code, reason: error.message }, 'a folder is not served'),
  )
  const name = `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`
  const { slots, memory, log } = options
  const secrets = new SecretStore(database, keys)
  const worker =
    slots > 0 ? new Worker({ database, boss, queue, clients, secrets, log }, { name, slots, memory }) : undefined
  const supervisor = new Supervisor({ database, boss, queue, beat: async () => worker?.beat(), log })
  await supervisor.start()
  const now = options.now ?? Date.now
  const backfills = new Backfills({ database, queue, clients, now })
  const check = async (workspace: Workspace, flows: readonly FlowToCheck[]) =>
    checkFlows(workspace, flows, await secrets.open(workspace.client.client))
  const scheduler = new Scheduler({ database, queue, clients, backfills, check, log, now })
  await worker?.start()
  await scheduler.start()
  const alerts = new Alerts({ database, boss, clients, settings: options.alerts, log, now })
  const upkeep = new Upkeep({ database, clients, log, now, passed: options.passed ?? (() => performance.now()) })
  await alerts.start()
  upkeep.start()
  return {
    database,
    boss,
    queue,
    supervisor,
    clients,
    worker,
    keys,
    secrets,
    schedules: new Schedules(database, now),
    backfills,
    scheduler,
    alerts,
    upkeep,
    check: async (workspace, flow) => (await check(workspace, [flow])).flat(),
    async stop(limit) {
      const ends = [worker?.stop(limit), scheduler.stop(), alerts.stop(), upkeep.stop(), supervisor.stop()]
      // A long cleaning or check is begun anew by the next who looks.
      await Promise.race([Promise.all(ends), wait(limit + endWithin, undefined, { ref: false })])
      await boss.stop({ graceful: false })
      await database.close()
    },
  }
}
