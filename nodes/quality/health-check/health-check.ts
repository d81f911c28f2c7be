import { sameName } from '../../lib/names.ts'
import { takesBanForYes } from '../../lib/permissions.ts'
import { expr, id, sql } from '../../lib/sql.ts'
import { defineNode, input, type PlanContext, type RunContext, type Table } from '../../node.ts'
import { rowChecks, verdictsQuery } from './checks.ts'
import { surplusRecords } from './people.ts'
import { countPermissions } from './permissions.ts'
import { reportHealth } from './report.ts'
import type { Check } from './score.ts'
import { scoreOf } from './score.ts'
import { params, type Settings } from './settings.ts'
import { columnRows, countVerdicts, overallRow, problemRows, sharesOf } from './summary.ts'

interface Inputs {
  readonly customers: Table
  readonly permissions?: Table
  readonly postal_codes?: Table
}

const firstRepeated = (names: readonly string[]): string | undefined =>
  names.find((name, index) => names.findIndex((other) => sameName(other, name)) < index)

/** Settings that contradict each other or their inputs. */
const checkSettings = ({ permissions, postal_codes: list }: Inputs, settings: Settings, context: PlanContext): void => {
  const { rules, channels, weights, postalCode } = settings
  const rule = firstRepeated(rules.map(({ name }) => name))
  if (rule !== undefined) context.fail('ruleTwice', { rule })
  const channel = firstRepeated(channels.map(({ name }) => name))
  if (channel !== undefined) context.fail('channelTwice', { channel })
  if (channels.length > 0 && !permissions) context.fail('permissionsMissing', { actual: channels.length })
  if (channels.length === 0 && permissions) context.fail('channelsMissing')
  if (list && postalCode === undefined) context.fail('postalCodeMissing')
  if (Object.values(weights).every((weight) => weight === 0)) context.fail('noWeight')
  const ban = permissions && channels.find((one) => takesBanForYes(permissions, one))
  if (ban) context.fail('ban', { channel: ban.name, column: ban.permission })
}

/** Stores every customer's verdicts. A rule that cannot be evaluated on some row is named. */
async function judge(
  customers: Table,
  settings: Settings,
  checks: readonly Check[],
  context: RunContext,
): Promise<Table> {
  try {
    return await context.store(verdictsQuery(customers, settings.customer, checks))
  } catch (error) {
    if (context.signal.aborted) throw error
    for (const { name, condition } of settings.rules) {
      try {
        await context.rows(sql`select count(*) filter (where ${expr(condition)}) as n from ${customers}`)
      } catch (reason) {
        const [message = ''] = String(reason instanceof Error ? reason.message : reason).split('\n')
        context.fail('ruleFailed', { rule: name, actual: message })
      }
    }
    throw error
  }
}

const noPermissions = sql`
  select null::integer as position, null::varchar as channel, null::bigint as allowed, null::bigint as refused,
    null::bigint as unanswered, null::double as share where false`

export default defineNode({
  title: 'Data health check',
  summary:
    'Says how fit the customer data is: complete, valid, unique and consistent, whom one may contact, and what stale addresses cost.',
  inputs: {
    customers: input('Customers, one row each'),
    permissions: input('Permissions to contact, one row per customer', { optional: true }),
    postal_codes: input('Postal codes that exist, one row each', { optional: true }),
  },
  params,
  outputs: {
    columns:
      'One row per column of the customers: how many values are there, and its completeness, validity, uniqueness and consistency (0–1) where they apply',
    problems: 'One row per customer and broken rule: customer_id, dimension, rule and column_name; no personal values',
    overall: 'One row: the score, its four dimensions, and the counts and the cost of the findings',
    permissions: 'One row per channel: customers who may be contacted, who said anything else, who have not answered',
  },
  metrics: {
    score: 'Fitness of the data, 0–100: the weighted mean of the four dimensions',
    completeness: 'Share of the required values that are there',
    validity: 'Share of the judged values that are valid',
    uniqueness: 'Share of the customers that are not entered before',
    consistency: 'Share of the judgements of the rules that found no contradiction',
    duplicates: 'Surplus records: all but one of each person’s',
    nonexistent_postal_codes: 'Customers whose postal code does not exist',
    stale_addresses: 'Customers whose address nobody has confirmed for too long',
    stale_address_cost: 'What letters to stale addresses cost a year',
    contactable: 'Share of the customers who may be contacted through at least one channel',
    permission_email: 'Share of the customers who may be contacted by e-mail',
    permission_sms: 'Share of the customers who may be sent text messages',
    permission_phone: 'Share of the customers who may be called',
    permission_post: 'Share of the customers who may be sent letters',
  },
  errors: {
    ruleTwice: 'Two rules are called {rule}. Give each a name of its own.',
    ruleFailed:
      'The rule {rule} cannot be evaluated: {actual}. Write it so that it gives true, false or nothing for every customer, with try_cast for instance.',
    channelTwice: 'Two channels are called {channel}. Give each a name of its own.',
    permissionsMissing:
      'There are {actual} channels, but no table that says who permits them. Connect the input permissions, or leave the channels out.',
    channelsMissing:
      'The input permissions is connected, but no channel is named. List in `channels` which of its columns give the permission for what.',
    ban: 'The channel {channel} reads its permission from {column}, which by its name holds bans: its yes would count those who must not be contacted. Derive a column that says yes where contact is allowed, or list in `allowed` the texts that mean there is no ban.',
    postalCodeMissing:
      'The input postal_codes is connected, but no column is named as the customers’ `postalCode`. Name it, or leave the list out.',
    noWeight:
      'The score has no weight: the weights are 0, or only those dimensions have one that do not apply here (validity without a role, consistency without a rule). Give one that applies a weight above 0.',
  },

  plan: (inputs, settings, context) => {
    checkSettings(inputs, settings, context)
    return {
      columns: sql`select null::integer as position, null::varchar as column_name, null::varchar as type,
        null::bigint as filled, null::double as completeness, null::bigint as checked, null::double as validity,
        null::double as uniqueness, null::double as consistency, null::bigint as problems limit 0`,
      problems: sql`select ${id(settings.customer)} as customer_id, null::varchar as dimension, null::varchar as rule,
        null::varchar as column_name from ${inputs.customers} limit 0`,
      overall: sql`select null::date as as_of, null::bigint as customers, null::double as score,
        null::double as completeness, null::double as validity, null::double as uniqueness,
        null::double as consistency, null::bigint as duplicates, null::bigint as nonexistent_postal_codes,
        null::bigint as stale_addresses, null::double as stale_address_cost limit 0`,
      permissions: noPermissions,
    }
  },

  run: async ({ customers, permissions, postal_codes: list }, settings, context) => {
    const checks = await rowChecks(customers, list, settings, context)
    const verdicts = await judge(customers, settings, checks, context)
    const surplus = await surplusRecords(customers, settings, context)
    const counts = await countVerdicts(customers, checks, verdicts, surplus, context)
    if (scoreOf(sharesOf(counts), settings.weights, counts.customers) === null) context.fail('noWeight')
    return {
      columns: await columnRows(customers, settings.customer, counts, context),
      problems: problemRows(checks, verdicts, surplus, settings.customer),
      overall: overallRow(counts, settings),
      permissions: permissions ? await countPermissions(customers, permissions, settings, context) : noPermissions,
    }
  },

  report: (outputs, settings, context, inputs) => reportHealth(outputs, settings, context, inputs),
})
