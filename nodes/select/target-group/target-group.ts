import { keyFaults, keyText } from '../../lib/keys.ts'
import { id, join, sql } from '../../lib/sql.ts'
import { defineNode, input, type RunContext, type Table } from '../../node.ts'
import { allocate, outOf, toAmount, toUnits } from './allocate.ts'
import { checkSettings } from './checks.ts'
import { type Inputs, judge } from './judge.ts'
import { reportGroup } from './report.ts'
import { detail, ruleNames, ruleNumber } from './rules.ts'
import { params, type Settings } from './settings.ts'
import { checkGroup } from './verify.ts'
import { warnOfInputs } from './warnings.ts'

/** Fails where no customer is left to give a channel to, with how many each rule excluded. */
const requireEligible = async (judged: Table, settings: Settings, context: RunContext): Promise<void> => {
  const names = ruleNames(settings)
  const counts = await context.rows(sql`select rule, count(*) as n from ${judged} group by rule order by rule`)
  if (counts.some(({ rule }) => rule === null)) return
  const customers = counts.reduce((sum, { n }) => sum + Number(n), 0)
  const counted = counts.map(({ rule, n }) => `${names[Number(rule)]}: ${n}`).join(', ')
  context.fail('noneEligible', { customers, actual: counted || 'the table of customers is empty' })
}

/** Gives every eligible customer, in order of rank, the index of a channel or the rule that stopped them. */
const giveOut = async (judged: Table, settings: Settings, context: RunContext): Promise<Table> => {
  const { channels, budget, size, where } = settings
  const eligible = await context.store(sql`
    select customer_id, key, rank_value, permitted & reachable as permitted,
      row_number() over (order by rank_value desc, key) as sequence
    from ${judged} where rule is null`)
  const { permitted } = await context.read(sql`select permitted from ${eligible} order by sequence`)
  const outcome = allocate(permitted as Float64Array, {
    // a numeric column is read into a Float64Array
    budget: toUnits(budget),
    channels: channels.map(({ cost, capacity }) => ({ cost: toUnits(cost), capacity: capacity ?? Infinity })),
    size: size ?? Infinity,
  })
  if (!outcome.some((channel) => channel >= 0)) {
    const counted = Object.entries(outOf).map(
      ([rule, value]) => `${rule}: ${outcome.filter((x) => x === value).length}`,
    )
    context.fail('noneSelected', { eligible: outcome.length, budget, actual: counted.join(', ') })
  }
  const outcomes = await context.write({ sequence: Int32Array.from(outcome, (_, index) => index + 1), outcome })
  const stopped = (rule: keyof typeof outOf) => sql`when ${outOf[rule]} then ${ruleNumber(where.length, rule)}::integer`
  return context.store(sql`
    select customer_id, key, rank_value, sequence, outcome,
      case outcome ${stopped('budget')} ${stopped('capacity')} ${stopped('size')} end as rule
    from ${eligible} join ${outcomes} using (sequence)`)
}

const targetQuery = (decided: Table, { customers }: Inputs, { customer, channels }: Settings) => {
  const names = channels.map(({ name }, index) => sql`when ${index} then ${name}`)
  const costs = channels.map(({ cost }, index) => sql`when ${index} then ${toAmount(toUnits(cost))}::double`)
  return sql`
    select c.*, case d.outcome ${join(names, ' ')} end as channel, case d.outcome ${join(costs, ' ')} end as cost,
      d.rank_value as rank_value, row_number() over (order by d.sequence) as position
    from ${customers} c join (from ${decided} where rule is null) d
      on ${keyText(customers, customer, sql`c.${id(customer)}`)} = d.key
    order by d.sequence`
}

export default defineNode({
  title: 'Target group',
  summary:
    'Chooses whom to contact and how: by permission, rules, rank, budget and capacity; says why all others are out.',
  inputs: {
    customers: input('Customers with what they are ranked by, one row each'),
    permissions: input('Permissions to contact, one row per customer: who has no row is not contacted'),
    history: input('Contacts so far, for the quarantine of the recently contacted', { optional: true }),
    held_out: input('The standing control group: customers whom no campaign contacts', { optional: true }),
  },
  params,
  outputs: {
    target: 'The customers to contact with their columns, channel, cost, rank_value and position (1 is the best)',
    excluded: 'Everybody else with the first rule that excluded them and a detail without personal values',
  },
  metrics: {
    customers: 'Customers looked at',
    eligible: 'Customers whom only budget, capacity or size could exclude',
    selected: 'Customers to contact',
    cost: 'What their contacts cost',
    remaining_budget: 'What is left of the budget',
  },
  errors: {
    ban: 'The channel {channel} reads its permission from {column}, which by its name holds bans: its yes would contact those who must not be contacted. Derive a column that says yes where contact is allowed, or list in `allowed` the texts that mean there is no ban.',
    ruleTwice:
      'There are two rules called {rule}. Every condition needs a name of its own, other than those of the standing rules.',
    channelTwice: 'There are two channels called {channel}.',
    tooFine: '{actual} is finer than four decimals, which budget and costs have at most.',
    columnTaken:
      'The customers already have a column {column}, which this step adds (channel, cost, rank_value, position). Rename it before.',
    historyMissing: 'quarantineDays is {days}, but no contact history is connected to the input history.',
    quarantineMissing: 'A contact history is connected, but quarantineDays does not say how long its contacts protect.',
    campaignMissing: 'The setting campaign needs a column campaign in the history, which has {actual}.',
    keyType:
      'The key {column} of {input} is a number, but the customers’ key {customer} is text: leading zeros were lost. Import both as text.',
    customerKeys:
      'Every customer needs a key of their own: of {rows} customers {missing} have none and {repeated} repeat another’s.',
    noneEligible: 'None of {customers} customers may and should be contacted. Excluded by {actual}.',
    noneSelected:
      'Of {eligible} eligible customers none is selected: {actual}. The budget of {budget}, the capacities or the size leave no room.',
    unsafe:
      'The selected group broke a rule and was thrown away: {actual}. This is a fault of Polku; please report it.',
  },

  plan: ({ customers, ...inputs }, settings, context) => {
    checkSettings({ customers, ...inputs }, settings, context)
    return {
      target: sql`select *, null::varchar as channel, null::double as cost, null::double as rank_value,
        null::bigint as position from ${customers}`,
      excluded: sql`select ${id(settings.customer)} as customer_id, null::varchar as rule, null::varchar as detail
        from ${customers}`,
    }
  },

  run: async (inputs, settings, context) => {
    const judged = await context.store(judge(inputs, settings))
    const faults = await keyFaults(context, sql`select key from ${judged}`)
    if (faults.missing > 0 || faults.repeated > 0) context.fail('customerKeys', faults)
    await requireEligible(judged, settings, context)
    await warnOfInputs(judged, inputs, settings, context)
    const decided = await giveOut(judged, settings, context)
    const rules = ruleNames(settings).map((name, index) => sql`when ${index} then ${name}`)
    return {
      target: targetQuery(decided, inputs, settings),
      excluded: sql`
        select customer_id, case rule ${join(rules, ' ')} end as rule, ${detail(settings)} as detail
        from (from ${judged} where rule is not null
          union all by name select customer_id, key, rule from ${decided} where rule is not null) d
        order by d.key`,
    }
  },

  report: async (outputs, settings, context, inputs) => {
    await checkGroup(outputs, inputs, settings, context)
    await reportGroup(outputs, settings, context)
  },
})
