import { sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'
import type { Settings } from './settings.ts'

/**
 * The subjects with values freed of what the covariate, known before the campaign, foretold of them:
 * value − θ · (x − mean x), θ = cov(value, x) / var(x) over both groups. The groups differ in x by chance
 * alone, so the expected difference stays the same and its variance falls by the squared correlation.
 * Deng, Xu, Kohavi & Walker 2013, "Improving the sensitivity of online controlled experiments by utilizing
 * pre-experiment data", WSDM '13, equations 4 and 5. Who has no covariate keeps their value.
 */
export const adjustValues = async (subjects: Table, settings: Settings, context: RunContext): Promise<Table> => {
  const { covariate, value } = settings
  if (covariate === undefined || value === undefined) return subjects
  const [row] = await context.rows(sql`
    select covar_pop(value, covariate) as joint, var_pop(covariate) as spread, avg(covariate) as mean,
      corr(value, covariate) as correlation, count(*) - count(covariate) as missing from ${subjects}`)
  const { joint, spread, mean, correlation } = numbers(row)
  if (!(spread > 0)) {
    context.warn(`All customers have the same ${covariate}, or none: the values were not adjusted for it.`)
    return subjects
  }
  if (Number(row?.missing) > 0)
    context.note(`${row?.missing} customers have no ${covariate}; their values were not adjusted.`)
  context.note(
    `Values are adjusted for ${covariate}, which was known before (Deng et al. 2013): it foretold ${Math.round(correlation ** 2 * 100)} % of their variance, which is chance between the groups and no effect.`,
  )
  // Sums of floats may differ in their last digits from run to run: nine digits are the same in every run.
  const theta = Number((joint / spread).toPrecision(9))
  const centre = Number(mean.toPrecision(9))
  return context.store(sql`
    select * replace (value - ${theta}::double * (coalesce(covariate, ${centre}::double) - ${centre}::double) as value)
    from ${subjects}`)
}

const numbers = (row: Record<string, unknown> | undefined) => ({
  joint: Number(row?.joint),
  spread: Number(row?.spread),
  mean: Number(row?.mean),
  correlation: Number(row?.correlation ?? 0),
})
