import { isNumericKey } from '../../lib/keys.ts'
import { takesBanForYes } from '../../lib/permissions.ts'
import type { PlanContext, Table } from '../../node.ts'
import { isExact } from './allocate.ts'
import type { Inputs } from './judge.ts'
import { ruleNames } from './rules.ts'
import type { Settings } from './settings.ts'

export const ownColumns = ['channel', 'cost', 'rank_value', 'position'] as const

const plain = (name: string): string => name.trim().toLowerCase()

const firstRepeated = (names: readonly string[]): string | undefined =>
  names.find((name, index) => names.findIndex((other) => plain(other) === plain(name)) < index)

/** A history and the days of quarantine need each other: either alone would protect nobody without a word. */
const checkHistory = ({ history }: Inputs, settings: Settings, context: PlanContext): void => {
  if (!history && settings.quarantineDays !== undefined)
    context.fail('historyMissing', { days: settings.quarantineDays })
  if (!history) return
  if (settings.quarantineDays === undefined) context.fail('quarantineMissing')
  const names = history.columns.map(({ name }) => name)
  if (settings.campaign !== undefined && !names.some((name) => plain(name) === 'campaign'))
    context.fail('campaignMissing', { actual: names.join(', ') })
}

/** Keys that are text for the customers and numbers elsewhere have lost their leading zeros there. */
const checkKeys = (inputs: Inputs, settings: Settings, context: PlanContext): void => {
  if (isNumericKey(inputs.customers, settings.customer)) return
  const others: [string, Table | undefined, string][] = [
    ['permissions', inputs.permissions, settings.permissionCustomer],
    ['held_out', inputs.held_out, settings.heldOutCustomer],
    ['history', inputs.history, settings.historyCustomer],
  ]
  for (const [input, table, column] of others)
    if (table && isNumericKey(table, column)) context.fail('keyType', { input, column, customer: settings.customer })
}

/** Fails with what settings get wrong that their schema cannot say, before anything runs. */
export const checkSettings = (inputs: Inputs, settings: Settings, context: PlanContext): void => {
  const { customers, permissions } = inputs
  const { channels, budget } = settings
  const ban = channels.find((channel) => takesBanForYes(permissions, channel))
  if (ban) context.fail('ban', { channel: ban.name, column: ban.permission })
  const rule = firstRepeated(ruleNames(settings))
  if (rule !== undefined) context.fail('ruleTwice', { rule })
  const channel = firstRepeated(channels.map(({ name }) => name))
  if (channel !== undefined) context.fail('channelTwice', { channel })
  const amount = [budget, ...channels.map(({ cost }) => cost)].find((each) => !isExact(each))
  if (amount !== undefined) context.fail('tooFine', { actual: amount })
  const conflict = customers.columns.find(({ name }) => ownColumns.some((own) => own === plain(name)))
  if (conflict) context.fail('columnTaken', { column: conflict.name })
  checkHistory(inputs, settings, context)
  checkKeys(inputs, settings, context)
}
