// Slow: needs the public data in ../shared/data.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../../nodes/node.ts'
import { sharedData } from '../../fixtures/parts.ts'
import { imported } from './imported.ts'

// The known totals of the shared data's README: file, settings, question, answer.
const totals: [string, object, string, Row][] = [
  [
    'telco-churn/Telco-Customer-Churn.csv',
    { types: { Churn: 'text' } },
    `select count(*) as n, count(*) filter (where "Churn" = 'Yes') as churned, count(*) - count("TotalCharges") as blank, typeof(any_value("TotalCharges")) as type from t`,
    { n: 7043, churned: 1869, blank: 11, type: 'DOUBLE' },
  ],
  [
    'bank-marketing/bank-full.csv',
    { types: { y: 'text' } },
    `select count(*) as n, count(*) filter (where y = 'yes') as yes, sum(duration) > 0 as numbers from t`,
    { n: 45_211, yes: 5289, numbers: true },
  ],
  [
    'cdnow/CDNOW_master.txt',
    {
      delimiter: 'whitespace',
      header: false,
      skip: 1,
      columns: { id: 'text', day: 'date', cds: 'integer', dollars: 'decimal' },
      dateFormat: '%Y%m%d',
    },
    'select count(*) as n, count(distinct id) as customers, cast(sum(dollars) as decimal(18, 2)) as dollars, count(*) - (select count(*) from (select distinct * from t)) as repeated from t',
    { n: 69_659, customers: 23_570, dollars: 2_500_315.63, repeated: 255 },
  ],
  [
    'cdnow/CDNOW_sample.txt',
    {
      delimiter: 'whitespace',
      header: false,
      columns: { master: 'text', id: 'text', day: 'date', cds: 'integer', dollars: 'decimal' },
      dateFormat: '%Y%m%d',
    },
    'select count(*) as n, count(distinct id) as customers from t',
    { n: 6919, customers: 2357 },
  ],
  [
    'online-retail/online_retail.csv.gz',
    { types: { InvoiceNo: 'text', CustomerID: 'text' } },
    `select count(*) as n, count(*) - count("CustomerID") as nobody, count(*) filter (where "InvoiceNo" like 'C%') as cancelled,
      count(*) - (select count(*) from (select distinct * from t)) as repeated,
      count(*) filter (where clean) as sales, round(sum("Quantity" * "UnitPrice") filter (where clean), 3) as euros
      from (select *, "CustomerID" is not null and "InvoiceNo" not like 'C%' and "Quantity" > 0 and "UnitPrice" > 0 as clean from t)`,
    { n: 541_909, nobody: 135_080, cancelled: 9288, repeated: 5268, sales: 397_884, euros: 8_911_407.904 },
  ],
  ['complete-journey/campaigns.csv', {}, 'select count(*) as n from t', { n: 6589 }],
  ['complete-journey/campaign_descriptions.csv', {}, 'select count(*) as n from t', { n: 27 }],
  ['complete-journey/coupon_redemptions.csv', {}, 'select count(*) as n from t', { n: 2102 }],
  ['complete-journey/demographics.csv', {}, 'select count(*) as n from t', { n: 801 }],
  [
    'complete-journey/transactions_sample.csv',
    {},
    'select count(*) as n, round(sum(sales_value), 2) as sales from t',
    { n: 75_000, sales: 233_935.24 },
  ],
  ['complete-journey/products.csv', {}, 'select count(*) as n from t', { n: 92_331 }],
  [
    'er-febrl/dataset1.csv',
    {},
    `select count(*) as n, count(*) filter (where given_name like ' %') as blanks from t`,
    { n: 1000, blanks: 0 },
  ],
  ['er-febrl/dataset4b.csv', {}, 'select count(*) as n from t', { n: 5000 }],
  [
    'fi-postal/postcodes.csv',
    {},
    `select count(*) as n, count(*) filter (where type_code = 1) as normal, count(*) filter (where type_code = 2) as boxes,
      count(distinct municipal_code) as municipalities, min(length(postcode)) as digits from t`,
    { n: 3779, normal: 3018, boxes: 589, municipalities: 308, digits: 5 },
  ],
  [
    'fi-paavo/paavo_master.csv',
    {},
    `select count(*) as n, sum("Asukkaat yhteensä (HE)") as people, min(length("Postinumero")) as digits from t`,
    { n: 3018, people: 5_557_765, digits: 5 },
  ],
  [
    'fi-paavo/paavo_latin1_semicolon.csv',
    {},
    `select count(*) as n, sum("Asukkaat yhteensä (HE)") as people, min(length("Postinumero")) as digits from t`,
    { n: 3018, people: 5_557_765, digits: 5 },
  ],
]

describe.skipIf(!existsSync(sharedData))('known totals of real files', () => {
  test.each(totals)('%s', async (file, settings, question, answer) => {
    const { row, record } = await imported(join(sharedData, file), settings, question)
    expect(record.problem).toBeUndefined()
    expect(row).toEqual(answer)
    expect(record.steps[0]?.outputs[1]?.rows, 'rejected').toBe(0)
  })
})
