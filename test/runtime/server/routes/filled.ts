import { sql } from '../../../../nodes/lib/sql.ts'
import { openEngine } from '../../../../runtime/notebook/step/provider.ts'

/** A dataset of two snapshots, and a model. */
export async function fill(folder: string): Promise<void> {
  const client = await openEngine(folder)
  const { datasets, registry } = client.parts
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
