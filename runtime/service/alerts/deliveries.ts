import type { Job, PgBoss } from 'pg-boss'
import type { ServiceDatabase } from '../database/database.ts'
import type { Log } from '../log.ts'
import { sendMail, Undelivered } from './mail.ts'
import { alertsQueue } from './notifier.ts'
import type { AlertSettings } from './settings.ts'
import type { AlertContent } from './text.ts'
import { postWebhook } from './webhook.ts'

interface AlertRow {
  readonly id: string
  readonly channel: 'webhook' | 'email'
  readonly target: string
  readonly content: AlertContent
  readonly state: 'waiting' | 'delivered' | 'failed'
}

type AlertJob = Job<{ readonly alert: string }> & { readonly retryCount: number; readonly retryLimit: number }

/** How many are delivered side by side: one server that does not answer must not hold up all others. */
const atOnce = 5

/** Delivers alerts, each again until it is taken. */
export class Deliveries {
  readonly #database: ServiceDatabase
  readonly #boss: PgBoss
  readonly #settings: AlertSettings
  readonly #log: Log
  #delivering: Promise<void> = Promise.resolve()

  constructor(database: ServiceDatabase, boss: PgBoss, settings: AlertSettings, log: Log) {
    this.#database = database
    this.#boss = boss
    this.#settings = settings
    this.#log = log
  }

  /** Delivers what is due now, after what is being delivered already. */
  deliver(now: () => number): Promise<void> {
    const before = this.#delivering
    this.#delivering = before.then(
      () => this.#deliver(now),
      () => this.#deliver(now),
    )
    return this.#delivering
  }

  async #deliver(now: () => number): Promise<void> {
    for (;;) {
      const jobs = await this.#boss.fetch<{ alert: string }>(alertsQueue, { batchSize: atOnce, includeMetadata: true })
      await Promise.all(jobs.map((job) => this.#attempt(job, now())))
      if (jobs.length < atOnce) return
    }
  }

  async #attempt(job: AlertJob, now: number): Promise<void> {
    const attempt = { id: job.id, retryCount: job.retryCount }
    const [alert] = await this.#database.query<AlertRow>('select * from polku.alert where id = $1', [job.data.alert])
    try {
      if (alert && alert.state !== 'delivered') await this.#send(alert, now)
    } catch (error) {
      if (!(error instanceof Undelivered)) throw error
      await this.#note(job, error.message)
      await this.#boss.fail(alertsQueue, attempt, { reason: error.message })
      return
    }
    await this.#database.query(
      `update polku.alert set state = 'delivered', attempts = attempts + 1, reason = null, delivered_at = $2
      where id = $1 and state <> 'delivered'`,
      [job.data.alert, new Date(now)],
    )
    await this.#boss.complete(alertsQueue, attempt)
  }

  async #note({ data: { alert }, retryCount, retryLimit }: AlertJob, reason: string): Promise<void> {
    const isLast = retryCount >= retryLimit
    await this.#database.query(
      'update polku.alert set state = $2, attempts = attempts + 1, reason = $3 where id = $1',
      [alert, isLast ? 'failed' : 'waiting', reason],
    )
    if (isLast) this.#log.error({ alert, reason }, 'an alert was not delivered and is given up')
    else this.#log.warn({ alert, reason }, 'an alert was not delivered; it is tried again')
  }

  #send({ id, channel, target, content }: AlertRow, now: number): Promise<void> {
    const { webhook, mail } = this.#settings
    if (channel === 'webhook') {
      const url = target === '' ? webhook : target
      if (url === undefined) throw new Undelivered('POLKU_ALERT_WEBHOOK is not set')
      return postWebhook({ url, id, body: JSON.stringify({ id, ...content }), at: now }, this.#settings)
    }
    if (!mail) throw new Undelivered('POLKU_SMTP_URL is not set')
    return sendMail({ to: target, id, subject: `Polku: ${content.title}`, text: content.text }, mail)
  }
}
