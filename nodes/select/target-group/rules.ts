import { expr, id, join, sql } from '../../lib/sql.ts'
import type { Sql } from '../../node.ts'
import type { Settings } from './settings.ts'

// The rules in the order in which they exclude. Conditions of the author come first, these follow.
export const standingRules = {
  heldOut: 'held out of every campaign',
  noChannel: 'no permitted channel',
  quarantine: 'contacted recently',
  noRank: 'no rank',
  lowRank: 'rank too low',
  budget: 'budget',
  capacity: 'capacity',
  size: 'size',
} as const

/** Names of all rules in order; a rule's number is its place here. */
export const ruleNames = ({ where }: Pick<Settings, 'where'>): readonly string[] => [
  ...where.map(({ name }) => name),
  ...Object.values(standingRules),
]

/** The number of a standing rule behind `conditions` conditions. */
export const ruleNumber = (conditions: number, rule: keyof typeof standingRules): number =>
  conditions + Object.keys(standingRules).indexOf(rule)

/**
 * The first rule that excludes a customer as its number, NULL where none does; over the columns of `judge`:
 * `k0…` conditions, `held_out`, `permitted` and `reachable` channels as bits, `quarantined`, `rank_value`.
 */
export const firstRule = ({ where, minimumValue }: Settings): Sql => {
  const number = (rule: keyof typeof standingRules) => sql`${ruleNumber(where.length, rule)}::integer`
  const conditions = where.map((_, index) => sql`when not coalesce(${id(`k${index}`)}, false) then ${index}::integer`)
  const low =
    minimumValue === undefined ? sql`` : sql`when rank_value < ${minimumValue}::double then ${number('lowRank')}`
  return sql`case ${join(conditions, ' ')}
    when held_out then ${number('heldOut')}
    when (permitted & reachable) = 0 then ${number('noChannel')}
    when quarantined then ${number('quarantine')}
    when rank_value is null then ${number('noRank')} ${low} end`
}

/** Why, in words without anything of the customer's own; over the columns of `judge`, `outcome` and `rule`. */
export const detail = ({ where, channels, quarantineDays, minimumValue }: Settings): Sql => {
  const text = (words: string) => sql`${words}`
  const of = (rule: keyof typeof standingRules) => sql`when rule = ${ruleNumber(where.length, rule)} then`
  const conditions = where.map(
    (_, index) => sql`when rule = ${index} then
      case when ${id(`k${index}`)} is null then 'the condition has no value' else 'the condition does not hold' end`,
  )
  const refused = channels.map(
    ({ name }, index) => sql`case when (permitted & ${1 << index}) = 0 then ${`${name}: no permission`}
      else ${`${name}: permitted, but what it needs is missing`} end`,
  )
  return sql`case ${join(conditions, ' ')}
    ${of('heldOut')} 'in the group that no campaign contacts'
    ${of('noChannel')} case when has_permissions then concat_ws('; ', ${join(refused)}) else 'no row in the permissions' end
    ${of('quarantine')} ${text(`contacted in the last ${quarantineDays ?? 0} days`)}
    ${of('noRank')} 'the rank is missing or not a finite number'
    ${of('lowRank')} ${text(`the rank is below ${minimumValue ?? 0}`)}
    ${of('budget')} 'the rest of the budget pays none of the permitted channels'
    ${of('capacity')} 'the permitted channels are full'
    ${of('size')} 'the group is full' end`
}

/** One three-valued column `k0…` per condition. */
export const conditionColumns = ({ where }: Settings): readonly Sql[] =>
  where.map(({ condition }, index) => sql`${expr(condition)} as ${id(`k${index}`)}`)

/** A bit per channel for which `holds` is true. */
export const bits = (conditions: readonly Sql[]): Sql =>
  join(
    conditions.map((holds, index) => sql`case when ${holds} then ${1 << index}::integer else 0 end`),
    ' + ',
  )
