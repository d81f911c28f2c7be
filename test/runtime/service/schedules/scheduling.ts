import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PgBoss } from 'pg-boss'
import type { Workspace } from '../../../../runtime/data/workspace.ts'
import { PolkuErrors } from '../../../../runtime/errors/errors.ts'
import { openEngine } from '../../../../runtime/notebook/step/provider.ts'
import { Clients } from '../../../../runtime/service/clients.ts'
import { openEmbedded } from '../../../../runtime/service/database/embedded.ts'
import { migrate } from '../../../../runtime/service/database/migrations.ts'
import { openPostgres } from '../../../../runtime/service/database/postgres.ts'
import { RunQueue, runsQueue } from '../../../../runtime/service/queue/queue.ts'
import type { RunRow, RunState } from '../../../../runtime/service/queue/run.ts'
import type { FlowToCheck } from '../../../../runtime/service/runner/check.ts'
import { Backfills } from '../../../../runtime/service/schedules/backfills.ts'
import { Scheduler } from '../../../../runtime/service/schedules/scheduler.ts'
import { Schedules } from '../../../../runtime/service/schedules/schedules.ts'
import type { ServiceOptions } from '../../../../runtime/service/service.ts'
import { lightFlow, writeLightClient } from '../../../fixtures/light-client.ts'
import { newEmbedded } from '../../../fixtures/new-embedded.ts'

/** The engine's own check, in this process. */
async function check(workspace: Workspace, flows: readonly FlowToCheck[]) {
  const engine = await openEngine(workspace.root)
  try {
    const problems = []
    for (const { flow, text, asOf, givenLater } of flows)
      problems.push(
        await engine.check({ flow, text, asOf, params: {} }).then(
          () => [],
          (error: unknown) => {
            if (!(error instanceof PolkuErrors)) throw error
            return error.errors
              .filter(({ code, values }) => code !== 'PARAM_MISSING' || !givenLater.includes(String(values.param)))
              .map((each) => each.toProblem())
          },
        ),
      )
    return problems
  } finally {
    await engine.close()
  }
}

/** A service's schedulers without its workers: runs are asked for and none is done. Its clock stands until it is moved. */
export async function scheduling(clients: readonly string[], { database: url }: Pick<ServiceOptions, 'database'>) {
  const folder = mkdtempSync(join(tmpdir(), 'polku-schedules-'))
  for (const name of clients) writeLightClient(folder, name)
  const data = join(folder, '.polku')
  if (url === undefined) await newEmbedded(data)
  const database = await (url === undefined ? openEmbedded(data) : openPostgres(url))
  await migrate(database)
  const boss = new PgBoss({
    db: database.boss,
    backend: url === undefined ? 'pglite' : 'postgres',
    supervise: false,
    schedule: false,
  })
  await boss.start()
  await boss.createQueue(runsQueue)
  // As the service does, so that pg-boss need not look for the queue within a transaction.
  await boss.findJobs(runsQueue, { id: randomUUID() })
  const queue = new RunQueue(database, boss)
  const warnings: unknown[] = []
  const log = { info() {}, warn: (detail: object) => void warnings.push(detail), error() {} }
  const clock = { at: Date.parse('2026-03-01T00:00Z'), files: 0 }
  const now = () => clock.at
  const scheduler = () => {
    const ownClients = new Clients(folder)
    const backfills = new Backfills({ database, queue, clients: ownClients, now })
    return new Scheduler({ database, queue, clients: ownClients, backfills, check, log, now })
  }
  const first = scheduler()
  return {
    folder,
    database,
    queue,
    clock,
    warnings,
    /** Another service on the same database and files. */
    another: scheduler,
    schedules: new Schedules(database, now),
    backfills: new Backfills({ database, queue, clients: new Clients(folder), now }),
    tick: () => first.tick(),
    async tickAt(time: string) {
      clock.at = Date.parse(time)
      await first.tick()
    },
    /** Writes a light flow with what stands above its parameters. */
    writeFlow(name: string, head: string, client = 'first') {
      this.writeText(name, lightFlow(name, 1, 'enrich/light', head), client)
    },
    writeText(name: string, text: string, client = 'first') {
      const file = join(folder, client, 'flows', `${name}.yaml`)
      writeFileSync(file, text)
      // Two writes within the resolution of the disk's clock are two.
      clock.files += 1
      utimesSync(file, clock.files, clock.files)
    },
    runs: (flow?: string): Promise<RunRow[]> =>
      database.query('select * from polku.run where $1::text is null or flow = $1 order by requested_at, id', [
        flow ?? null,
      ]),
    async events(): Promise<string[]> {
      const rows = await database.query<{ event: string }>(
        `select event from polku.event where event not like 'run %' order by number`,
      )
      return rows.map(({ event }) => event)
    },
    /** Ends a run as a worker would. */
    async finish({ client, id }: RunRow, state: RunState = 'done') {
      const begun = await queue.begin(client, id, 'test')
      if (!begun || !(await queue.finish(begun, { state }))) throw new Error(`The run ${id} could not be ended.`)
    },
    /** Forgets all runs, schedules and events. */
    async clear() {
      for (const table of ['run', 'event', 'flow', 'pause', 'arrival', 'backfill', 'lost_workspace'])
        await database.query(`delete from polku.${table}`)
      for (const name of clients) {
        rmSync(join(folder, name), { recursive: true, force: true })
        writeLightClient(folder, name)
      }
    },
    async end() {
      await boss.stop({ graceful: false })
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Scheduling = Awaited<ReturnType<typeof scheduling>>
