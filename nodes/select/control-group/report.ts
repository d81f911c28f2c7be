import { minimumDetectableDifference, powerOfProportions, sampleSizeOfProportions } from '../../lib/power.ts'
import { sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'
import { reportBalance } from './balance.ts'
import type { Settings } from './settings.ts'

interface Sizes {
  readonly treated: number
  readonly control: number
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`

/** What the groups can show: the chance of showing the expected lift and the smallest lift they would. */
const reportPower = (sizes: Sizes, settings: Settings, context: RunContext): void => {
  const { expectedRate: rate, expectedLift: lift, alpha, power } = settings
  const chance =
    rate === undefined || lift === undefined ? null : powerOfProportions(rate + lift, rate, { ...sizes, alpha })
  const direction = (lift ?? 0) < 0 ? 'down' : 'up'
  const detectable =
    rate === undefined ? null : minimumDetectableDifference(rate, { ...sizes, direction, alpha, power })
  context.metric({
    name: 'power',
    label: 'Chance of showing the expected lift',
    value: chance,
    unit: 'share',
    note: chance === null ? 'Needs expectedRate and expectedLift.' : undefined,
  })
  context.metric({
    name: 'detectable_lift',
    label: 'Smallest lift these groups show',
    value: detectable,
    unit: 'share',
    note: `Two-sided level ${alpha}, power ${power}; Fleiss, Tytun & Ury 1980.`,
  })
  if (chance === null || rate === undefined || lift === undefined) {
    context.note('Set expectedRate and expectedLift to learn whether the groups are large enough to show the effect.')
    return
  }
  if (chance >= power || sizes.treated === 0 || sizes.control === 0) return
  const needed = sampleSizeOfProportions(rate + lift, rate, { alpha, power, ratio: sizes.treated / sizes.control })
  const smallest = detectable === null ? 'no lift at all' : `only a lift of at least ${percent(detectable)}`
  context.warn(
    `The groups are too small to show the expected lift of ${percent(lift)} on ${percent(rate)}: ${sizes.treated} treated and ${sizes.control} control customers show it with a chance of ${percent(chance)} instead of ${percent(power)}. Needed in this proportion: ${needed?.treated} treated and ${needed?.control} control; these groups show ${smallest}.`,
  )
}

/** The groups' sizes, what they can show and whether they are alike. */
export const reportGroups = async (assigned: Table, settings: Settings, context: RunContext): Promise<void> => {
  const rows = await context.rows(sql`select campaign_group, count(*) as n from ${assigned} group by 1`)
  const sizeOf = (group: string) => Number(rows.find((row) => row.campaign_group === group)?.n ?? 0)
  const sizes = { treated: sizeOf('treated'), control: sizeOf('control') }
  const standing = sizeOf('standing')
  const metric = (name: string, label: string, value: number) => context.metric({ name, label, value, unit: 'count' })
  metric('treated', 'Treated', sizes.treated)
  metric('control', 'Control', sizes.control)
  metric('standing', 'Held out of every campaign', standing)
  if (sizes.control === 0) context.warn('The control group is empty: the campaign’s effect cannot be measured.')
  if (sizes.treated === 0) context.warn('Nobody is treated: there is nobody to contact.')
  reportPower(sizes, settings, context)
  await reportBalance(assigned, sizes, settings, context)
  const { share, campaign } = settings
  context.note(
    `Groups follow from the hash of the campaign’s name “${campaign}” and each customer’s key, so that they are the same in every run.${
      share === undefined
        ? ' The control group has a fixed size, so that a customer who comes or goes may change who is in it.'
        : ' Nobody’s group depends on who else is in the target group.'
    }`,
  )
}
