import { nameFrom, repeatedName } from '../../lib/names.ts'
import type { PlanContext } from '../../node.ts'
import type { Inputs, Settings } from './settings.ts'

/** The column with the spend on a category: `Home & Garden` is `spend_home_garden`. */
export const categoryColumn = (category: string): string => `spend_${nameFrom(category)}`

const fixed = [
  'customer_id',
  'recency_days',
  'frequency',
  'monetary',
  'mean_order',
  'tenure_days',
  'mean_gap_days',
  'active_months',
]

/** Throws where two columns of the result would have one name, and where settings ask for what is not there. */
export function checkSettings({ customers }: Inputs, settings: Settings, context: PlanContext): void {
  const { windows, category, categories, measures, since, columns } = settings
  if (categories.length > 0 && category === undefined) context.fail('categoryMissing', { actual: categories[0] ?? '' })
  if (customers === undefined) {
    const candidate = since === undefined ? columns?.[0] : since
    if (candidate !== undefined) context.fail('customersMissing', { actual: candidate })
  }
  const nameless = categories.find((name) => nameFrom(name) === '')
  if (nameless !== undefined) context.fail('categoryNameless', { actual: nameless })
  const names = [
    ...fixed,
    ...windows.flatMap((days) => [`orders_${days}`, `spend_${days}`, `trend_${days}`]),
    ...categories.map(categoryColumn),
    ...measures.map(({ name }) => name),
    ...(columns ?? []),
  ]
  const repeated = repeatedName(names)
  if (repeated !== undefined) context.fail('nameTaken', { actual: repeated })
}
