import { randomUUID } from 'node:crypto'
import type { PgBoss } from 'pg-boss'
import type { Workspace } from '../../data/workspace.ts'
import { bossIn, type Queries, type ServiceDatabase } from '../database/database.ts'
import type { Incident } from '../events/events.ts'
import type { AlertSettings } from './settings.ts'
import { alertContent, type Moment } from './text.ts'

/** pg-boss's queue of alerts that are to be delivered. */
export const alertsQueue = 'alerts'

/** Tries for about a day, further and further apart. */
export async function createAlertsQueue(boss: PgBoss): Promise<void> {
  await boss.createQueue(alertsQueue, {
    retryLimit: 30,
    retryDelay: 10,
    retryBackoff: true,
    retryDelayMax: 3600,
    expireInSeconds: 60,
    deleteAfterSeconds: 3600,
  })
  // As with runs: within a transaction pg-boss's look for its queue would wait for the embedded database for ever.
  await boss.findJobs(alertsQueue, { id: randomUUID() })
}

interface Target {
  readonly channel: 'webhook' | 'email'
  readonly target: string
}

interface UnnotifiedIncident extends Incident {
  readonly notified: boolean
}

/** Makes alerts of incidents: each once when it begins and once when it is over, for everybody who subscribes. */
export class Notifier {
  readonly #database: ServiceDatabase
  readonly #boss: PgBoss
  readonly #settings: AlertSettings
  /** As client.yaml said when it was last there. */
  readonly #targets = new Map<string, readonly Target[]>()

  constructor(database: ServiceDatabase, boss: PgBoss, settings: AlertSettings) {
    this.#database = database
    this.#boss = boss
    this.#settings = settings
  }

  /** Makes alerts of what has begun and what is over. Whoever does it first does it for all services. */
  async notify(workspaces: ReadonlyMap<string, Workspace>, now: number): Promise<void> {
    for (const [client, workspace] of workspaces) this.#targets.set(client, targetsOf(workspace))
    const [one] = await this.#unnotified(this.#database, 1)
    if (!one) return
    await this.#database.transaction(async (queries) => {
      await queries.query('select pg_advisory_xact_lock(7205759407)')
      for (const incident of await this.#unnotified(queries, 100)) {
        if (!incident.notified) await this.#add(queries, incident, 'begun', now)
        if (incident.recovered_at) await this.#add(queries, incident, 'over', now)
        await queries.query(
          'update polku.incident set notified = true, recovery_notified = (recovered_at is not null) where number = $1',
          [incident.number],
        )
      }
    })
  }

  #unnotified(queries: Queries, most: number): Promise<UnnotifiedIncident[]> {
    return queries.query<UnnotifiedIncident>(
      `select * from polku.incident where not notified or (recovered_at is not null and not recovery_notified)
      order by number limit ${most}`,
    )
  }

  /** One alert and its job for each recipient, in the transaction that notes it: none is lost or alert twice. */
  async #add(queries: Queries, incident: Incident, moment: Moment, now: number): Promise<void> {
    const { webhook, email, url } = this.#settings
    const service: Target[] = [
      ...(webhook === undefined ? [] : [{ channel: 'webhook' as const, target: '' }]),
      ...email.map((target) => ({ channel: 'email' as const, target })),
    ]
    const content = JSON.stringify(alertContent(incident, moment, url))
    for (const { channel, target } of [...service, ...(this.#targets.get(incident.client) ?? [])]) {
      const [alert] = await queries.query<{ id: string }>(
        `insert into polku.alert (incident, moment, channel, target, content, at)
        values ($1, $2, $3, $4, $5::jsonb, $6) on conflict do nothing returning id`,
        [incident.number, moment, channel, target, content, new Date(now)],
      )
      if (alert) await this.#boss.send(alertsQueue, { alert: alert.id }, { db: bossIn(queries) })
    }
  }
}

function targetsOf({ client: { alerts } }: Workspace): Target[] {
  const emails = (alerts?.email ?? []).map((target) => ({ channel: 'email' as const, target }))
  return alerts?.webhook === undefined ? emails : [{ channel: 'webhook', target: alerts.webhook }, ...emails]
}
