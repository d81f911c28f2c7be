import { currencyTitle } from '../../lib/money.ts'
import { sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'
import { toAmount, toUnits, unitsPerAmount } from './allocate.ts'
import { ruleNames, standingRules } from './rules.ts'
import type { Settings } from './settings.ts'

interface Outputs {
  readonly target: Table
  readonly excluded: Table
}

interface Fall {
  readonly rule: string
  readonly excluded: number
  /** Customers left after this rule. */
  readonly left: number
}

/** How many customers each rule excluded and left, in the rules' order. */
const fallsOf = async (
  { excluded }: Outputs,
  total: number,
  settings: Settings,
  context: RunContext,
): Promise<Fall[]> => {
  const rows = await context.rows(sql`select rule, count(*) as n from ${excluded} group by rule`)
  const counts = new Map(rows.map(({ rule, n }) => [String(rule), Number(n)]))
  let left = total
  return ruleNames(settings).map((rule) => {
    const number = counts.get(rule) ?? 0
    left -= number
    return { rule, excluded: number, left }
  })
}

/** From all customers down to the selected: what each rule took away hangs where the one before ended. */
const waterfall = (total: number, selected: number, falls: readonly Fall[], context: RunContext): void => {
  const steps = falls.filter(({ excluded }) => excluded > 0)
  const names = ['all customers', ...steps.map(({ rule }) => rule), 'selected']
  const base = [0, ...steps.map(({ left }) => left), 0]
  const bars = [total, ...steps.map(({ excluded }) => excluded), selected]
  const colours = names.map((_, index) =>
    index === 0 ? '#6b7780' : index === names.length - 1 ? '#0072b2' : '#d55e00',
  )
  context.figure({
    title: 'From all customers to the target group',
    description: `Of ${total} customers ${selected} are selected; each bar between shows how many a rule excluded: ${
      steps.map(({ rule, excluded }) => `${rule} ${excluded}`).join(', ') || 'none'
    }.`,
    data: [
      {
        type: 'bar',
        orientation: 'h',
        y: names,
        x: base,
        marker: { color: 'rgba(0,0,0,0)' },
        hoverinfo: 'skip',
        showlegend: false,
      },
      {
        type: 'bar',
        orientation: 'h',
        y: names,
        x: bars,
        text: bars.map((n, index) => (index === 0 || index === names.length - 1 ? `${n}` : `−${n}`)),
        textposition: 'auto',
        marker: { color: colours },
        hovertemplate: '%{y}: %{x}<extra></extra>',
        showlegend: false,
      },
    ],
    layout: {
      barmode: 'stack',
      height: 120 + 34 * names.length,
      xaxis: { title: { text: 'Customers' }, rangemode: 'tozero' },
      yaxis: { title: { text: '' }, autorange: 'reversed' },
    },
  })
}

const reportChannels = async ({ target }: Outputs, { channels }: Settings, context: RunContext): Promise<number> => {
  const byChannel = await context.rows(sql`
    select channel, count(*) as n, sum(cast(round(cost * ${unitsPerAmount}) as bigint))::bigint as units
    from ${target} group by channel`)
  const rows = channels.map(({ name, cost, capacity }) => {
    const row = byChannel.find(({ channel }) => channel === name)
    return { name, cost, capacity, contacts: Number(row?.n ?? 0), units: Number(row?.units ?? 0) }
  })
  const amounts = currencyTitle(context.currency)
  context.table({
    title: 'Contacts by channel',
    columns: ['Channel', 'Contacts', 'Room for', `${amounts} each`, amounts],
    rows: rows.map(({ name, contacts, capacity, cost, units }) => [
      name,
      contacts,
      capacity === undefined ? 'no limit' : String(capacity),
      cost,
      toAmount(units),
    ]),
  })
  for (const { name, contacts } of rows)
    context.metric({ name: `contacts_${name}`, label: `Contacts by ${name}`, value: contacts, unit: 'count' })
  return rows.reduce((sum, { units }) => sum + units, 0)
}

/** The group's numbers, the waterfall, and what each rule and channel did. */
export const reportGroup = async (outputs: Outputs, settings: Settings, context: RunContext): Promise<void> => {
  const count = async (table: Table) => Number((await context.rows(sql`select count(*) as n from ${table}`))[0]?.n)
  const selected = await count(outputs.target)
  const total = selected + (await count(outputs.excluded))
  const falls = await fallsOf(outputs, total, settings, context)
  const late: readonly string[] = [standingRules.budget, standingRules.capacity, standingRules.size]
  const stopped = falls.filter(({ rule }) => late.includes(rule)).reduce((sum, { excluded }) => sum + excluded, 0)
  const metric = (name: string, label: string, value: number, unit: 'count' | 'money') =>
    context.metric({ name, label, value, unit })
  metric('customers', 'Customers looked at', total, 'count')
  metric('eligible', 'Eligible', selected + stopped, 'count')
  metric('selected', 'Selected', selected, 'count')
  waterfall(total, selected, falls, context)
  context.table({
    title: 'Excluded by rule',
    columns: ['Rule', 'Excluded', 'Left', 'Condition'],
    rows: falls.map(({ rule, excluded, left }) => [
      rule,
      excluded,
      left,
      settings.where.find(({ name }) => name === rule)?.condition ?? '',
    ]),
    note: 'Each customer is counted at the first rule that excluded them.',
  })
  const cost = await reportChannels(outputs, settings, context)
  metric('cost', 'Cost of the contacts', toAmount(cost), 'money')
  metric('remaining_budget', 'Budget left', toAmount(toUnits(settings.budget) - cost), 'money')
  context.note(
    'Channels and money are given out in order of rank (equal ranks in order of the customer’s key): each customer gets the first of their permitted channels that has room and that the rest of the budget pays. A customer who finds none is passed over.',
  )
}
