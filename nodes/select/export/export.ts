import { join } from 'node:path'
import { keyText } from '../../lib/keys.ts'
import { id, sql } from '../../lib/sql.ts'
import { defineNode, input, type RunContext, type Sql, type Table } from '../../node.ts'
import { fileColumns } from './cells.ts'
import { checkGroups, checkSettings, hasColumn, type Inputs } from './checks.ts'
import { fileNames, folderName, linkOnTheWay, removeStale } from './places.ts'
import { params, type Settings } from './settings.ts'

/** The rows of the contact history: who was contacted, and who was left alone to compare them with. */
const historyQuery = ({ target, control }: Inputs, settings: Settings): Sql => {
  const { customer, channel, cost, campaign, asOf } = settings
  const rows = (table: Table, group: string, amount: Sql) => {
    const through = hasColumn(table, channel) ? sql`cast(${id(channel)} as varchar)` : sql`null::varchar`
    return sql`
      select ${keyText(table, customer, id(customer))} as customer_id, ${campaign}::varchar as campaign,
        ${group}::varchar as campaign_group, ${through} as channel, cast(${asOf} as date) as contacted_on,
        ${amount} as cost from ${table}`
  }
  const treated = rows(target, 'treated', sql`cast(${id(cost)} as double)`)
  return control ? sql`${treated} union all ${rows(control, 'control', sql`0::double`)}` : treated
}

interface WrittenFile {
  readonly channel: string
  /** From the folder of all exports. */
  readonly path: string
  readonly rows: number
}

/** Writes one file per channel into the campaign's own folder, from which everything else has gone. */
const writeFiles = async (target: Table, settings: Settings, context: RunContext): Promise<WrittenFile[]> => {
  const { customer, channel, campaign, asOf, folder, columns, phoneColumns, sort, delimiter, bom } = settings
  const through = sql`cast(t.${id(channel)} as varchar)`
  const channels = await context.rows(sql`select distinct ${through} as channel from ${target} t order by 1`)
  const names = fileNames(channels.map((row) => String(row.channel)))
  const own = [folderName(campaign), asOf]
  const removed = removeStale(join(folder, ...own), new Set(names.values()))
  if (removed.length > 0)
    context.warn(`Files of an earlier attempt that are not of this group were removed: ${removed.join(', ')}.`)
  const order = sort === undefined ? sql`` : sql`t.${id(sort)} nulls last,`
  const written: WrittenFile[] = []
  for (const [name, file] of names) {
    const query = sql`select ${fileColumns(target, columns, phoneColumns)} from ${target} t where ${through} = ${name}
      order by ${order} ${keyText(target, customer, sql`t.${id(customer)}`)}`
    const { rows } = await context.files.writeCsv(query, join(folder, ...own, file), { delimiter, bom })
    written.push({ channel: name, path: [...own, file].join('/'), rows })
    context.progress(written.length / names.size)
  }
  return written
}

/**
 * The history is appended first and the files are written after it. A run that dies between the two has recorded
 * contacts that were not made, which protects customers; going on with it appends nothing more, because campaign and
 * date are the key of one snapshot, and writes the files. The other way round files could lie there that no history
 * knows, and the next run would contact their customers again. A different group under the same campaign and date is
 * refused with DATASET_KEY_TAKEN before any file is touched, so that files and history always tell of the same group.
 */
export default defineNode({
  title: 'Export contacts',
  summary:
    'Writes one file per channel for those who contact the customers, and records each contact in the history exactly once.',
  inputs: {
    target: input('The customers to contact with their channel and cost: the treated'),
    control: input('The control group, for the history only: never in a file', { optional: true }),
  },
  params,
  effect: true,
  outputs: {
    contacts: 'The rows of the history: one per customer, treated or control, with channel, date and cost',
    files: 'One row per file: channel, path from the export folder, rows',
  },
  metrics: {
    contacts: 'Customers in the files',
    control: 'Customers recorded as control',
    files: 'Files written',
    cost: 'What the contacts cost',
  },
  errors: {
    nobody: 'There is nobody to contact: the target group is empty.',
    customerKeys:
      'Every customer of {input} needs a key of their own: of {rows} customers {missing} have none and {repeated} repeat another’s.',
    inBoth: '{actual} customers are in the target group and in the control group. Nobody was exported.',
    wrongGroup: '{actual} customers of {input} are not {right} by their campaign_group. Nobody was exported.',
    noChannel: '{actual} customers have no {column}. Nobody was exported.',
    tooManyChannels:
      'The column {column} names {actual} channels, and each would be a file; {most} are allowed. Is it the right column?',
    noCost: '{actual} customers have no {column} of 0 or more.',
    phoneNotExported: 'The phone column {column} is not among the columns of the files.',
    controlColumn: 'The control group has no column {column} but {actual}.',
    keyType:
      'The key {column} is a number in one group and text in the other: they cannot be compared. Import both as text.',
    link: 'The folder {actual} of the exports is a link to somewhere else. Nobody was exported.',
    columnsMissing: 'No column is exported: `columns` names those of the files.',
  },

  plan: (inputs, settings, context) => {
    checkSettings(inputs, settings, context)
    return {
      contacts: historyQuery(inputs, settings),
      files: sql`select null::varchar as channel, null::varchar as path, null::bigint as rows`,
    }
  },

  run: async (inputs, settings, context) => {
    const { campaign, asOf, dataset, folder } = settings
    await checkGroups(inputs, settings, context)
    const link = linkOnTheWay(folder, [folderName(campaign), asOf])
    if (link !== undefined) context.fail('link', { actual: link })
    const contacts = await context.store(historyQuery(inputs, settings))
    const rows = sql`from ${contacts} order by campaign_group desc, customer_id`
    const { added } = await context.datasets.append(dataset, rows, { key: `${campaign} ${asOf}`, asOf })
    const written = await writeFiles(inputs.target, settings, context)
    context.note(
      added
        ? `The contacts of ${campaign} on ${asOf} are in the history ${dataset}.`
        : `The contacts of ${campaign} on ${asOf} were in the history ${dataset} already; nothing was added to it, and the files were written again.`,
    )
    const files = await context.write({
      channel: written.map(({ channel }) => channel),
      path: written.map(({ path }) => path),
      rows: Float64Array.from(written, (file) => file.rows),
    })
    return {
      contacts: rows,
      files: sql`select channel, path, cast(rows as bigint) as rows from ${files} order by channel`,
    }
  },

  report: async ({ contacts, files }, { campaign }, context, { control }) => {
    const [row] = await context.rows(sql`
      select count(*) filter (campaign_group = 'treated') as treated,
        count(*) filter (campaign_group = 'control') as control,
        cast(coalesce(sum(cast(cost as decimal(18, 4))), 0) as double) as cost from ${contacts}`)
    const written = await context.rows(sql`select channel, path, rows from ${files} order by channel`)
    context.metric({ name: 'contacts', label: 'Customers in the files', value: Number(row?.treated), unit: 'count' })
    context.metric({ name: 'control', label: 'Recorded as control', value: Number(row?.control), unit: 'count' })
    context.metric({ name: 'files', label: 'Files', value: written.length, unit: 'count' })
    context.metric({ name: 'cost', label: 'Cost of the contacts', value: Number(row?.cost), unit: 'money' })
    context.table({
      title: `Files of ${campaign}`,
      columns: ['Channel', 'File', 'Customers'],
      rows: written.map((file) => [file.channel ?? '', file.path ?? '', file.rows ?? 0]),
      note: 'Texts that a spreadsheet would run as a formula have an apostrophe before them.',
    })
    if (!control) context.warn('No control group is recorded: the effect of these contacts cannot be measured.')
  },
})
