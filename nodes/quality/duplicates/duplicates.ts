import { columnNamed } from '../../lib/column-named.ts'
import { COUNTRIES, countryOf } from '../../lib/countries.ts'
import { type MatchRule, MOST_RULES, matchRecords } from '../../lib/matching.ts'
import { sameName } from '../../lib/names.ts'
import { isFilled, NORMALISATIONS } from '../../lib/normalise.ts'
import { id, join, sql } from '../../lib/sql.ts'
import { column, defineNode, input, type RunContext, settings, type Table, Type } from '../../node.ts'
import { reportClusters } from './report.ts'
import { asValues, mergeClusters, standing, survivorshipFault, survivorshipSettings } from './survivorship.ts'

const matchPart = settings({
  column: column('customers', { description: 'What is compared' }),
  normalise: Type.Enum([...NORMALISATIONS], {
    default: 'text',
    description:
      'What is made equal first: text (case, punctuation), name (also blanks and hyphens), email, phone, postal, date; exact compares as it is',
  }),
})
type MatchPart = { column: string; normalise: (typeof NORMALISATIONS)[number] }

const unique = (names: readonly string[]): string => [...new Set(names)].join(' + ')

/** The rules under the names of their columns; where two compare the same columns, also by how. */
const matchRules = (customers: Table, match: readonly (readonly MatchPart[])[]): MatchRule[] => {
  const plain = match.map((fields) => unique(fields.map((part) => part.column)))
  const detailed = match.map((fields) => unique(fields.map((part) => `${part.column} (${part.normalise})`)))
  return match.map((fields, index) => ({
    name: (plain.filter((name) => name === plain[index]).length === 1 ? plain : detailed)[index] ?? '',
    fields: fields.map((part) => ({ column: columnNamed(customers, part.column), normalise: part.normalise })),
  }))
}

async function requireKeys(customers: Table, key: string, context: RunContext): Promise<void> {
  const there = isFilled(columnNamed(customers, key))
  const [counts] = await context.rows(sql`
    select count(*) as records, count(*) filter (where not ${there}) as missing,
      count(distinct ${id(key)}) filter (where ${there}) as keys from ${customers}`)
  const { records, missing, keys } = {
    records: Number(counts?.records),
    missing: Number(counts?.missing),
    keys: Number(counts?.keys),
  }
  if (missing > 0) context.fail('keyMissing', { customer: key, records, actual: missing })
  if (keys < records) context.fail('keyRepeated', { customer: key, records, keys, actual: records - keys })
}

export default defineNode({
  title: 'Duplicates',
  summary: 'Finds records that are the same person, and makes one golden record of each person’s records.',
  inputs: { customers: input('Customers, one row per record; the key is unique') },
  params: settings({
    customer: column('customers', { default: 'customer_id', description: 'The unique key of a record' }),
    match: Type.Array(Type.Array(matchPart, { minItems: 1 }), {
      minItems: 1,
      maxItems: MOST_RULES,
      description:
        'Rules, each a list of columns. Two records are one person when all columns of any one rule agree and none is missing',
    }),
    accents: Type.Enum(['ignore', 'keep'], {
      default: 'ignore',
      description: 'Whether ä is compared as a (text and name), as tired hands type it',
    }),
    country: Type.Enum(
      COUNTRIES.map(({ code }) => code),
      { default: 'FI', description: 'Where telephone numbers and postal codes without a country are from' },
    ),
    maxGroup: Type.Integer({
      minimum: 2,
      default: 50,
      description: 'A value that more records share is not used, but listed: it is a switchboard or a placeholder',
    }),
    ...survivorshipSettings,
    recordsColumn: Type.String({
      minLength: 1,
      default: 'records',
      description: 'The name of the added column of golden: how many records became one',
    }),
  }),
  outputs: {
    golden: 'One row per person: the customers’ columns with their surviving values, and the number of records',
    clusters:
      'One row per record: customer_id, cluster_id (the smallest key of the cluster), survivor_id (the key in golden), cluster_size and the rules that joined it',
    rules:
      'One row per rule: position, rule, records that can be compared, values they share, surplus records, and values and records not used because too many share them',
    shared: 'Values that more than maxGroup records share and that were therefore not used: rule, value, records',
  },
  metrics: {
    duplicates: 'Surplus records: all but one of each cluster',
    clusters: 'People with more than one record',
    largest_cluster: 'Records of the person with most of them',
    share: 'Surplus records of all records',
    people: 'People: rows of golden',
    shared_values: 'Values that too many records share and that were not used',
  },
  errors: {
    keyMissing: 'The key {customer} must be there in every record; {actual} of {records} records have none.',
    keyRepeated:
      'The key {customer} must be unique; {records} records have only {keys} different keys. Keep one record per key first, or match on the key’s own meaning.',
    nameTaken:
      'The customers already have a column {actual}. Give the number of records another name with recordsColumn.',
    dateMissing: 'The column {column} shall survive by the rule {rule}, which needs a date: give `by`, or `updated`.',
    columnTwice:
      'The column {column} has more than one rule of survivorship: it may stand once in customer, survivorship and together.',
  },

  plan: ({ customers }, params, context) => {
    const { customer, recordsColumn } = params
    const fault = survivorshipFault(params, customer)
    if (fault) context.fail(fault.name, { ...fault, actual: fault.column })
    const conflict = customers.columns.find(({ name }) => sameName(name, recordsColumn))
    if (conflict) context.fail('nameTaken', { actual: conflict.name })
    return {
      golden: sql`select *, null::bigint as ${id(recordsColumn)} from ${customers} limit 0`,
      clusters: sql`select ${id(customer)} as customer_id, ${id(customer)} as cluster_id, ${id(customer)} as survivor_id,
        null::bigint as cluster_size, null::varchar as matched_by from ${customers} limit 0`,
      rules: sql`select null::integer as position, null::varchar as rule, null::bigint as comparable,
        null::bigint as shared_values, null::bigint as surplus, null::bigint as unused_values,
        null::bigint as unused_records limit 0`,
      shared: sql`select null::varchar as rule, null::varchar as value, null::bigint as records limit 0`,
    }
  },

  run: async ({ customers }, params, context) => {
    const { customer, match, accents, country, maxGroup, recordsColumn } = params
    await requireKeys(customers, customer, context)
    const rules = matchRules(customers, match)
    const options = { accents, country: countryOf(country), maxGroup }
    const matches = await matchRecords(customers, customer, rules, options, context)
    const { records, members, oversized } = matches
    const all = customers.columns
    const joined = sql`select m.root, ${asValues(all, 'c')} from ${members} m
      join ${records} r on r.row = m.row join ${customers} c on c.${id(customer)} = r.key`
    const ranked = await context.store(
      sql`select *, ${standing(all, customer, params.updated)} as standing from (${joined})`,
    )
    const merged = mergeClusters(sql`select * from ${ranked}`, all, customer, params, recordsColumn)
    const key = id(`v${all.findIndex(({ name }) => name === customer)}`)
    const reasons = rules.map(({ name }, index) => sql`case when m.rules & ${1 << index} <> 0 then ${name} end`)
    return {
      golden: sql`
        select *, cast(1 as bigint) as ${id(recordsColumn)} from ${customers} c
        where not exists (select 1 from ${ranked} d where d.${key} = c.${id(customer)})
        union all ${merged} order by ${id(customer)}`,
      clusters: sql`
        with clusters as (
          select root, min(${key}) as cluster_id, arg_min(${key}, standing) as survivor_id, count(*) as cluster_size
          from ${ranked} group by root)
        select r.key as customer_id, coalesce(k.cluster_id, r.key) as cluster_id,
          coalesce(k.survivor_id, r.key) as survivor_id, coalesce(k.cluster_size, 1) as cluster_size,
          case when m.row is not null then concat_ws(', ', ${join(reasons)}) end as matched_by
        from ${records} r left join ${members} m on m.row = r.row left join clusters k on k.root = m.root
        order by cluster_id, customer_id`,
      rules: sql`select * from ${matches.rules} order by position`,
      shared: sql`select * from ${oversized} order by rule, records desc, value`,
    }
  },

  report: async (outputs, { maxGroup }, context) => reportClusters(outputs, maxGroup, context),
})
