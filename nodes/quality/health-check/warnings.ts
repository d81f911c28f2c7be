import { money } from '../../lib/money.ts'
import { counted, percent } from '../../lib/words.ts'
import type { Row, RunContext } from '../../node.ts'
import type { Settings } from './settings.ts'

/** A number of a row; null where it has none. */
export const numberOf = (row: Row | undefined, name: string): number | null => {
  const value = row?.[name]
  return value === null || value === undefined ? null : Number(value)
}

/** What letters to so many customers cost in a year; undefined where nobody has said what one costs. */
const lettersTo = (customers: number, { lettersPerYear, letterPrice }: Settings): number | undefined =>
  lettersPerYear === undefined || letterPrice === undefined ? undefined : customers * lettersPerYear * letterPrice

/** Says in plain words what is wrong with the customers and what it costs. `rules` are the broken ones with their number `n`. */
export function warnOfHealth(overall: Row, rules: readonly Row[], settings: Settings, context: RunContext): void {
  const customers = Number(overall.customers)
  if (customers === 0) {
    context.warn('There are no customers: the score is 0.')
    return
  }
  const say = (count: number, has: string, have: string, what: string) => {
    const who = `${counted(count, 'customer', 'customers')} (${percent(count / customers)})`
    if (count > 0) context.warn(`${who} ${count === 1 ? has : have} ${what}.`)
  }
  const matching = (dimension: string, rule: string, column?: string) =>
    rules
      .filter((row) => row.dimension === dimension && row.rule === rule)
      .filter((row) => column === undefined || row.column_name === column)
      .reduce((total, row) => total + Number(row.n), 0)
  const { customer } = settings
  say(
    matching('completeness', 'missing', customer),
    'has',
    'have',
    `no ${customer}: no other table can be joined to them`,
  )
  say(matching('uniqueness', 'key_repeated'), 'has', 'have', `a ${customer} that an earlier record has too`)
  say(matching('uniqueness', 'same_person'), 'is', 'are', 'another record of somebody who is there already')
  const nonexistent = numberOf(overall, 'nonexistent_postal_codes') ?? 0
  say(nonexistent, 'has', 'have', `a postal code that does not exist${cost(nonexistent, settings, context)}`)
  const short = matching('validity', 'postal_code_lost_zero')
  if (short > 0)
    context.warn(
      `${counted(short, 'of these postal codes has', 'of these postal codes have')} only lost leading zeros, as happens in a spreadsheet: import the column as text.`,
    )
  const stale = numberOf(overall, 'stale_addresses') ?? 0
  const since = `an address that nobody has confirmed in ${settings.staleAfterMonths} months`
  say(stale, 'has', 'have', `${since}${cost(stale, settings, context)}${wasted(overall, settings, context)}`)
  for (const { name, description } of settings.rules)
    say(matching('consistency', name), 'breaks', 'break', `the rule ${name}${description ? ` (${description})` : ''}`)
}

type Currency = Pick<RunContext, 'currency'>

const cost = (customers: number, settings: Settings, { currency }: Currency): string => {
  const amount = lettersTo(customers, settings)
  return amount === undefined ? '' : `: letters to them cost ${money(amount, currency)} a year`
}

const wasted = (overall: Row, { staleShare }: Settings, { currency }: Currency): string => {
  const amount = numberOf(overall, 'stale_address_cost')
  return amount === null || staleShare === 1
    ? ''
    : `, of which ${money(amount, currency)} (${percent(staleShare)}) in vain`
}
