import { keyFaults, keyText } from '../../lib/keys.ts'
import { id, sql } from '../../lib/sql.ts'
import { defineNode, input, type PlanContext, type Sql, type Table } from '../../node.ts'
import { assign } from './assign.ts'
import { reportGroups } from './report.ts'
import { params, type Settings } from './settings.ts'

const checkSettings = (target: Table, settings: Settings, context: PlanContext): void => {
  const { share, size, expectedRate: rate, expectedLift: lift } = settings
  if ((share === undefined) === (size === undefined))
    context.fail('shareOrSize', { actual: share === undefined ? 'neither' : 'both' })
  if ((rate === undefined) !== (lift === undefined))
    context.fail('expectedPair', { actual: rate === undefined ? 'expectedLift' : 'expectedRate' })
  if (rate !== undefined && lift !== undefined && (lift === 0 || rate + lift < 0 || rate + lift > 1))
    context.fail('expectedRange', { rate, lift })
  const conflict = target.columns.find(({ name }) => name.toLowerCase() === 'campaign_group')
  if (conflict) context.fail('columnTaken', { column: conflict.name })
}

export default defineNode({
  title: 'Control group',
  summary:
    'Sets aside customers who are not contacted, so that the campaign’s effect can be measured; the same ones in every run.',
  inputs: { target: input('Customers to contact, one row each') },
  params,
  // The treated come first: a step that takes this one without naming an output must not get the control group.
  outputs: {
    treated: 'The customers to contact',
    control: 'The customers of the control group: not to be contacted',
    standing: 'The customers of the standing group: held out of every campaign',
    assigned: 'All customers with their campaign_group: treated, control or standing',
  },
  metrics: {
    treated: 'Customers to contact',
    control: 'Customers of the control group',
    standing: 'Customers of the standing group',
    power: 'The chance of showing the expected lift, 0–1',
    detectable_lift: 'The smallest lift that these groups show with the wanted power, 0–1',
  },
  errors: {
    shareOrSize: 'The control group has either a share or a size; given is {actual}.',
    expectedPair: 'Only {actual} is given. expectedRate and expectedLift are needed together.',
    expectedRange:
      'An expected rate of {rate} and a lift of {lift} do not fit: the lift is not 0, and their sum lies between 0 and 1.',
    columnTaken: 'The customers already have a column {column}: are they in groups already?',
    customerKeys:
      'Every customer needs a key of their own: of {rows} customers {missing} have none and {repeated} repeat another’s.',
    nobody: 'There is no customer to divide into groups.',
    tooLarge: 'A control group of {size} leaves nobody to contact of {customers} customers{apart}.',
  },

  plan: ({ target }, settings, context) => {
    checkSettings(target, settings, context)
    const query = sql`select *, null::varchar as campaign_group from ${target}`
    return { treated: query, control: query, standing: query, assigned: query }
  },

  run: async ({ target }, settings, context) => {
    const { customer, size } = settings
    const keys = await context.store(sql`select ${keyText(target, customer, id(customer))} as key from ${target}`)
    const faults = await keyFaults(context, sql`from ${keys}`)
    if (faults.rows === 0) context.fail('nobody')
    if (faults.missing > 0 || faults.repeated > 0) context.fail('customerKeys', faults)
    const groups = await context.store(assign(sql`from ${keys}`, settings))
    const [row] = await context.rows(sql`select count(*) as n from ${groups} where campaign_group <> 'standing'`)
    if (size !== undefined && size >= Number(row?.n))
      context.fail('tooLarge', {
        size,
        customers: Number(row?.n),
        apart: settings.standing ? ` outside the standing group` : '',
      })
    const of = (condition: Sql) => sql`
      select t.*, g.campaign_group from ${target} t
        join (from ${groups} where ${condition}) g on ${keyText(target, customer, sql`t.${id(customer)}`)} = g.key
      order by g.key`
    return {
      treated: of(sql`campaign_group = 'treated'`),
      control: of(sql`campaign_group = 'control'`),
      standing: of(sql`campaign_group = 'standing'`),
      assigned: of(sql`true`),
    }
  },

  report: ({ assigned }, settings, context) => reportGroups(assigned, settings, context),
})
