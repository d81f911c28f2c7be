import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { id, join, sql } from '../../lib/sql.ts'
import { defineNode, type PlanContext, type Sql } from '../../node.ts'
import { duckType } from './infer.ts'
import { checkSettings, readLayout } from './layout.ts'
import { rejectedNothing, typedNothing } from './query.ts'
import { readRecords } from './read.ts'
import { reportImport } from './report.ts'
import { errors, type Fail, params, type Settings } from './settings.ts'

const failing =
  (context: PlanContext): Fail =>
  (name, values) =>
    context.fail(name, values)

/** The types that the settings alone give, where they name all columns with one. */
function declared({ columns = {}, types = {}, fixedWidth = [] }: Settings): Sql | undefined {
  const settingsGiven: (readonly [string, string | undefined])[] = [
    ...Object.entries(columns).map(([name, type]) => [name, types[name] ?? type] as const),
    ...fixedWidth.map(({ name, type }) => [name, type] as const),
  ]
  if (settingsGiven.length === 0) return undefined
  const nulls = settingsGiven.map(([name, type]) =>
    type === undefined ? undefined : sql`null::${{ strings: [duckType(type)], values: [] }} as ${id(name)}`,
  )
  const typed = nulls.filter((one) => one !== undefined)
  return typed.length < settingsGiven.length ? undefined : sql`select ${join(typed)} limit 0`
}

export default defineNode({
  title: 'CSV file',
  summary: 'Reads a delimited or fixed-width text file; sets apart every record that cannot be read, with the reason.',
  inputs: {},
  params,
  outputs: {
    rows: 'The rows of the file in its order, one column per field',
    rejected: 'Every record that is no row: its line in the file, the reason, and its text',
  },
  metrics: {
    rows: 'Rows that were read',
    rejected: 'Records that could not be read',
  },
  errors,

  plan: async (_, settings, context) => {
    const fail = failing(context)
    checkSettings(settings, fail)
    if (existsSync(settings.path)) {
      const layout = await readLayout(settings.path, settings, fail)
      return { rows: typedNothing(layout), rejected: rejectedNothing }
    }
    const rows = declared(settings)
    return rows
      ? { rows, rejected: rejectedNothing }
      : fail('unreadable', { file: basename(settings.path), actual: 'there is no such file' })
  },

  run: async (_, settings, context) => {
    const fail = failing(context)
    const layout = await readLayout(settings.path, settings, fail)
    const outcome = await readRecords({ path: settings.path, layout, settings, context, fail })
    await reportImport(layout, outcome, context)
    return { rows: sql`from ${outcome.rows}`, rejected: sql`from ${outcome.rejected}` }
  },
})
