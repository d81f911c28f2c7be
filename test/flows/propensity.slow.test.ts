// Slow: needs the public data in ../shared/data.
import { afterAll, describe, expect, test } from 'vitest'
import { sql } from '../../nodes/lib/sql.ts'
import { bank, isThere, metricOf, newClient, stepOf, warningsOf } from './real-data.ts'

// The rows of the file have no key. `duration` is known only after the call.
const params = {
  file: 'data/bank-full.csv',
  target: 'y',
  exclude: 'duration',
  profile: 'job,poutcome,age',
}

describe.skipIf(!isThere(bank))('propensity on bank marketing without duration', () => {
  const client = newClient([bank])
  afterAll(client.close)

  test('by logistic regression, from the file to the list', async () => {
    const record = await client.run('propensity', params)
    expect(record.problem).toBeUndefined()
    expect(warningsOf(record)).toEqual([])
    expect(metricOf(record, 'propensity', 'cases')).toBe(45_211)
    expect(metricOf(record, 'propensity', 'positives')).toBe(5289)
    expect(metricOf(record, 'propensity', 'auc')).toBeGreaterThanOrEqual(0.765)
    const importance = stepOf(record, 'propensity').outputs.find(({ name }) => name === 'importance')
    expect(importance?.rows).toBe(15)
    const [list] = await client.rows(
      stepOf(record, 'offer_first'),
      (ranked) => sql`select count(*) as n, bool_or(has_bought) as bought, min(propensity) as least from ${ranked}`,
    )
    expect(list).toMatchObject({ n: 1000, bought: false })
    expect(Number(list?.least)).toBeGreaterThan(5289 / 45_211)
  })

  test('by a network, which finds more', async () => {
    const record = await client.run('propensity', { ...params, method: 'network', folds: '3' })
    expect(record.problem).toBeUndefined()
    expect(metricOf(record, 'propensity', 'auc')).toBeGreaterThanOrEqual(0.78)
    expect(metricOf(record, 'scored', 'customers')).toBe(45_211)
  })
})
