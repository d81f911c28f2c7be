// Slow: needs the public data in ../shared/data.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../runtime/data/installation.ts'
import { bank, isThere, telco } from '../flows/real-data.ts'
import { clientWith, metricsOf, type Place } from './running.ts'

const retail = join(projectRoot, '../shared/data/online-retail/online_retail.csv.gz')

// That the notebooks' types are right, the example client's test shows.
process.env.POLKU_KERNEL_CHECK = 'off'

const places: Place[] = []
afterAll(() => {
  for (const trial of places) trial.close()
})
const client = (...files: string[]): Place => {
  const trial = clientWith(files)
  places.push(trial)
  return trial
}

test.skipIf(!isThere(telco))('train-churn on Telco churn', async () => {
  const { notebook } = await client(telco).run('train-churn', {
    customersFile: 'data/Telco-Customer-Churn.csv',
    contractsFile: '',
    purchasesFile: '',
    customer: 'customerID',
    target: 'Churn',
    positive: 'Yes',
  })
  expect(metricsOf(notebook).auc).toBeGreaterThanOrEqual(0.84)
})

test.skipIf(!isThere(bank))('train-propensity on bank marketing', async () => {
  const { notebook } = await client(bank).run('train-propensity', {
    customersFile: 'data/bank-full.csv',
    eventsFile: '',
    classesFile: '',
    customer: 'row_number',
    target: 'y',
    exclude: ['duration'],
  })
  expect(metricsOf(notebook).auc).toBeGreaterThanOrEqual(0.765)
})

describe.skipIf(!isThere(retail))('explore-customers on Online Retail', () => {
  test('finds the share that the best customers bring', async () => {
    const trial = client()
    mkdirSync(join(trial.root, 'data'), { recursive: true })
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const to = (name: string) => `'${join(trial.root, 'data', name)}' (format csv, header)`
    await connection.run(`create table sales as
      select CustomerID::integer as customer_id, InvoiceDate::timestamp::date as ordered_at, Quantity * UnitPrice as amount
      from read_csv('${retail}', types = {'CustomerID': 'DOUBLE', 'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR'})
      where CustomerID is not null and InvoiceNo not like 'C%' and Quantity > 0 and UnitPrice > 0`)
    await connection.run(`copy sales to ${to('sales.csv')}`)
    await connection.run(`copy (select distinct customer_id from sales order by 1) to ${to('customers.csv')}`)
    connection.closeSync()
    instance.closeSync()
    const { notebook } = await trial.run('explore-customers', {
      asOf: '2011-12-10',
      purchasesFile: 'data/sales.csv',
      date: 'ordered_at',
      amount: 'amount',
      email: '',
      phone: '',
      postalCode: '',
      birthDate: '',
    })
    const metrics = metricsOf(notebook)
    expect(metrics.mean_recency).toBeCloseTo(93.059, 2)
    expect(metrics.mean_monetary).toBeCloseTo(2054.27, 1)
    expect(metrics.top_share).toBeCloseTo(0.746, 2)
  })
})
