import { join } from 'node:path'
import { expect } from 'vitest'
import { sql } from '../../../../nodes/lib/sql.ts'
import { openEngine } from '../../../../runtime/notebook/step/provider.ts'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import type { TestDatabase } from '../../../fixtures/databases.ts'
import { whenRun } from '../../../fixtures/service.ts'

export interface ServedRun {
  readonly server: TestApp
  /** A run of the flow `two` that is done. */
  readonly run: string
  end(): Promise<void>
}

/** A server of two clients; the first has a run that is done, a dataset and a model. */
export async function serveRun(open: () => Promise<TestDatabase>): Promise<ServedRun> {
  const database = await open()
  const server = await testApp(['first', 'second'], { ...(await database.options()), slots: 1 })
  await fill(join(server.folder, 'first'))
  const body = { flow: 'two', asOf: '2026-01-01', params: { add: 5 } }
  const started = await server.ask('POST', '/api/clients/first/runs', { body })
  expect(started.status, started.text).toBe(202)
  expect(await whenRun(server, started.body)).toMatchObject({ state: 'done' })
  return {
    ...{ server, run: started.body.id },
    async end() {
      await server.end()
      await database.end()
    },
  }
}

/** A dataset of two snapshots, and a model. */
export async function fill(folder: string): Promise<void> {
  const client = await openEngine(folder)
  const { datasets, registry } = client
  const rows = (from: number) => sql`select n, 'name ' || n as name, n % 2 = 0 as even,
  date '2026-01-01' + n::integer as day, case when n % 4 > 0 then n * 1.5 end as value from range(${from}, ${from + 50}) as r (n)`
  await datasets.append('contacts', rows(0), { key: 'one', asOf: '2026-01-01' })
  await datasets.append('contacts', rows(50), { key: 'two', asOf: '2026-02-01' })
  registry.publish('churn', {
    kind: 'logistic',
    target: { column: 'churned', positive: 'yes' },
    preprocessing: {},
    parameters: { weights: [1] },
    card: { metrics: { auc: 0.8 }, intendedUse: 'Trying' },
  })
  await client.close()
}
