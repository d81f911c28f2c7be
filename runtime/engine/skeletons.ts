import { stringify } from 'yaml'
import { humanise } from '../flow/plan.ts'

// What a new client or node begins with. The people are invented.

const customers = `customer_id,name,postal_code,email_permission
1001,Aino Esimerkki,00100,yes
1002,Eero Malli,33100,no
1003,Helmi Kuvitteellinen,20100,yes
1004,Onni Keksitty,90100,
1005,Saimi Näyte,40100,yes
1006,Toivo Koe,70100,yes
`

const orders = `customer_id,ordered_at,amount
1001,2026-08-30,120.50
1001,2026-09-12,75.00
1002,2026-01-15,19.90
1003,2026-09-28,240.00
1003,2026-06-02,33.20
1003,2026-07-14,58.00
1004,2025-11-20,12.00
1005,2026-05-05,99.00
1006,2026-09-01,45.60
`

const flow = `# yaml-language-server: $schema=../.polku/flow.schema.json
flow: first
title: Who bought lately, often and for much
params:
  classes: { type: integer, default: 3, description: How many classes }
steps:
  customers: { uses: import/csv, with: { path: data/customers.csv } }
  orders:    { uses: import/csv, with: { path: data/orders.csv } }
  classes:   { uses: segment/rfm, from: orders, with: { classes: "\${params.classes}" } }
  register:
    uses: enrich/join
    from: { left: customers, right: classes }
    with: { on: [{ left: customer_id, right: customer_id }] }
`

interface NewClient {
  readonly name: string
  readonly title?: string
  readonly timezone?: string
  readonly currency?: string
}

/** A client's workspace: path to text. */
export const clientFiles = ({
  name,
  title = humanise(name),
  timezone = 'Europe/Helsinki',
  currency = 'EUR',
}: NewClient): Record<string, string> => ({
  'client.yaml': stringify({ client: name, title, timezone, currency }),
  'flows/first.yaml': flow,
  'data/customers.csv': customers,
  'data/orders.csv': orders,
  '.gitignore': '.polku/\n',
})

/** How a client's own node imports Polku, and how one of Polku's own does. */
const imports = {
  own: `import { column, defineNode, input, settings, Type } from 'polku/node'
import { id, sql } from 'polku/sql'`,
  builtin: `import { id, sql } from '../../lib/sql.ts'
import { column, defineNode, input, settings, Type } from '../../node.ts'`,
}

const nodeText = (name: string, kind: keyof typeof imports): string => `${imports[kind]}

export default defineNode({
  title: '${humanise(name)}',
  summary: 'Says in one sentence what a person gets from it.',
  inputs: { customers: input('Customers, one row each') },
  params: settings({
    value: column('customers', { type: 'number', default: 'value', description: 'What to look at' }),
    limit: Type.Number({ default: 100, description: 'From this value on a customer is large' }),
  }),
  outputs: { customers: 'The same rows with is_large' },
  metrics: { large: 'Customers that are large' },

  // Gives SQL; DuckDB does the work. Names go through id(), values are bound.
  run: ({ customers }, { value, limit }) =>
    sql\`select *, coalesce(\${id(value)} >= \${limit}, false) as is_large from \${customers} order by all\`,

  // Says what a person wants to know about the result.
  report: async ({ customers }, _settings, context) => {
    const [row] = await context.rows(sql\`select count(*) filter (where is_large) as large from \${customers}\`)
    context.metric({ name: 'large', label: 'Large customers', value: Number(row?.large), unit: 'count' })
  },
})
`

/** The folder of a client's own node, or of one of Polku's: path to text. */
export const nodeFiles = (name: string, kind: keyof typeof imports): Record<string, string> => ({
  [`${name}.ts`]: nodeText(name, kind),
  'cases/two-customers/case.yaml': 'about: A customer without a value is not large\nmetrics: { large: 1 }\n',
  'cases/two-customers/customers.csv': 'customer_id,value\n1,250\n2,\n',
  'cases/two-customers/expected/customers.csv': 'customer_id,value,is_large\n1,250,true\n2,,false\n',
})
