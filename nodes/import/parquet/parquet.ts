import { exactly } from '../../lib/file-name.ts'
import { sql } from '../../lib/sql.ts'
import { defineNode, filePath, type PlanContext, settings } from '../../node.ts'

export default defineNode({
  title: 'Parquet file',
  summary: 'Reads a Parquet file with the names and types it carries.',
  inputs: {},
  params: settings({ path: filePath({ description: 'The file, relative to the workspace' }) }),
  outputs: { rows: 'The rows of the file, in its order' },
  metrics: { rows: 'Rows that were read' },
  errors: {
    notParquet:
      'The file is no Parquet file, or is cut short or damaged: {actual}. Needed: a whole Parquet file; a text table is read by import/csv.',
    tooLarge:
      'A whole number of the file is too large: {actual}. Needed: whole numbers below 9,223,372,036,854,775,808; write larger ones as text.',
  },

  plan: (_inputs, { path }, context) =>
    reading(context, async () => {
      await context.describe(sql`from read_parquet(${exactly(path)})`)
      return sql`from read_parquet(${exactly(path)}) limit 0`
    }),

  // Damage behind the file's end shows only when its rows are read: they are, before anything is promised.
  run: (_inputs, { path }, context) =>
    reading(context, async () => sql`from ${await context.storeFile(sql`from read_parquet(${exactly(path)})`)}`),

  report: async ({ rows }, _settings, context) => {
    const [row] = await context.rows(sql`select count(*) as n from ${rows}`)
    context.metric({ name: 'rows', label: 'Rows read', value: Number(row?.n), unit: 'count' })
    if (Number(row?.n) === 0) context.warn('The file has no rows.')
  },
})

/** Tells in the node's own words what DuckDB says of a file that is not what it claims to be. */
async function reading<T>(context: PlanContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    const reason = message.replace(/^[\w ]+ Error: /, '').replaceAll(/(["'])[^"']*\1/g, 'it')
    if (/^Conversion Error.*(UINT64|UBIGINT|INT128)/.test(message)) context.fail('tooLarge', { actual: reason })
    if (/parquet|magic bytes|too small|thrift|decompress|No files found|Failed to read file/i.test(message))
      context.fail('notParquet', { actual: reason })
    throw error
  }
}
