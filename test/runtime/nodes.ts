import { id, sql } from '../../nodes/lib/sql.ts'
import {
  column,
  datasetName,
  defineNode,
  filePath,
  input,
  type NodeDefinition,
  settings,
  Type,
} from '../../nodes/node.ts'
import type { CatalogueNode } from '../../runtime/catalogue/catalogue.ts'

// Small nodes of every kind the engine knows, for its own tests: SQL only, arrays in TypeScript, an effect.
// `at` is told each moment inside a step, such as `moments:middle`, and may throw, kill the process or count.

type Moment = (moment: string) => void | Promise<void>

const catalogued = (name: string, definition: unknown, code = name): CatalogueNode => ({
  name,
  file: `/test/${name}.ts`,
  code,
  definition: definition as NodeDefinition, // the narrower generic types of one node
})

const rows = (at: Moment) =>
  defineNode({
    title: 'Rows of a file',
    summary: 'Reads a CSV file.',
    inputs: {},
    params: settings({ path: filePath() }),
    outputs: { rows: 'The rows of the file' },
    plan: (_, { path }) => sql`select * from read_csv(${path}, header = true)`,
    run: async (_, { path }) => {
      await at('rows:middle')
      return sql`select * from read_csv(${path}, header = true) order by all`
    },
  })

const scale = (at: Moment) =>
  defineNode({
    title: 'Scaled amounts',
    summary: 'Multiplies a column.',
    inputs: { rows: input('Any rows') },
    params: settings({
      column: column('rows', { type: 'number', default: 'amount' }),
      factor: Type.Number({ default: 2 }),
      round: Type.Boolean({ default: false }),
    }),
    outputs: { rows: 'The rows with scaled' },
    run: ({ rows }, settings) => {
      const value = sql`${id(settings.column)} * ${settings.factor}::double`
      return sql`select *, ${settings.round ? sql`round(${value})` : value} as scaled from ${rows} order by all`
    },
    report: () => at('scale:report'),
  })

const moments = (at: Moment) =>
  defineNode({
    title: 'Moments',
    summary: 'Reads columns into TypeScript and writes them back.',
    inputs: { rows: input('Rows with customer_id and scaled') },
    params: settings({ add: Type.Number({ default: 0 }) }),
    outputs: { rows: 'One row per row with its square', total: 'One row with the sum' },
    plan: () => ({
      rows: sql`select null::double as customer_id, null::double as square where false`,
      total: sql`select null::double as total where false`,
    }),
    run: async ({ rows }, { add }, context) => {
      const { customer_id: ids, scaled } = await context.read(sql`select customer_id, scaled from ${rows} order by all`)
      await at('moments:middle')
      const square = Float64Array.from(scaled as Float64Array, (value) => value * value + add) // a numeric column
      const table = await context.write({ customer_id: ids as Float64Array, square }) // a numeric column
      const stored = await context.store(sql`select sum(square) as total from ${table}`)
      return { rows: sql`from ${table} order by all`, total: sql`from ${stored}` }
    },
  })

const totals = (at: Moment) =>
  defineNode({
    title: 'Totals',
    summary: 'Sums squares by customer.',
    inputs: { rows: input('Rows with customer_id and square') },
    params: settings({ minimum: Type.Number({ default: 0 }) }),
    outputs: { customers: 'One row per customer' },
    metrics: { customers: 'How many customers', largest: 'The largest total' },
    errors: { none: 'No customer reaches {minimum}; got {actual}.' },
    run: ({ rows }, { minimum }) => sql`
      select cast(customer_id as bigint) as customer_id, cast(sum(cast(square as decimal(18, 4))) as double) as total
      from ${rows} group by 1 having sum(cast(square as decimal(18, 4))) >= ${minimum}::double order by 1`,
    report: async ({ customers }, { minimum }, context) => {
      const [row] = await context.rows(sql`select count(*) as n, max(total) as largest from ${customers}`)
      await at('totals:report')
      if (Number(row?.n) === 0) context.fail('none', { minimum, actual: 0 })
      context.metric({ name: 'customers', label: 'Customers', value: Number(row?.n), unit: 'count' })
      context.metric({ name: 'largest', label: 'Largest', value: Number(row?.largest), unit: 'number' })
    },
  })

const contacts = (at: Moment) =>
  defineNode({
    title: 'Contacts',
    summary: 'Writes a file and appends to a dataset.',
    inputs: { customers: input('Customers to contact') },
    params: settings({
      path: filePath({ mode: 'write' }),
      dataset: datasetName({ mode: 'write' }),
      key: Type.String({ default: 'first' }),
    }),
    outputs: { contacts: 'The contacts' },
    effect: true,
    plan: ({ customers }) => sql`from ${customers} limit 0`,
    run: async ({ customers }, { path, dataset, key }, context) => {
      const query = sql`from ${customers} order by all`
      await at('contacts:before')
      await context.files.writeCsv(query, path, { delimiter: ';', bom: true })
      await at('contacts:middle')
      await context.datasets.append(dataset, query, { key, asOf: '2026-10-01' })
      await at('contacts:after')
      return query
    },
  })

const history = () =>
  defineNode({
    title: 'History',
    summary: 'Reads a dataset.',
    inputs: {},
    params: settings({ dataset: datasetName(), until: Type.String({ default: '2026-12-31' }) }),
    outputs: { rows: 'The rows' },
    plan: () => sql`select null::bigint as customer_id, null::double as total where false`,
    run: async (_, { dataset, until }, context) => {
      const table = await context.datasets.read(dataset, until)
      if (!table) throw new Error('There is no such dataset.')
      return sql`from ${table} order by all`
    },
  })

const faults = ['declared', 'undeclared', 'throws', 'sql', 'lies', 'less', 'report', 'cancel'] as const

const trouble = (at: Moment) =>
  defineNode({
    title: 'Trouble',
    summary: 'Fails in the way it is told.',
    inputs: { rows: input('Any rows') },
    params: settings({ how: Type.Enum([...faults]) }),
    outputs: { rows: 'Rows', more: 'More rows' },
    errors: { broken: 'It is {how}, at {actual}.' },
    plan: () => ({ rows: sql`select 1::integer as one`, more: sql`select 1::integer as one` }),
    run: async ({ rows }, { how }, context) => {
      await at('trouble:run')
      if (how === 'declared') context.fail('broken', { how, actual: 'the run' })
      if (how === 'undeclared') context.fail('unheard', {})
      if (how === 'throws') throw new TypeError('something unforeseen')
      const one = sql`select 1::integer as one`
      if (how === 'sql') return { rows: sql`select cast(category as integer) as one from ${rows}`, more: one }
      if (how === 'lies') return { rows: sql`select 'text' as one`, more: one }
      if (how === 'less') return { rows: one }
      if (how === 'cancel')
        // Work that only an interrupt ends in time: 10^15 rows to count.
        return { rows: sql`select count(*)::integer as one from range(100000000) a, range(10000000) b`, more: one }
      return { rows: one, more: one }
    },
    report: (_, { how }, context) =>
      how === 'report' ? context.fail('broken', { how, actual: 'the report' }) : undefined,
  })

/** The nodes, with `at` told of every moment and `code` in place of a node's code hash. */
export const testNodes = (at: Moment = () => {}, code: Readonly<Record<string, string>> = {}): CatalogueNode[] =>
  Object.entries({
    'import/rows': rows(at),
    'enrich/scale': scale(at),
    'enrich/moments': moments(at),
    'segment/totals': totals(at),
    'select/contacts': contacts(at),
    'import/history': history(),
    'enrich/trouble': trouble(at),
  }).map(([name, definition]) => catalogued(name, definition, code[name]))
