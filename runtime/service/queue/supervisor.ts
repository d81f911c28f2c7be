import { randomUUID } from 'node:crypto'
import type { PgBoss } from 'pg-boss'
import type { ServiceDatabase } from '../database/database.ts'
import type { Log } from '../log.ts'
import { Loop } from '../loop.ts'
import { type RunQueue, runsQueue } from './queue.ts'

interface SupervisorDependencies {
  readonly database: ServiceDatabase
  readonly boss: PgBoss
  readonly queue: RunQueue
  /** Says that the runs of this process's own worker live. */
  readonly beat: () => Promise<void>
  readonly log: Log
}

/** How often jobs are looked for that no worker does any more, and runs that no job does, in ms. */
const superviseEvery = 5000
const missedEvery = 10_000

/** How long no beat of a worker makes others continue its runs, in seconds: pg-boss's least. */
const heartbeatSeconds = 10

/** Sees that what is queued or running is done by somebody. Any number may do so on one database. */
export class Supervisor {
  readonly #dependencies: SupervisorDependencies
  readonly #loops: readonly Loop[]

  constructor(dependencies: SupervisorDependencies) {
    const { queue, log } = dependencies
    this.#dependencies = dependencies
    this.#loops = [
      new Loop(() => this.supervise(), superviseEvery, log),
      new Loop(() => queue.queueMissed(), missedEvery, log),
    ]
  }

  /** Makes the queue, and takes up at once what the last process on an embedded database was doing. */
  async start(): Promise<void> {
    const { database, boss } = this.#dependencies
    await boss.createQueue(runsQueue, {
      heartbeatSeconds,
      expireInSeconds: 23 * 3600,
      retryLimit: 100,
      retryDelay: 0,
      deleteAfterSeconds: 3600,
    })
    // Makes pg-boss know the queue now: within a transaction its look for it would wait for the embedded database for ever.
    await boss.findJobs(runsQueue, { id: randomUUID() })
    if (database.kind === 'embedded') await this.#takeUp()
    for (const loop of this.#loops) loop.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  /**
   * Gives away the jobs of workers that were not heard for long. The own worker is heard first: a process that was slow
   * or asleep itself takes no run from it, and on an embedded database there is no other.
   */
  async supervise(): Promise<void> {
    await this.#dependencies.beat()
    await this.#dependencies.boss.supervise()
  }

  async #takeUp(): Promise<void> {
    const { database, boss } = this.#dependencies
    const rows = await database.query<{ job: string }>(`select job from polku.run where state = 'running'`)
    const jobs = rows.map(({ job }) => job)
    if (jobs.length > 0) await boss.fail(runsQueue, jobs, { reason: 'the service ended' })
  }
}
