import { id, join, sql } from '../../lib/sql.ts'
import { asOfDate, datasetName, defineNode, settings } from '../../node.ts'

export default defineNode({
  title: 'Rows of a dataset',
  summary:
    'Reads what earlier runs appended to a dataset of the workspace, such as the contact history, as it was known on a date.',
  inputs: {},
  params: settings({
    dataset: datasetName({ description: 'The dataset, such as contact-history' }),
    asOf: asOfDate('What was appended up to and with this date'),
  }),
  outputs: { rows: 'The rows in a stable order' },
  metrics: { rows: 'Rows read' },
  errors: {
    unknown:
      'There is no dataset {actual} in this workspace. A step that writes it, such as select/export, must have run before.',
  },

  plan: async (_inputs, { dataset, asOf }, context) => {
    const table = await context.datasets.read(dataset, asOf)
    return table ? sql`select * from ${table} limit 0` : context.fail('unknown', { actual: dataset })
  },

  run: async (_inputs, { dataset, asOf }, context) => {
    const table = await context.datasets.read(dataset, asOf)
    if (!table) return context.fail('unknown', { actual: dataset })
    return sql`select * from ${table} order by ${join(table.columns.map(({ name }) => id(name)))}`
  },

  report: async ({ rows }, { dataset, asOf }, context) => {
    const [row] = await context.rows(sql`select count(*) as n from ${rows}`)
    context.metric({ name: 'rows', label: 'Rows read', value: Number(row?.n), unit: 'count' })
    if (Number(row?.n) === 0) context.warn(`The dataset ${dataset} has nothing from ${asOf} or before.`)
  },
})
