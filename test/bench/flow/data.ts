import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

export interface Size {
  readonly customers: number
  readonly orders: number
}

/** The day of the flow, and from when on purchases are later than it: nobody may use those. */
export const asOf = '2026-10-01'

// Customers and purchases are made by SQL from hashes of their numbers, so that the same size gives the same
// files. Each customer comes on some day, buys at a pace of their own and may go; the tail of paces is long.
const uniform = (salt: number, key = 'i'): string => `((hash(${key} * 64 + ${salt}) >> 11)::double / 9007199254740992)`

const customers = (count: number): string => `
  select i as customer_id,
    strftime(date '2021-01-01' + cast(${uniform(1)} * 2000 as integer), '%Y-%m-%d') as since,
    1940 + cast(${uniform(2)} * 65 as integer) as birth_year,
    list_extract(['Helsinki', 'Tampere', 'Turku', 'Oulu', 'Lahti', 'Kuopio'], 1 + cast(floor(pow(${uniform(3)}, 2) * 6) as integer)) as city,
    case when ${uniform(4)} < 0.55 then 'yes' when ${uniform(5)} < 0.5 then 'no' end as email_permission,
    case when ${uniform(6)} < 0.7 then 'yes' else 'no' end as letter_permission
  from range(1, ${count} + 1) as t(i)`

const orders = ({ customers: people, orders: count }: Size): string => `
  with drawn as (
    select i, 1 + cast(floor(${people} * pow(${uniform(11)}, 1.4)) as bigint) as customer_id from range(${count}) as t(i)),
  lives as (
    select *, date '2021-01-01' + cast(${uniform(1, 'customer_id')} * 2000 as integer) as since,
      200 - 1500 * ln(1 - ${uniform(12, 'customer_id')}) as days from drawn)
  select i + 1 as order_id, customer_id,
    strftime(since + cast(floor(${uniform(13)} * least(days, date '2026-11-15' - since)) as integer), '%Y-%m-%d') as ordered_at,
    cast(exp(3 + 0.9 * sqrt(-2 * ln(1 - ${uniform(14)})) * cos(2 * pi() * ${uniform(15)})) as decimal(10, 2)) as amount,
    list_extract(['home', 'garden', 'toys', 'books', 'sport'], 1 + cast(floor(pow(${uniform(16)}, 1.5) * 5) as integer)) as category
  from lives order by i`

/** Writes the CSV files, and smaller ones of a tenth of the customers to train a model on; keeps files of the same size. */
export async function writeData(folder: string, size: Size): Promise<void> {
  const sizeFile = join(folder, 'size.json')
  if (existsSync(sizeFile) && readFileSync(sizeFile, 'utf8') === JSON.stringify(size)) return
  mkdirSync(folder, { recursive: true })
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const write = (query: string, file: string) =>
    connection.run(`copy (${query}) to '${join(folder, file).replaceAll("'", "''")}' (format csv, header)`)
  await write(customers(size.customers), 'customers.csv')
  await write(orders(size), 'orders.csv')
  await write(`select * from (${customers(size.customers)}) where customer_id % 10 = 0`, 'sample-customers.csv')
  await write(`select * from (${orders(size)}) where customer_id % 10 = 0`, 'sample-orders.csv')
  connection.closeSync()
  instance.closeSync()
  writeFileSync(sizeFile, JSON.stringify(size))
}
