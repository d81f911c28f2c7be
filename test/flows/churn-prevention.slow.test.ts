// Slow: needs the public data in ../shared/data.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../nodes/lib/sql.ts'
import type { RunRecord } from '../../runtime/run/record.ts'
import { isThere, metricOf, newClient, stepOf, telco, warningsOf } from './real-data.ts'

const params = {
  file: 'data/Telco-Customer-Churn.csv',
  customer: 'customerID',
  target: 'Churn',
  positive: 'Yes',
  value: 'MonthlyCharges',
  profile: 'Contract,PaymentMethod,InternetService,TechSupport,gender,tenure',
}

describe.skipIf(!isThere(telco))('churn-prevention on Telco churn', () => {
  const client = newClient([telco])
  afterAll(client.close)
  let record: RunRecord
  beforeAll(async () => {
    record = await client.run('churn-prevention', params)
  })

  test('runs from the file to the list with nothing but parameters', () => {
    expect(record.problem).toBeUndefined()
    expect(record.status).toBe('done')
    expect(warningsOf(record)).toEqual([])
    expect(stepOf(record, 'contact_first').outputs[0]?.rows).toBe(500)
  })

  test('reaches the AUC of the reference in five folds', () => {
    expect(metricOf(record, 'churn', 'cases')).toBe(7043)
    expect(metricOf(record, 'churn', 'positives')).toBe(1869)
    expect(metricOf(record, 'churn', 'auc')).toBeGreaterThanOrEqual(0.84)
  })

  test('profiles those who left as the reference does', async () => {
    const [contract] = await client.rows(
      stepOf(record, 'leavers'),
      (classes) => sql`select list(round(index, 2) order by index desc)::varchar as indexes from ${classes}
        where "column" = 'Contract'`,
    )
    expect(contract?.indexes).toBe('[160.94, 42.47, 10.67]')
  })

  test('lists those who are still there, by what is at stake', async () => {
    const [list] = await client.rows(
      stepOf(record, 'contact_first'),
      (
        ranked,
      ) => sql`select count(*) as n, bool_and(not has_left) as present, bool_and(value_class in ('A', 'B')) as valuable,
        bool_and(abs(expected_loss - churn_risk * "MonthlyCharges") < 1e-9) as weighed,
        max(churn_risk) as greatest, corr(position, expected_loss) as falling from ${ranked}`,
    )
    expect(list).toMatchObject({ n: 500, present: true, valuable: true, weighed: true })
    expect(Number(list?.greatest)).toBeLessThanOrEqual(1)
    expect(Number(list?.falling)).toBeLessThan(-0.9)
    expect(metricOf(record, 'contact_first', 'share')).toBeGreaterThan(0.3)
  })

  test('stops where the model cannot tell customers apart', async () => {
    const stopped = await client.run('churn-prevention', { ...params, least_auc: '0.9' })
    expect(stopped.status).toBe('stopped')
    expect(stepOf(stopped, 'health').status).toBe('done')
    expect(stepOf(stopped, 'churn').status).toBe('stopped')
    expect(stepOf(stopped, 'churn').outputs).not.toEqual([])
  })

  test('names a column that is not there, and what was probably meant', async () => {
    await expect(client.run('churn-prevention', { ...params, target: 'Chrun' })).rejects.toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ code: 'COLUMN_UNKNOWN' })]),
    })
  })
})
