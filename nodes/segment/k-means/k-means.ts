import { keyFaults } from '../../lib/keys.ts'
import { type Clustering, kMeans } from '../../lib/kmeans.ts'
import { chooseClusters, silhouette } from '../../lib/silhouette.ts'
import { id, ids, join, sql } from '../../lib/sql.ts'
import { inOriginalUnits, type Standardised, standardise } from '../../lib/standardise.ts'
import { column, columns, defineNode, input, type RunContext, settings, type Table, Type } from '../../node.ts'
import { centroidFindings, choiceFindings } from './report.ts'

export default defineNode({
  title: 'Segments by k-means',
  summary: 'Groups customers who are alike in the chosen numbers, and shows what sets each group apart.',
  inputs: { customers: input('Customers with their numbers, one row each') },
  params: settings({
    customer: column('customers', { default: 'customer_id', description: 'The customer' }),
    columns: columns('customers', { type: 'number', description: 'The numbers to compare customers by' }),
    log: columns('customers', {
      type: 'number',
      default: [],
      description: 'Those of them to take ln(1 + value) of first: sums and counts with a long tail',
    }),
    k: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, description: 'How many segments; chosen without it' })),
    kFrom: Type.Integer({ minimum: 2, maximum: 50, default: 2, description: 'The fewest segments to try' }),
    kTo: Type.Integer({ minimum: 2, maximum: 50, default: 8, description: 'The most segments to try' }),
    restarts: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 10,
      description: 'Starts, the best of which is kept; beyond 20,000 customers made on a sample',
    }),
    name: Type.String({ pattern: '^[a-z][a-z0-9_]*$', default: 'segment', description: 'The name of the new column' }),
  }),
  outputs: {
    customers: 'The customers with their segment, 1 being the largest; empty where a number is missing',
    centroids: 'One row per segment: its size, share and centre in the original units',
  },
  metrics: {
    segments: 'How many segments there are',
    inertia: 'Sum of squared distances to the centres, in standardised units',
    silhouette: 'Mean silhouette, −1 to 1: how well the segments are apart',
  },
  errors: {
    badKeys: '{actual} customers have no key or share it with another. Needs one row per customer.',
    nameTaken: 'The column {actual} would be there twice. Rename it, or choose another name.',
    noColumns: 'No column was chosen. Needs at least one number to compare customers by.',
    logUnknown: 'The column {actual} is in log but not in columns.',
    logNegative:
      'The column {column} has values of −1 or less ({actual}), which have no logarithm. Leave it out of log.',
    tooFew: 'Needs at least {k} customers with all numbers to make {k} segments, got {actual}.',
    badRange: 'kFrom is {from} and kTo {to}. Needs kFrom at most kTo.',
  },

  plan: ({ customers }, { columns: names, log, name, kFrom, kTo }, context) => {
    if (names.length === 0) context.fail('noColumns')
    if (kFrom > kTo) context.fail('badRange', { from: kFrom, to: kTo })
    const stray = log.find((one) => !names.includes(one))
    if (stray !== undefined) context.fail('logUnknown', { actual: stray })
    const conflict = customers.columns.some((column) => column.name === name)
      ? name
      : names.find((one) => reserved.includes(one))
    if (conflict !== undefined) context.fail('nameTaken', { actual: conflict })
    const centres = names.map((one) => sql`cast(null as double) as ${id(one)}`)
    return {
      customers: sql`select *, cast(null as integer) as ${id(name)} from ${customers}`,
      centroids: sql`select cast(0 as integer) as ${id(name)}, cast(0 as bigint) as customers,
        cast(0 as double) as share, ${join(centres)}`,
    }
  },

  run: async ({ customers }, params, context) => {
    const { customer, columns: names, name } = params
    const faults = await keyFaults(context, sql`select ${id(customer)} from ${customers}`)
    if (faults.missing + faults.repeated > 0) context.fail('badKeys', { actual: faults.missing + faults.repeated })
    const complete = join(
      names.map((one) => sql`${id(one)} is not null and isfinite(cast(${id(one)} as double))`),
      ' and ',
    )
    // The order of rows decides the starts, so it must not depend on how the input happens to lie.
    const ordered = await context.store(
      sql`select *, ${complete} as ${mark} from ${customers} order by ${id(customer)}`,
    )
    const scores = await readScores(ordered, params, context)
    const clustering = cluster(scores, params, context)
    const centres = inOriginalUnits(scores, clustering.centroids)
    const rows = await context.write({ segment: clustering.assignments.map((cluster) => cluster + 1) })
    const keys = await context.store(sql`
      select keys.*, rows.segment from (select ${id(customer)} as customer from ${ordered} where ${mark}) as keys
      positional join ${rows} as rows`)
    return {
      customers: sql`select ordered.* exclude (${mark}), keys.segment as ${id(name)}
        from ${ordered} as ordered left join ${keys} as keys on ordered.${id(customer)} = keys.customer
        order by ordered.${id(customer)}`,
      centroids: sql`select * from ${await writeCentroids(clustering, centres, params, context)} order by 1`,
    }
  },

  report: async ({ customers, centroids }, { columns: names, name }, context) => {
    await centroidFindings(customers, centroids, names, name, context)
  },
})

// Names of our own in the tables made here.
const reserved = ['customers', 'share']
const mark = id('has all numbers')

interface Settings {
  readonly columns: string[]
  readonly log: string[]
  readonly k?: number
  readonly kFrom: number
  readonly kTo: number
  readonly restarts: number
  readonly name: string
}

async function readScores(
  ordered: Table,
  { columns: names, log, k, kFrom }: Settings,
  context: RunContext,
): Promise<Standardised> {
  const least = k ?? kFrom
  const data = await context.read(sql`select ${ids(names)} from ${ordered} where ${mark}`)
  const numbers = names.map((one) => data[one] as Float64Array) // the settings ask for columns of numbers
  const count = numbers[0]?.length ?? 0
  if (count < least) context.fail('tooFew', { k: least, actual: count })
  for (const one of log) {
    const lowest = numbers[names.indexOf(one)]?.reduce((low, value) => Math.min(low, value), 0) ?? 0
    if (lowest <= -1) context.fail('logNegative', { column: one, actual: lowest })
  }
  return standardise(numbers, { log: names.map((one) => log.includes(one)) })
}

function cluster(
  { x, width, constant }: Standardised,
  { columns: names, k, kFrom, kTo, restarts }: Settings,
  context: RunContext,
): Clustering {
  const { seed } = context
  for (const index of constant)
    context.warn(`All customers have the same ${names[index]}: it does not tell them apart.`)
  if (k === undefined) {
    const { clustering, candidates } = chooseClusters(x, width, { from: kFrom, to: kTo, seed, restarts })
    choiceFindings(clustering, candidates, context)
    return clustering
  }
  const clustering = kMeans(x, width, { k, seed, restarts })
  choiceFindings(
    clustering,
    [{ k: clustering.k, inertia: clustering.inertia, silhouette: silhouette(x, clustering, seed) }],
    context,
  )
  if (clustering.k < k)
    context.warn(`There are only ${clustering.k} different kinds of customers in these columns, not ${k}.`)
  if (!clustering.converged)
    context.warn('The segments had not settled when the iterations ended; more restarts may help.')
  return clustering
}

/** Cluster numbers, sizes and centres as a table. */
function writeCentroids(
  { k, sizes }: Clustering,
  centres: Float64Array,
  { columns: names, name }: Settings,
  context: RunContext,
): Promise<Table> {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const column = (pick: (cluster: number) => number): Float64Array =>
    Float64Array.from({ length: k }, (_, index) => pick(index))
  return context
    .write({
      [name]: Int32Array.from({ length: k }, (_, index) => index + 1),
      customers: column((index) => sizes[index] ?? 0),
      share: column((index) => (sizes[index] ?? 0) / total),
      ...Object.fromEntries(
        names.map((one, j) => [`centre ${one}`, column((index) => centres[index * names.length + j] ?? 0)]),
      ),
    })
    .then((table) =>
      context.store(sql`select ${id(name)}, cast(customers as bigint) as customers, share,
        ${join(names.map((one) => sql`${id(`centre ${one}`)} as ${id(one)}`))} from ${table}`),
    )
}
