import { type Comparison, compareMeans, compareProportions, type Interval, scaleUp } from '../../lib/comparison.ts'
import { holm } from '../../lib/holm.ts'
import type { Section } from './aggregate.ts'
import { confidence, givenMeasures, type Measure, type Settings } from './settings.ts'

/** The effect on one measure in one class. */
export interface Effect {
  readonly section: Section
  readonly measure: Measure
  readonly comparison: Comparison
  /** p adjusted for the classes of all segments; that of the whole campaign as it is. */
  readonly adjusted: number | null
  /** What the treated did more than they would have: customers, or money after the margin. */
  readonly incremental: { readonly value: number | null; readonly interval: Interval | undefined }
  /** What was spent on the treated; null where no cost is known. */
  readonly cost: number | null
  /** (incremental value − cost) / cost; only of the value, and where something was spent. */
  readonly romi: { readonly value: number | null; readonly interval: Interval | undefined }
}

const none = { value: null, interval: undefined }

const costOf = ({ isWhole, treated }: Section, settings: Settings): number | null => {
  const fixed = isWhole ? settings.fixedCost : 0
  if (settings.cost !== undefined) return treated.cost + fixed
  if (settings.costPerContact !== undefined) return treated.n * settings.costPerContact + fixed
  return settings.fixedCost > 0 && isWhole ? fixed : null
}

const returnOn = (incremental: Effect['incremental'], cost: number | null): Effect['romi'] => {
  if (cost === null || cost <= 0) return none
  const romi = (amount: number) => (amount - cost) / cost
  const { value, interval } = incremental
  return { value: value === null ? null : romi(value), interval: interval && [romi(interval[0]), romi(interval[1])] }
}

const effectOf = (section: Section, measure: Measure, settings: Settings): Omit<Effect, 'adjusted'> => {
  const { treated, control } = section
  const comparison =
    measure === 'value'
      ? compareMeans(treated.value, control.value, confidence)
      : compareProportions(treated[measure], control[measure], confidence)
  const incremental = scaleUp(comparison, treated.n * (measure === 'value' ? settings.margin : 1))
  const cost = costOf(section, settings)
  return {
    section,
    measure,
    comparison,
    incremental,
    cost,
    romi: measure === 'value' ? returnOn(incremental, cost) : none,
  }
}

/**
 * The effect on every measure, of the whole campaign and by class. All assigned customers count in the group they were
 * assigned to, whether the contact reached them or not (intention to treat). Incremental cases and money are the
 * difference times the treated, with the interval's ends likewise; the cost is taken as known.
 */
export const effectsOf = (sections: readonly Section[], settings: Settings): Effect[] => {
  const effects = sections.flatMap((section) =>
    givenMeasures(settings).map((measure) => effectOf(section, measure, settings)),
  )
  return effects.map((effect) => {
    if (effect.section.isWhole) return { ...effect, adjusted: effect.comparison.p }
    const family = effects.filter(({ measure, section }) => measure === effect.measure && !section.isWhole)
    const adjusted = holm(family.map(({ comparison }) => comparison.p))[family.indexOf(effect)] ?? null
    return { ...effect, adjusted }
  })
}

const numberOrNaN = (value: number | null | undefined): number => value ?? Number.NaN

/** The effects as columns of the output `results`; what cannot be computed is NaN, which is stored as NULL. */
export const resultColumns = (effects: readonly Effect[]) => {
  const texts = (value: (effect: Effect) => string) => effects.map(value)
  const numbers = (value: (effect: Effect) => number | null | undefined) =>
    Float64Array.from(effects, (effect) => numberOrNaN(value(effect)))
  return {
    place: Int32Array.from(effects, (_, index) => index),
    segment: texts(({ section }) => section.segment),
    class: texts(({ section }) => section.class),
    measure: texts(({ measure }) => measure),
    treated_n: Int32Array.from(effects, ({ section }) => section.treated.n),
    control_n: Int32Array.from(effects, ({ section }) => section.control.n),
    treated: numbers(({ comparison }) => comparison.treated),
    control: numbers(({ comparison }) => comparison.control),
    difference: numbers(({ comparison }) => comparison.difference),
    low: numbers(({ comparison }) => comparison.interval?.[0]),
    high: numbers(({ comparison }) => comparison.interval?.[1]),
    p_value: numbers(({ comparison }) => comparison.p),
    p_adjusted: numbers(({ adjusted }) => adjusted),
    relative: numbers(({ comparison }) => comparison.relative),
    incremental: numbers(({ incremental }) => incremental.value),
    incremental_low: numbers(({ incremental }) => incremental.interval?.[0]),
    incremental_high: numbers(({ incremental }) => incremental.interval?.[1]),
    cost: numbers(({ cost }) => cost),
    romi: numbers(({ romi }) => romi.value),
    romi_low: numbers(({ romi }) => romi.interval?.[0]),
    romi_high: numbers(({ romi }) => romi.interval?.[1]),
    few: texts(({ comparison }) => String(comparison.few)),
  }
}
