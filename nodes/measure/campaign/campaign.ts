import { sql } from '../../lib/sql.ts'
import { defineNode, input, type RunContext, type Sql, type Table } from '../../node.ts'
import { adjustValues } from './adjust.ts'
import { aggregate } from './aggregate.ts'
import { checkMembers, checkOutcomes, checkSettings, checkSubjects } from './checks.ts'
import { effectsOf, resultColumns } from './effects.ts'
import { reportEffects } from './report.ts'
import { params } from './settings.ts'
import { memberQuery, outcomeQuery, subjectQuery } from './subjects.ts'
import { warnOfSubjects } from './warnings.ts'

const resultQuery = (results: Table | undefined): Sql => {
  if (results)
    return sql`select * exclude (place) replace (cast(treated_n as bigint) as treated_n,
      cast(control_n as bigint) as control_n, cast(few as boolean) as few) from ${results} order by place`
  return sql`select null::varchar as segment, null::varchar as class, null::varchar as measure,
    null::bigint as treated_n, null::bigint as control_n, null::double as treated, null::double as control,
    null::double as difference, null::double as low, null::double as high, null::double as p_value,
    null::double as p_adjusted, null::double as relative, null::double as incremental,
    null::double as incremental_low, null::double as incremental_high, null::double as cost, null::double as romi,
    null::double as romi_low, null::double as romi_high, null::boolean as few`
}

export default defineNode({
  title: 'Effect of a campaign',
  summary:
    'Compares the treated with the control group: lift, incremental customers and value, and the return on the campaign.',
  inputs: {
    groups: input(
      'The campaign’s customers with their group, one row each: the contact history, or the assigned groups',
    ),
    outcomes: input('What customers did after the campaign, at most one row each'),
  },
  params,
  outputs: {
    results:
      'One row per measure (response, retention, value) of the whole campaign (segment all) and of each class: sizes, rates or means, difference with its interval (low, high) and p, incremental cases or money, cost and return; few marks too little data to trust them',
  },
  metrics: {
    treated: 'Treated customers',
    control: 'Customers of the control group',
    lift: 'The difference in the main outcome, treated minus control',
    p: 'The two-sided p-value of the lift',
    incremental_cases:
      'Customers who responded or stayed because of the campaign; none where the main outcome is the value',
    incremental_value: 'What the campaign brought, after the margin',
    cost: 'What was spent',
    romi: 'Return on marketing investment: (incremental value − cost) / cost',
    missing_outcomes: 'Customers of the campaign without a row of outcomes',
  },
  errors: {
    nothingToMeasure: 'There is nothing to measure: give at least one of response, retention and value.',
    mainMissing: 'The main outcome is {main}, which is not given.',
    sameLabel: 'Treated and control are both called {label}.',
    costTwice: 'Both cost and costPerContact are given. Use one of them.',
    campaignMissing: 'The setting campaign needs a column campaign in the groups, which have {actual}.',
    notTruth:
      'The {measure} {expression} is {actual}. It must be true or false, or 1 or 0: compare it with the text that means yes.',
    unknownGroup:
      'The column {column} names other groups than {treated} and {control}: {actual}. Name those that are no part of the comparison in leaveOut.',
    keyMissing: '{actual} rows of the groups have no customer.',
    inBothGroups:
      '{actual} customers are treated and in the control group. Which rows are of one campaign is said with campaign and only.',
    repeated:
      '{actual} customers have several rows in their group. Which rows are of one wave of the campaign is said with campaign and only.',
    noTreated:
      'Nobody is in the group {label}; {actual} are in the control group. Without both there is nothing to compare.',
    noControl:
      'Nobody is in the group {label}; {actual} were treated. Without a control group nobody can say what they would have done anyway.',
    outcomesRepeated:
      '{actual} customers of the campaign have several rows of outcomes. Sum them up first: one row per customer.',
    noOutcomes:
      'None of the {actual} rows of outcomes belongs to a customer of the campaign. Are the keys written in the same way?',
    notBinary: '{actual} customers have a {measure} that is neither 0 nor 1.',
    badValue: '{actual} customers have a {measure} that is not a number, infinite, or a billion and more.',
    badCost: '{actual} treated customers have a {column} that is negative, not a number or infinite.',
    tooManyClasses: 'The segment {column} has {actual} classes; {most} are allowed. Make classes of it first.',
  },

  plan: async (inputs, settings, context) => {
    await checkSettings(inputs, settings, context)
    // Typed here so that a fault of keys or expressions is found before anything runs.
    await context.describe(memberQuery(inputs, settings))
    await context.describe(outcomeQuery(inputs, settings))
    return resultQuery(undefined)
  },

  run: async (inputs, settings, context: RunContext) => {
    const members = await context.store(memberQuery(inputs, settings))
    await checkMembers(members, settings, context)
    const outcomes = await context.store(outcomeQuery(inputs, settings))
    await checkOutcomes(members, outcomes, context)
    const subjects = await context.store(subjectQuery(members, outcomes, settings))
    await checkSubjects(subjects, settings, context)
    const sections = await aggregate(await adjustValues(subjects, settings, context), settings, context)
    const effects = effectsOf(sections, settings)
    reportEffects(effects, settings, context)
    await warnOfSubjects(subjects, settings, context)
    return resultQuery(await context.write(resultColumns(effects)))
  },
})
