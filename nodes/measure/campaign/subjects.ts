import { isNumericKey, keyText } from '../../lib/keys.ts'
import { expr, id, join, sql } from '../../lib/sql.ts'
import type { Sql, Table } from '../../node.ts'
import { givenMeasures, type Settings } from './settings.ts'

export interface Inputs {
  readonly groups: Table
  readonly outcomes: Table
}

/** The rows of the campaign as `key`, `label` (the group's name), `cost` and `covariate` (NULL where none is given) and `s0…`, the segments. */
export const memberQuery = (inputs: Inputs, settings: Settings): Sql => {
  const { groups } = inputs
  const { customer, group, segments, campaign, only, cost, covariate } = settings
  const values = segments.map((name, index) => sql`cast(${id(name)} as varchar) as ${id(`s${index}`)}`)
  const numeric = isNumericKey(inputs.outcomes, settings.outcomeCustomer)
  const fields = [
    sql`${keyText(groups, customer, id(customer), { numeric })} as key`,
    sql`trim(cast(${id(group)} as varchar)) as label`,
    sql`cast(${cost === undefined ? sql`null` : id(cost)} as double) as cost`,
    sql`cast(${covariate === undefined ? sql`null` : id(covariate)} as double) as covariate`,
    ...values,
  ]
  const ofCampaign = campaign === undefined ? sql`true` : sql`campaign = ${campaign}`
  const counted = only === undefined ? sql`true` : expr(only)
  return sql`select ${join(fields)} from ${groups} where ${ofCampaign} and ${counted}`
}

/** The outcomes as `key` and a number per given measure; a truth is 1 or 0. */
export const outcomeQuery = (inputs: Inputs, settings: Settings): Sql => {
  const { outcomes } = inputs
  const { outcomeCustomer: customer } = settings
  const numeric = isNumericKey(inputs.groups, settings.customer)
  const values = givenMeasures(settings).map(
    (measure) => sql`cast(${expr(settings[measure] ?? 'null')} as double) as ${id(measure)}`,
  )
  return sql`select * from (
    select ${join([sql`${keyText(outcomes, customer, id(customer), { numeric })} as key`, ...values])} from ${outcomes})
    where key is not null`
}

/**
 * Everybody who was treated or is in the control group, as assigned, with what they did. Who has no row of outcomes,
 * or no value in it, counts as one who did not respond, did not stay and brought nothing; `absent` and `blank` say so.
 */
export const subjectQuery = (members: Table, outcomes: Table, settings: Settings): Sql => {
  const { treated, control, segments } = settings
  const measures = givenMeasures(settings)
  const values = measures.map((measure) => sql`coalesce(o.${id(measure)}, 0) as ${id(measure)}`)
  const unknown = measures.map((measure) => sql`o.${id(measure)} is null`)
  const fields = [
    sql`m.key as key`,
    sql`m.label = ${treated} as treated`,
    sql`m.cost as cost`,
    sql`case when isfinite(m.covariate) then m.covariate end as covariate`,
    ...segments.map((_, index) => sql`m.${id(`s${index}`)} as ${id(`s${index}`)}`),
    ...values,
    sql`o.key is null as absent`,
    sql`o.key is not null and (${join(unknown, ' or ')}) as blank`,
  ]
  return sql`select ${join(fields)} from ${members} m left join ${outcomes} o on m.key = o.key
    where m.label in (${treated}, ${control})`
}
