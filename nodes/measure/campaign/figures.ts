import { type Interval, wilsonInterval } from '../../lib/comparison.ts'
import { studentQuantile } from '../../lib/distributions.ts'
import { currencySign, currencyTitle } from '../../lib/money.ts'
import type { RunContext } from '../../node.ts'
import type { Sums } from './aggregate.ts'
import type { Effect } from './effects.ts'
import { confidence, givenMeasures, type Measure, mainMeasure, measureWords, type Settings } from './settings.ts'

/** The most classes a figure shows. */
const mostShown = 60

/** The interval of one group alone: Wilson's of a rate, Student's of a mean. */
const ownInterval = (sums: Sums, measure: Measure): Interval | undefined => {
  if (measure !== 'value') return wilsonInterval(sums[measure], confidence)
  const { n, mean, variance } = sums.value
  if (n < 2) return undefined
  const reach = -studentQuantile((1 - confidence) / 2, n - 1) * Math.sqrt(variance / n)
  return [mean - reach, mean + reach]
}

/** Distances from the values to the ends of their intervals, as Plotly takes them. */
const errorBars = (values: readonly (number | null)[], intervals: readonly (Interval | undefined)[]) => ({
  type: 'data',
  symmetric: false,
  array: values.map((value, index) => (intervals[index]?.[1] ?? value ?? 0) - (value ?? 0)),
  arrayminus: values.map((value, index) => (value ?? 0) - (intervals[index]?.[0] ?? value ?? 0)),
})

const groupFigure = (effects: readonly Effect[], title: string, isMoney: boolean, context: RunContext) => {
  if (effects.length === 0) return
  const bars = (['treated', 'control'] as const).map((group) => {
    const values = effects.map(({ comparison }) => comparison[group])
    const intervals = effects.map(({ section, measure }) => ownInterval(section[group], measure))
    return {
      type: 'bar',
      name: group,
      x: effects.map(({ measure }) => measureWords[measure]),
      y: values,
      error_y: errorBars(values, intervals),
      hovertemplate: `${group}: %{y${isMoney ? `:.2f} ${currencySign(context.currency)}` : ':.2%}'}<extra></extra>`,
    }
  })
  const words = effects.map(({ measure, comparison: { treated, control } }) => {
    const format = (value: number | null) => (isMoney ? value?.toFixed(2) : `${(100 * (value ?? 0)).toFixed(2)} %`)
    return `${measureWords[measure]} ${format(treated)} of the treated, ${format(control)} of the control group`
  })
  context.figure({
    title,
    description: `${words.join('; ')}. The lines are intervals of 95 %.`,
    data: bars,
    layout: {
      barmode: 'group',
      yaxis: {
        title: { text: isMoney ? currencyTitle(context.currency) : 'Share' },
        tickformat: isMoney ? undefined : '.0%',
        rangemode: 'tozero',
      },
      xaxis: { title: { text: '' } },
    },
  })
}

/** Rates, and values, of treated and control side by side. */
export const showGroups = (effects: readonly Effect[], settings: Settings, context: RunContext): void => {
  const whole = effects.filter(({ section }) => section.isWhole)
  const of = (isMoney: boolean) => whole.filter(({ measure }) => (measure === 'value') === isMoney)
  groupFigure(of(false), 'Rates of treated and control', false, context)
  if (givenMeasures(settings).includes('value')) groupFigure(of(true), 'Value of treated and control', true, context)
}

/** The lift in the main outcome by class, with intervals: the whole campaign on top. */
export const showClasses = (effects: readonly Effect[], settings: Settings, context: RunContext): void => {
  const main = mainMeasure(settings)
  const compared = effects.filter(({ measure, comparison }) => measure === main && comparison.difference !== null)
  if (compared.length < 2) return
  const rows = compared.slice(0, mostShown)
  const isMoney = main === 'value'
  const values = rows.map(({ comparison }) => comparison.difference)
  context.figure({
    title: `Lift in the ${measureWords[main].toLowerCase()} by class`,
    description: `The difference between treated and control with its interval of 95 %, of all customers and of ${rows.length - 1} classes${
      compared.length > rows.length ? ` (the first of ${compared.length - 1})` : ''
    }. An interval that contains 0 is no evidence of an effect.`,
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        x: values,
        y: rows.map(({ section }) => (section.isWhole ? 'all customers' : `${section.segment}: ${section.class}`)),
        error_x: errorBars(
          values,
          rows.map(({ comparison }) => comparison.interval),
        ),
        marker: { size: 9, symbol: rows.map(({ section }) => (section.isWhole ? 'diamond' : 'circle')) },
        hovertemplate: `%{y}: %{x${isMoney ? `:.2f} ${currencySign(context.currency)}` : ':.2%}'}<extra></extra>`,
        showlegend: false,
      },
    ],
    layout: {
      height: 140 + 28 * rows.length,
      xaxis: {
        title: { text: isMoney ? `${currencyTitle(context.currency)} per customer` : 'Difference in share' },
        tickformat: isMoney ? undefined : '.1%',
        zeroline: true,
      },
      yaxis: { title: { text: '' }, autorange: 'reversed' },
    },
  })
}
