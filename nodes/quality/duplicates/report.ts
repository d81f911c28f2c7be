import { sql } from '../../lib/sql.ts'
import { counted } from '../../lib/words.ts'
import type { RunContext, Table } from '../../node.ts'

/** Everything to say about the clusters. */
export async function reportClusters(
  { clusters, rules, shared }: { readonly clusters: Table; readonly rules: Table; readonly shared: Table },
  maxGroup: number,
  context: RunContext,
): Promise<void> {
  const sizes = await context.rows(sql`
    select cluster_size as size, count(distinct cluster_id) as clusters from ${clusters} group by 1 order by 1`)
  const bySize = sizes.map((row) => ({ size: Number(row.size), clusters: Number(row.clusters) }))
  const multiple = bySize.filter(({ size }) => size > 1)
  const sum = (of: readonly { size: number; clusters: number }[], weight: (size: number) => number) =>
    of.reduce((total, { size, clusters }) => total + weight(size) * clusters, 0)
  const records = sum(bySize, (size) => size)
  const duplicates = sum(multiple, (size) => size - 1)
  const people = sum(bySize, () => 1)
  const largest = bySize.at(-1)?.size ?? 0
  const tooMany = await context.rows(sql`select rule, value, records from ${shared} order by records desc, rule, value`)
  context.metric({ name: 'duplicates', label: 'Surplus records', value: duplicates, unit: 'count' })
  context.metric({
    name: 'share',
    label: 'Surplus of all records',
    value: records === 0 ? null : duplicates / records,
    unit: 'share',
  })
  context.metric({ name: 'people', label: 'People', value: people, unit: 'count' })
  context.metric({
    name: 'clusters',
    label: 'People entered more than once',
    value: sum(multiple, () => 1),
    unit: 'count',
  })
  context.metric({ name: 'largest_cluster', label: 'Most records of one person', value: largest, unit: 'count' })
  context.metric({ name: 'shared_values', label: 'Values shared by too many', value: tooMany.length, unit: 'count' })
  context.note(
    'Records are one person when all columns of any rule agree; if A is B by one rule and B is C by another, the three are one. The golden record keeps the key of its first record: the newest where a date is given, else the one with most values; every column takes its value from the first record that has one, unless a rule says otherwise.',
  )
  if (tooMany.length > 0) context.warn(sharedWarning(tooMany, maxGroup))
  if (largest > maxGroup)
    context.warn(
      `One person has ${counted(largest, 'record', 'records')}: rules that are each plausible may have chained strangers together. Look at the largest clusters, and add a column to the rule that joined them.`,
    )
  await rulesTable(rules, maxGroup, context)
  if (multiple.length > 0) sizesFigure(multiple, context)
}

async function rulesTable(rules: Table, maxGroup: number, context: RunContext): Promise<void> {
  const rows = await context.rows(sql`select * from ${rules} order by position`)
  const numbers = ['comparable', 'shared_values', 'surplus', 'unused_values', 'unused_records']
  context.table({
    title: 'What each rule found',
    columns: ['rule', 'comparable records', 'shared values', 'surplus records', 'values not used', 'their records'],
    rows: rows.map((row) => [String(row.rule), ...numbers.map((name) => Number(row[name]))]),
    note: `A record is comparable where no column of the rule is missing. Values that more than ${maxGroup} records share are not used. Surplus records of several rules overlap.`,
  })
}

/** Names the values by their first letters only: the whole of them stand in the output. */
function sharedWarning(rows: readonly Record<string, string | number | boolean | null>[], maxGroup: number): string {
  const examples = rows.slice(0, 5).map(({ rule, value, records }) => {
    const text = String(value)
    const start = [...text].slice(0, 8).join('')
    return `${rule} “${start === text ? text : `${start}…`}” (${counted(Number(records), 'record', 'records')})`
  })
  const more = rows.length > examples.length ? ` and ${counted(rows.length - examples.length, 'other', 'others')}` : ''
  return `${counted(rows.length, 'value is', 'values are')} shared by more than ${maxGroup} records each and ${rows.length === 1 ? 'was' : 'were'} not used to find duplicates: ${examples.join(', ')}${more}. They are listed in the output shared; raise maxGroup to use them.`
}

const figureSizes = 10

function sizesFigure(sizes: readonly { size: number; clusters: number }[], context: RunContext): void {
  const bars = sizes.filter(({ size }) => size < figureSizes)
  const rest = sizes.filter(({ size }) => size >= figureSizes).reduce((total, { clusters }) => total + clusters, 0)
  context.figure({
    title: 'People by number of records',
    description: 'How many people were entered twice, three times and so on.',
    data: [
      {
        type: 'bar',
        x: [...bars.map(({ size }) => String(size)), ...(rest > 0 ? [`${figureSizes} or more`] : [])],
        y: [...bars.map(({ clusters }) => clusters), ...(rest > 0 ? [rest] : [])],
        hovertemplate: '%{x} records: %{y} people<extra></extra>',
      },
    ],
    layout: {
      xaxis: { title: { text: 'Records of one person' }, type: 'category' },
      yaxis: { title: { text: 'People' } },
    },
  })
}
