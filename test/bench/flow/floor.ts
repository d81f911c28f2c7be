import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import type { Preprocessing } from '../../../nodes/lib/features.ts'
import { logisticSql } from '../../../nodes/lib/features-sql.ts'
import { render } from '../../../nodes/lib/sql.ts'
import { asOf } from './data.ts'
import { categories } from './flows.ts'

// The floor: the flow's SQL parts as plain DuckDB statements, one a step, with nothing around them. `parquet`:
// each reads Parquet files and writes one, as Polku's steps do; `memory`: each makes a table in memory.

const [, , root = '', into = 'parquet'] = process.argv
const folder = join(root, 'floor')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

const instance = await DuckDBInstance.create(':memory:', { temp_directory: join(folder, 'tmp') })
const connection = await instance.connect()
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
const source = (name: string): string =>
  into === 'memory' ? name : `read_parquet(${quoted(join(folder, `${name}.parquet`))})`
const csv = (name: string, types: string): string =>
  `from read_csv(${quoted(join(root, 'data', `${name}.csv`))}, header = true, auto_detect = false, columns = ${types})`

const milliseconds: Record<string, number> = {}
async function step(name: string, query: string, values: readonly DuckDBValue[] = []): Promise<void> {
  const started = performance.now()
  const text =
    into === 'memory'
      ? `create table ${name} as ${query}`
      : `copy (${query}) to ${quoted(join(folder, `${name}.parquet`))} (format parquet, compression snappy)`
  await connection.run(text, [...values])
  milliseconds[name] = performance.now() - started
}

const day = `date '${asOf}'`
const spend = (condition: string): string => `sum(amount) filter (${condition})`
const windows = [30, 90, 365]
const trend = (days: number): string =>
  `coalesce((spend_${days} - before_${days}) / nullif(abs(spend_${days}) + abs(before_${days}), 0), 0) as trend_${days}`

await step(
  'customers',
  csv(
    'customers',
    `{customer_id: 'BIGINT', since: 'DATE', birth_year: 'BIGINT', city: 'VARCHAR', email_permission: 'VARCHAR', letter_permission: 'VARCHAR'}`,
  ),
)
await step(
  'orders',
  csv(
    'orders',
    `{order_id: 'BIGINT', customer_id: 'BIGINT', ordered_at: 'DATE', amount: 'DECIMAL(18, 2)', category: 'VARCHAR'}`,
  ),
)
await step(
  'features',
  `with lines as (select customer_id, cast(${day} - ordered_at as integer) as ago, amount, category from ${source('orders')} where ordered_at < ${day}),
  bought as (
    select customer_id, min(ago) as recency_days, max(ago) as first_days, count(*) as frequency, cast(sum(amount) as double) as monetary,
      bit_count(bit_or(1 << least((ago - 1) // 30, 12)) filter (ago <= 360)) as active_months,
      ${windows.map((days) => `count(*) filter (ago <= ${days}) as orders_${days}, coalesce(cast(${spend(`ago <= ${days}`)} as double), 0) as spend_${days}, coalesce(cast(${spend(`ago > ${days} and ago <= ${2 * days}`)} as double), 0) as before_${days}`).join(', ')},
      ${categories.map((name) => `coalesce(cast(${spend(`category = '${name}'`)} as double), 0) as spend_${name}`).join(', ')}
    from lines group by 1)
  select c.customer_id, c.city, recency_days, coalesce(frequency, 0) as frequency, coalesce(monetary, 0) as monetary, monetary / frequency as mean_order,
    coalesce(${day} - c.since, first_days) as tenure_days, case when frequency > 1 then (first_days - recency_days) / (frequency - 1) end as mean_gap_days,
    coalesce(active_months, 0) as active_months, ${windows.map((days) => `coalesce(orders_${days}, 0) as orders_${days}, coalesce(spend_${days}, 0) as spend_${days}, ${trend(days)}`).join(', ')},
    ${categories.map((name) => `coalesce(spend_${name}, 0) as spend_${name}`).join(', ')}
  from ${source('customers')} as c left join bought using (customer_id) order by c.customer_id`,
)
await step(
  'rfm',
  `with base as (
    select customer_id, date_diff('day', max(ordered_at), ${day}) as recency, count(*) as frequency, cast(sum(amount) as double) as monetary
    from ${source('orders')} where ordered_at < ${day} group by 1),
  scored as (select *, ${['recency desc', 'frequency', 'monetary'].map((order, index) => `cast(1 + floor(5 * (rank() over (order by ${order}) - 1) / count(*) over ()) as integer) as ${'rfm'.charAt(index)}`).join(', ')} from base)
  select *, r || '-' || f || '-' || m as rfm from scored order by customer_id`,
)

interface Logistic {
  readonly preprocessing: Preprocessing
  readonly parameters: { readonly intercept: number; readonly coefficients: readonly number[] }
}
const model = JSON.parse(readFileSync(join(root, 'models', 'buyer', '1', 'model.json'), 'utf8')) as Logistic // Polku wrote it
const { text, values } = render(logisticSql(model.preprocessing, model.parameters))
await step('score', `select *, ${text} as probability from ${source('features')} order by customer_id`, values)

connection.closeSync()
instance.closeSync()
rmSync(folder, { recursive: true })
process.stdout.write(JSON.stringify(milliseconds))
