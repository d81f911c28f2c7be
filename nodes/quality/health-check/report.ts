import { columnNamed } from '../../lib/column-named.ts'
import { isNumeric } from '../../lib/normalise.ts'
import { sql } from '../../lib/sql.ts'
import { counted, percent } from '../../lib/words.ts'
import type { Metric, Row, RunContext, Table } from '../../node.ts'
import { requiredColumns } from './checks.ts'
import { columnsFigure, dimensionsFigure, permissionsFigure } from './figures.ts'
import { ANY_CHANNEL } from './permissions.ts'
import { DIMENSIONS } from './score.ts'
import type { Settings } from './settings.ts'
import { numberOf, warnOfHealth } from './warnings.ts'

type Outputs = { readonly [output in 'columns' | 'problems' | 'overall' | 'permissions']: Table }

/** Everything the health check has to say to a person. */
export async function reportHealth(
  outputs: Outputs,
  settings: Settings,
  context: RunContext,
  { customers, postal_codes: list }: { readonly customers: Table; readonly postal_codes?: Table },
): Promise<void> {
  const [overall = {}] = await context.rows(sql`select * from ${outputs.overall}`)
  const columns = await context.rows(sql`select * from ${outputs.columns} order by position`)
  const channels = await context.rows(sql`select * from ${outputs.permissions} order by position`)
  const rules = await context.rows(sql`
    select dimension, rule, column_name, count(*) as n from ${outputs.problems} group by all
    order by n desc, dimension, rule, column_name`)
  metrics(overall, channels, settings, context)
  warnOfHealth(overall, rules, settings, context)
  notes(overall, columns, settings, context, { customers, list })
  tables(columns, rules, Number(overall.customers), context)
  dimensionsFigure(overall, context)
  columnsFigure(columns, context)
  permissionsFigure(channels, context)
}

function metrics(overall: Row, channels: readonly Row[], settings: Settings, context: RunContext): void {
  const { staleAfterMonths } = settings
  const give = (name: string, label: string, unit: Metric['unit'], note?: string) =>
    context.metric({ name, label, value: numberOf(overall, name), unit, ...(note === undefined ? {} : { note }) })
  give('score', 'Data health, 0–100', 'score', 'weighted mean of completeness, validity, uniqueness and consistency')
  give('duplicates', 'Surplus records', 'count', 'all but one record of each person')
  give('nonexistent_postal_codes', 'Postal codes that do not exist', 'count', 'customers')
  give('stale_address_cost', 'Letters to stale addresses', 'money', 'a year')
  give('stale_addresses', 'Stale addresses', 'count', `not confirmed in ${staleAfterMonths} months`)
  give('completeness', 'Completeness', 'share', 'of the required values')
  give('validity', 'Validity', 'share', 'of the judged values')
  give('uniqueness', 'Uniqueness', 'share', 'of the customers')
  give('consistency', 'Consistency', 'share', 'of the rules’ judgements')
  for (const { channel, share } of channels) {
    const any = channel === ANY_CHANNEL
    context.metric({
      name: any ? 'contactable' : `permission_${channel}`,
      label: any ? 'May be contacted somehow' : `May be contacted: ${channel}`,
      value: share === null ? null : Number(share),
      unit: 'share',
      note: 'explicit yes only',
    })
  }
}

function notes(
  overall: Row,
  columns: readonly Row[],
  settings: Settings,
  context: RunContext,
  { customers, list }: { readonly customers: Table; readonly list: Table | undefined },
): void {
  const { weights, postalCode, addressUpdated, lettersPerYear, letterPrice } = settings
  const shares = DIMENSIONS.map((name) => {
    const share = numberOf(overall, name)
    return `${name} ${share === null ? 'not judged, not counted' : `${percent(share)} × ${weights[name]}`}`
  })
  context.note(
    `The score is 100 times the weighted mean of the dimensions (share × weight): ${shares.join(', ')}. Change \`weights\` if one matters more. Completeness is of ${requiredColumns(customers, settings).join(', ')}. The dimensions are those of DAMA UK, “The six primary dimensions for data quality assessment” (2013), and ISO/IEC 25012; each is a simple ratio and the score their weighted average, as in Pipino, Lee and Wang, “Data quality assessment”, CACM 45(4), 2002.`,
  )
  const column = (name: string) => columns.find(({ column_name: columnName }) => columnName === name)
  if (postalCode !== undefined) {
    if (!list)
      context.note(
        'Without a list of postal codes only their form is checked. Connect one as postal_codes (of Posti’s file, for instance) to find codes that do not exist.',
      )
    if (isNumeric(columnNamed(customers, postalCode)))
      context.note(
        `${postalCode} holds numbers, which have no leading zeros: they were put back before judging. Import the column as text.`,
      )
    const unjudged = Number(column(postalCode)?.filled) - Number(column(postalCode)?.checked)
    if (unjudged > 0)
      context.note(`${counted(unjudged, 'postal code', 'postal codes')} of other countries could not be judged.`)
  }
  if (addressUpdated !== undefined) {
    const undated = Number(overall.customers) - Number(column(addressUpdated)?.filled)
    if (undated > 0)
      context.note(
        `${counted(undated, 'customer has', 'customers have')} no ${addressUpdated}: nobody knows how old their addresses are, and they are not counted as stale.`,
      )
    if (lettersPerYear === undefined || letterPrice === undefined)
      context.note('Give lettersPerYear and letterPrice to know what stale addresses cost.')
  }
}

function tables(columns: readonly Row[], rules: readonly Row[], customers: number, context: RunContext): void {
  if (rules.length > 0)
    context.table({
      title: 'What was found',
      columns: ['dimension', 'rule', 'column', 'customers', 'share %'],
      rows: rules.map(({ dimension, rule, column_name: column, n }) => [
        dimension ?? null,
        rule ?? null,
        column ?? null,
        Number(n),
        Number(((100 * Number(n)) / customers).toFixed(2)),
      ]),
      note: 'Who they are stands in the output problems.',
    })
  context.table({
    title: 'Columns',
    columns: ['column', 'type', 'values', ...DIMENSIONS.map((name) => `${name} %`), 'problems'],
    rows: columns.map((row) => [
      row.column_name ?? null,
      row.type ?? null,
      Number(row.filled),
      ...DIMENSIONS.map((name) => {
        const share = numberOf(row, name)
        return share === null ? null : Number((100 * share).toFixed(2))
      }),
      Number(row.problems),
    ]),
  })
}
