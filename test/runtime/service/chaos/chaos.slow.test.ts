// Slow: needs PostgreSQL.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../../../nodes/lib/random.ts'
import type { NewRun } from '../../../../runtime/service/queue/run.ts'
import { type PolkuProcess, startWorker } from '../../../fixtures/polku-process.ts'
import { startPostgres, type TestPostgres, withoutPostgres } from '../../../fixtures/postgres.ts'
import { type TestService, testService } from '../../../fixtures/service.ts'
import { campaign, history, leftBy, writeCampaigns } from './campaigns.ts'

const seed = 20261122
const kills = Number(process.env.POLKU_KILLS ?? 50)
const runsPerKill = 3
/** So many times at most is something heard of these runs before the next kill. */
const mostEvents = 8

/** Waits until `is` holds; looked at when something is heard of runs, and when nothing is heard for a second. */
async function when({ service }: TestService, is: () => Promise<boolean>): Promise<void> {
  const done = Promise.withResolvers<void>()
  const look = () => void is().then((holds) => holds && done.resolve(), done.reject)
  const end = await service.database.listen('polku_event', look)
  const timer = setInterval(look, 1000)
  try {
    look()
    await done.promise
  } finally {
    clearInterval(timer)
    await end()
  }
}

/** Counts what is heard of runs. */
class Heard {
  #left = 0
  #reached: (() => void) | undefined

  ring(): void {
    this.#left -= 1
    if (this.#left <= 0) this.#reached?.()
  }

  /** Resolves when something was heard `times` more. */
  after(times: number): Promise<void> {
    this.#left = times
    return new Promise((resolve) => {
      this.#reached = resolve
    })
  }
}

const ended = (at: TestService): Promise<void> =>
  when(at, async () => {
    const [open] = await at.service.database.query(
      `select 1 from polku.run where state in ('waiting', 'queued', 'running') limit 1`,
    )
    return !open
  })

describe.skipIf(withoutPostgres !== undefined)(`two workers on PostgreSQL (${withoutPostgres ?? 'installed'})`, () => {
  let postgres: TestPostgres
  let address: string
  /** Asks for runs, and does none itself. */
  let asking: TestService
  let calm: TestService
  const heard = new Heard()
  const workers: PolkuProcess[] = []
  const runs: NewRun[] = []

  beforeAll(async () => {
    postgres = await startPostgres()
    address = await postgres.database()
    asking = await testService(['first'], { database: address, slots: 0 })
    calm = await testService(['first'], { database: await postgres.database(), slots: 2 })
    for (const { folder } of [asking, calm]) writeCampaigns(join(folder, 'first'))
    workers.push(startWorker(asking.folder, address), startWorker(asking.folder, address))
    await Promise.all(workers.map(({ ready }) => ready))
    await asking.service.database.listen('polku_event', () => heard.ring())
  })
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.end('SIGKILL')))
    await asking.end()
    await calm.end()
    await postgres.end()
  })

  const ask = async (count: number): Promise<void> => {
    const more = Array.from({ length: count }, (_, index) => campaign(runs.length + index))
    runs.push(...more)
    await asking.service.queue.requestAll(more)
  }

  /** A worker that is at work now, or any where none is; chosen by `share` of 0 to 1. */
  async function busyWorker(share: number): Promise<number> {
    const rows = await asking.service.database.query<{ worker: string }>(
      `select distinct worker from polku.run where state = 'running' order by worker`,
    )
    const pids = rows.map(({ worker }) => Number(worker.split('-').at(-2)))
    const busy = workers.flatMap(({ pid }, index) => (pids.includes(pid) ? [index] : []))
    return busy[Math.floor(share * busy.length)] ?? Math.floor(share * workers.length)
  }

  test(`one of which is killed ${kills} times at random moments, leave what a calm one leaves`, async () => {
    const { uniform } = random(seed)
    for (let kill = 0; kill < kills; kill += 1) {
      const heardEnough = heard.after(1 + Math.floor(uniform() * mostEvents))
      await ask(runsPerKill)
      // The moment is what is tried: after anything that is heard of these runs. A worker that cannot start is reported.
      await Promise.race([heardEnough, ...workers.map(({ ready }) => ready.then(() => heardEnough))])
      const index = await busyWorker(uniform())
      await workers[index]?.end('SIGKILL')
      workers[index] = startWorker(asking.folder, address)
    }
    await ended(asking)
    await calm.service.queue.requestAll(runs)
    await ended(calm)

    const { database } = asking.service
    const rows = await database.query<{ id: string; state: string; attempts: number; problem: unknown }>(
      'select id, state, attempts, problem from polku.run order by requested_at, id',
    )
    expect(rows.filter(({ state }) => state !== 'done')).toEqual([])
    expect(rows).toHaveLength(runs.length)
    // What was killed was at work, or nothing was tried.
    expect(rows.filter(({ attempts }) => attempts > 1).length).toBeGreaterThan(kills / 4)
    const twice = await database.query(
      `select run from polku.event where event = 'run done' group by run having count(*) > 1`,
    )
    expect(twice).toEqual([])
    const [disturbed, undisturbed] = [asking, calm].map(({ folder }) => join(folder, 'first'))
    expect(history(disturbed ?? '').toSorted()).toEqual(
      runs.map(({ params, asOf }) => `${params.campaign} ${asOf}`).toSorted(),
    )
    expect(leftBy(disturbed ?? '', runs)).toEqual(leftBy(undisturbed ?? '', runs))
  }, 1_800_000)
})
