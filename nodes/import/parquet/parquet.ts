import { sql } from '../../lib/sql.ts'
import { type Column, defineNode, filePath, type PlanContext, settings } from '../../node.ts'

export default defineNode({
  title: 'Parquet file',
  summary: 'Reads a Parquet file with the names and types it carries.',
  inputs: {},
  params: settings({ path: filePath({ description: 'The file, relative to the workspace' }) }),
  outputs: { rows: 'The rows of the file, in its order' },
  metrics: { rows: 'Rows that were read' },
  errors: {
    notParquet:
      'The file is no Parquet file, or is cut short: {found}. Needed: a whole Parquet file; a text table is read by import/csv.',
  },

  plan: async (_inputs, { path }, context) => {
    await columnsOf(path, context)
    return sql`select * from read_parquet(${path}) limit 0`
  },

  run: async (_inputs, { path }, context) => {
    await columnsOf(path, context)
    return sql`select * from read_parquet(${path})`
  },

  report: async ({ rows }, _settings, context) => {
    const [row] = await context.rows(sql`select count(*) as n from ${rows}`)
    context.metric({ name: 'rows', label: 'Rows read', value: Number(row?.n), unit: 'count' })
    if (Number(row?.n) === 0) context.warn('The file has no rows.')
  },
})

async function columnsOf(path: string, context: PlanContext): Promise<readonly Column[]> {
  try {
    const columns = await context.describe(sql`select * from read_parquet(${path})`)
    return columns
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // What DuckDB says of a file that is not what it claims to be; anything else is not the author's fault.
    if (!/parquet|magic bytes|too small|thrift|No files found/i.test(message)) throw error
    return context.fail('notParquet', { found: message.split('\n')[0]?.replace(/'[^']*'/g, 'it') ?? '' })
  }
}
