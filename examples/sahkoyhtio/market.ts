import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { id, render, sql } from '../../nodes/lib/sql.ts'
import { runCommand, textOf, wholeNumber } from './generator/command.ts'
import { writeWhole } from './generator/csv.ts'
import { openMarket, outcomesCsv } from './generator/market.ts'
import type { WorldOptions } from './generator/world.ts'

const HELP = `Lets the market respond: writes outcomes.csv, what the customers did in the 90 days after the as-of date.

  node market.ts --contacted 'FILES' [--column customer_id] [--only COLUMN=VALUE] [--data DIR] [--draw N]

  --contacted  Parquet files (a name or a pattern) with the customers who were contacted
  --column     the column that holds their customer_id
  --only       reads only the rows with this value, as in --only group=treated
  --data       the folder that generate.ts wrote, and where outcomes.csv goes; data/ beside this file by default
  --draw       another fall of the dice for the same customers; the data's seed by default
`

/** The distinct customers of Parquet files; `only` is a condition of the form column=value. */
const readContacted = async (files: string, column: string, only: string | undefined): Promise<string[]> => {
  const [, name = '', value = ''] = only?.match(/^([^=]+)=(.*)$/) ?? []
  if (only !== undefined && name === '') throw new RangeError(`--only must be COLUMN=VALUE, got "${only}".`)
  const condition = name === '' ? sql`true` : sql`cast(${id(name)} as varchar) = ${value}`
  const { text, values } = render(sql`
    select distinct cast(${id(column)} as varchar) as customer from read_parquet(${files})
    where ${id(column)} is not null and ${condition} order by customer`)
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(text, [...values])
    return reader.getRows().map(([customer]) => String(customer))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

const readOptions = (data: string): WorldOptions => {
  const path = join(data, 'generated.json')
  if (!existsSync(path)) throw new Error(`${path} is missing: run generate.ts first.`)
  // generate.ts wrote it, and openMarket checks its values.
  return JSON.parse(readFileSync(path, 'utf8')) as WorldOptions
}

await runCommand(['contacted', 'column', 'only', 'data', 'draw'], HELP, async (flags) => {
  const files = textOf(flags.contacted)
  if (files === undefined) throw new RangeError('--contacted is missing: which files hold the contacted customers?')
  const data = textOf(flags.data) ?? join(import.meta.dirname, 'data')
  const options = readOptions(data)
  const contacted = await readContacted(files, textOf(flags.column) ?? 'customer_id', textOf(flags.only))
  if (contacted.length === 0) throw new Error(`No customer was contacted according to ${files}.`)
  const outcomes = openMarket(options).outcomes(contacted, wholeNumber('draw', flags.draw))
  writeWhole(join(data, 'outcomes.csv'), outcomesCsv(outcomes))
  const stayed = outcomes.filter(({ retained }) => retained === 1).length
  process.stdout.write(
    `outcomes.csv: ${outcomes.length} customers, ${stayed} stayed; ${contacted.length} had been contacted\n`,
  )
})
