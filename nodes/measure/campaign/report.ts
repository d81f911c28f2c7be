import type { Interval } from '../../lib/comparison.ts'
import { currencyName, currencyTitle } from '../../lib/money.ts'
import type { Metric, RunContext } from '../../node.ts'
import type { Effect } from './effects.ts'
import { showClasses, showGroups } from './figures.ts'
import { mainMeasure, measureWords, type Settings } from './settings.ts'

const digits = (value: number | null | undefined, places: number): number | null =>
  value === null || value === undefined ? null : Number(value.toFixed(places))

/** A share of 1 as percent (or points) with a true minus. */
const percent = (value: number | null | undefined, unit = '%'): string =>
  value === null || value === undefined ? '–' : `${(100 * value).toFixed(2).replace('-', '−')} ${unit}`

const amount = (effect: Effect, value: number | null | undefined): string | number | null =>
  effect.measure === 'value' ? digits(value, 2) : percent(value)

const difference = (effect: Effect, value: number | null | undefined): string =>
  effect.measure === 'value' ? String(digits(value, 2) ?? '–').replace('-', '−') : percent(value, 'pp')

const range = (effect: Effect, interval: Interval | undefined): string =>
  interval ? `${difference(effect, interval[0])} … ${difference(effect, interval[1])}` : '–'

const p = (value: number | null): string => (value === null ? '–' : value < 0.0001 ? '< 0.0001' : value.toFixed(4))

const showMetrics = (effects: readonly Effect[], settings: Settings, context: RunContext): void => {
  const main = effects.find(({ measure, section }) => section.isWhole && measure === mainMeasure(settings))
  const value = effects.find(({ measure, section }) => section.isWhole && measure === 'value')
  const metric = (
    name: string,
    label: string,
    value: number | null | undefined,
    unit: Metric['unit'],
    interval?: Interval,
    note?: string,
  ) => context.metric({ name, label, value: value ?? null, unit, interval, note })
  const isMoney = main?.measure === 'value'
  const words = main ? measureWords[main.measure].toLowerCase() : ''
  metric('treated', 'Treated', main?.section.treated.n, 'count')
  metric('control', 'Control', main?.section.control.n, 'count')
  metric(
    'lift',
    `Lift in the ${words}`,
    main?.comparison.difference,
    isMoney ? 'money' : 'share',
    main?.comparison.interval,
    isMoney ? undefined : 'In percentage points.',
  )
  metric('p', 'p-value of the lift', main?.comparison.p, 'p')
  const cases = isMoney ? undefined : main?.incremental
  metric('incremental_cases', 'Customers won by the campaign', cases?.value, 'number', cases?.interval)
  const amounts = currencyName(context.currency)
  metric('incremental_value', `Incremental ${amounts}`, value?.incremental.value, 'money', value?.incremental.interval)
  metric('cost', 'Cost', main?.cost, 'money')
  metric('romi', 'Return on marketing investment', value?.romi.value, 'share', value?.romi.interval)
}

const showTable = (effects: readonly Effect[], context: RunContext): void => {
  context.table({
    title: 'Treated against control',
    columns: [
      'Measure',
      'Segment',
      'Class',
      'Treated',
      'Control',
      'n treated',
      'n control',
      'Difference',
      'Interval',
      'p',
      'p adjusted',
      'Little data',
    ],
    rows: effects.map((effect) => {
      const { section, measure, comparison, adjusted } = effect
      const [treated, control] = [amount(effect, comparison.treated), amount(effect, comparison.control)]
      const sizes = [section.treated.n, section.control.n]
      const texts = [difference(effect, comparison.difference), range(effect, comparison.interval)]
      const tests = [p(comparison.p), p(adjusted), comparison.few ? 'yes' : '']
      return [measureWords[measure], section.segment, section.class, treated, control, ...sizes, ...texts, ...tests]
    }),
    note: `Differences of rates in percentage points (pp). Intervals of 95 %: rates by Newcombe (1998), means by Welch (1938). “p adjusted” takes the many classes into account (Holm 1979). Where there is little data, p is doubtful.`,
  })
}

const showReturns = (effects: readonly Effect[], context: RunContext): void => {
  const rows = effects.filter(({ measure, cost }) => measure === 'value' && cost !== null)
  if (rows.length === 0) return
  const amounts = currencyName(context.currency)
  context.table({
    title: `${currencyTitle(context.currency)} brought and spent`,
    columns: ['Segment', 'Class', `Incremental ${amounts}`, 'From', 'To', 'Cost', 'Return', 'From', 'To'],
    rows: rows.map(({ section, incremental, cost, romi }) => [
      section.segment,
      section.class,
      digits(incremental.value, 2),
      digits(incremental.interval?.[0], 2),
      digits(incremental.interval?.[1], 2),
      digits(cost, 2),
      percent(romi.value),
      percent(romi.interval?.[0]),
      percent(romi.interval?.[1]),
    ]),
    note: `A fixed cost is in the whole campaign only. The cost is taken as known; the ranges are those of the ${amounts}.`,
  })
}

const warnOfLittle = (effects: readonly Effect[], context: RunContext): void => {
  const few = effects.filter(({ comparison }) => comparison.few)
  const whole = few.filter(({ section }) => section.isWhole).map(({ measure }) => measureWords[measure].toLowerCase())
  if (whole.length > 0)
    context.warn(
      `There is too little data to trust the p-value of the ${whole.join(' and the ')}: an expected count below 5, or a group of fewer than 30 customers, or nothing that varies.`,
    )
  const classes = new Set(
    few.filter(({ section }) => !section.isWhole).map(({ section }) => `${section.segment}: ${section.class}`),
  )
  if (classes.size > 0)
    context.warn(`${classes.size} classes have too little data to trust what is shown for them alone.`)
}

/** What the campaign brought: metrics, figures, tables, and what has to hold for them to be true. */
export const reportEffects = (effects: readonly Effect[], settings: Settings, context: RunContext): void => {
  showMetrics(effects, settings, context)
  showGroups(effects, settings, context)
  showClasses(effects, settings, context)
  showTable(effects, context)
  showReturns(effects, context)
  warnOfLittle(effects, context)
  context.note(
    'What this rests on: chance alone decided who was treated; the treatment of one customer changed nothing for another; and everybody counts in the group they were assigned to, whether the contact reached them or not (intention to treat), so that the effect is that of deciding to contact.',
  )
  if (effects.every(({ cost }) => cost === null))
    context.note('No cost is known (cost, costPerContact or fixedCost), so that there is no return.')
}
