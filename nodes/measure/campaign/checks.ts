import { columnClass } from '../../lib/column-class.ts'
import { expr, id, sql } from '../../lib/sql.ts'
import type { PlanContext, RunContext, Sql, Table } from '../../node.ts'
import { givenMeasures, mainMeasure, type Settings } from './settings.ts'
import type { Inputs } from './subjects.ts'

const mostClasses = 50
/** The amount of one customer beyond which a value is taken for a mistake; sums and squares below it are exact. */
const mostEuros = 1e9

/** Fails with what settings and columns get wrong, before anything runs. */
export const checkSettings = async (inputs: Inputs, settings: Settings, context: PlanContext): Promise<void> => {
  const { groups, outcomes } = inputs
  const measures = givenMeasures(settings)
  if (measures.length === 0) context.fail('nothingToMeasure')
  if (!measures.includes(mainMeasure(settings))) context.fail('mainMissing', { main: mainMeasure(settings) })
  if (settings.treated === settings.control) context.fail('sameLabel', { label: settings.treated })
  if (settings.cost !== undefined && settings.costPerContact !== undefined) context.fail('costTwice')
  const names = groups.columns.map(({ name }) => name)
  if (settings.campaign !== undefined && !names.some((name) => name.toLowerCase() === 'campaign'))
    context.fail('campaignMissing', { actual: names.join(', ') })
  for (const measure of measures) {
    if (measure === 'value') continue
    const [column] = await context.describe(sql`select ${expr(settings[measure] ?? 'null')} as value from ${outcomes}`)
    const type = columnClass(column?.type ?? '')
    if (type !== 'boolean' && type !== 'number')
      context.fail('notTruth', { measure, expression: settings[measure] ?? '', actual: column?.type ?? '' })
  }
}

const numberOf = async (context: RunContext, query: Sql): Promise<number> => Number((await context.rows(query))[0]?.n)

/** Fails unless every customer of the campaign has a key and is in one known group, once. */
export const checkMembers = async (members: Table, settings: Settings, context: RunContext): Promise<void> => {
  const { treated, control, leaveOut, group } = settings
  const labels = await context.rows(sql`select label, count(*) as n from ${members} group by label order by label`)
  const groupLabels = [treated, control, ...leaveOut]
  const strange = labels.filter(({ label }) => !groupLabels.includes(String(label)) || label === null)
  if (strange.length > 0) {
    // Many labels are no labels but somebody's names or numbers, which have no place in a message.
    const named = strange.map(({ label }) => (label === null ? 'no value' : String(label).slice(0, 40)))
    const strangeText = strange.length > 5 ? `${strange.length} other texts` : named.join(', ')
    context.fail('unknownGroup', { column: group, treated, control, actual: strangeText })
  }
  const missing = await numberOf(context, sql`select count(*) as n from ${members} where key is null`)
  if (missing > 0) context.fail('keyMissing', { actual: missing })
  const compared = sql`from ${members} where label in (${treated}, ${control}) group by key having`
  const both = await numberOf(
    context,
    sql`select count(*) as n from (select key ${compared} count(distinct label) > 1)`,
  )
  if (both > 0) context.fail('inBothGroups', { actual: both })
  const twice = await numberOf(context, sql`select count(*) as n from (select key ${compared} count(*) > 1)`)
  if (twice > 0) context.fail('repeated', { actual: twice })
  const size = (name: string) => Number(labels.find(({ label }) => label === name)?.n ?? 0)
  if (size(treated) === 0) context.fail('noTreated', { label: treated, actual: size(control) })
  if (size(control) === 0) context.fail('noControl', { label: control, actual: size(treated) })
}

/** Fails unless each customer of the campaign has at most one row of outcomes and anybody has one. */
export const checkOutcomes = async (members: Table, outcomes: Table, context: RunContext): Promise<void> => {
  const own = sql`from ${outcomes} where key in (select key from ${members})`
  const twice = await numberOf(
    context,
    sql`select count(*) as n from (select key ${own} group by key having count(*) > 1)`,
  )
  if (twice > 0) context.fail('outcomesRepeated', { actual: twice })
  const count = await numberOf(context, sql`select count(*) as n ${own}`)
  const rows = await numberOf(context, sql`select count(*) as n from ${outcomes}`)
  if (count === 0) context.fail('noOutcomes', { actual: rows })
}

/** Fails where a number cannot be what it stands for, or a segment has too many classes to be one. */
export const checkSubjects = async (subjects: Table, settings: Settings, context: RunContext): Promise<void> => {
  for (const measure of givenMeasures(settings)) {
    const value = id(measure)
    const wrong =
      measure === 'value' ? sql`not isfinite(${value}) or abs(${value}) >= ${mostEuros}` : sql`${value} not in (0, 1)`
    const count = await numberOf(context, sql`select count(*) as n from ${subjects} where ${wrong}`)
    if (count > 0) context.fail(measure === 'value' ? 'badValue' : 'notBinary', { measure, actual: count })
  }
  const bad = await numberOf(
    context,
    sql`select count(*) as n from ${subjects} where treated and (not isfinite(cost) or cost < 0 or cost >= ${mostEuros})`,
  )
  if (bad > 0) context.fail('badCost', { column: settings.cost ?? '', actual: bad })
  for (const [index, column] of settings.segments.entries()) {
    const count = await numberOf(context, sql`select count(distinct ${id(`s${index}`)}) as n from ${subjects}`)
    if (count > mostClasses) context.fail('tooManyClasses', { column, actual: count, most: mostClasses })
  }
}
