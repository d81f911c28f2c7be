import { compareProportions } from '../../lib/comparison.ts'
import { currencyName } from '../../lib/money.ts'
import { sql } from '../../lib/sql.ts'
import { percent } from '../../lib/words.ts'
import type { RunContext, Table } from '../../node.ts'
import { givenMeasures, type Settings } from './settings.ts'

/** Says what was assumed of customers without outcomes, and warns where the groups differ in having them. */
export const warnOfSubjects = async (subjects: Table, settings: Settings, context: RunContext): Promise<void> => {
  const rows = await context.rows(sql`
    select treated, count(*) as n, count(*) filter (absent) as absent, count(*) filter (blank) as blank,
      count(*) filter (cost is null) as free from ${subjects} group by treated`)
  const of = (treated: boolean) => rows.find((row) => row.treated === treated)
  const sum = (name: string) => rows.reduce((all, row) => all + Number(row[name]), 0)
  const [absent, blank, free] = [sum('absent'), sum('blank'), Number(of(true)?.free ?? 0)]
  context.metric({ name: 'missing_outcomes', label: 'Customers without outcomes', value: absent, unit: 'count' })
  const words = { response: 'no response', retention: 'not retained', value: 'a value of 0' }
  const rule = givenMeasures(settings)
    .map((measure) => words[measure])
    .join(', ')
  if (absent > 0) context.note(`${absent} of ${sum('n')} customers have no row of outcomes and count as: ${rule}.`)
  if (blank > 0)
    context.warn(`${blank} customers have a row of outcomes in which a value is missing; it counts as: ${rule}.`)
  if (settings.cost !== undefined && free > 0)
    context.warn(
      `${free} treated customers have no ${settings.cost}; it counts as 0 ${currencyName(context.currency)}.`,
    )
  const groupOf = (treated: boolean) => ({ n: Number(of(treated)?.n ?? 0), cases: Number(of(treated)?.absent ?? 0) })
  const [treated, control] = [groupOf(true), groupOf(false)]
  const { p, treated: share, control: other } = compareProportions(treated, control)
  if (p !== null && p < 0.01 && share !== null && other !== null)
    context.warn(
      `Outcomes are missing for ${percent(share)} of the treated and ${percent(other)} of the control group: chance hardly makes such a difference, and it biases the comparison. Were the outcomes collected in the same way for both?`,
    )
}
