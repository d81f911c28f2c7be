import { type Contingency, contingency, indexNumber } from '../../lib/contingency.ts'
import type { ClassCount, Counts } from './classes.ts'

export interface ProfiledClass extends ClassCount {
  readonly groupShare: number
  readonly comparisonShare: number
  /** 100 · group share / comparison share; null where the comparison has nobody in the class. */
  readonly index: number | null
  /** Standard errors from what independence would give. */
  readonly residual: number
  readonly mark: Mark
}

export interface Profiled {
  readonly name: string
  readonly classes: readonly ProfiledClass[]
  readonly test: Contingency
}

export type Mark = '++' | '+' | '' | '-' | '--'

// Two-sided 5 % and 0.1 % points of the normal distribution, to which adjusted residuals tend
// (Haberman 1973, "The analysis of residuals in cross-classified tables", Biometrics 29).
const noticeable = 1.959964
const strong = 3.290527

/** `+` is more common in the group than elsewhere at the 5 % level, `++` at the 0.1 % level; `-` and `--` rarer. */
export const markOf = (residual: number): Mark => {
  if (Math.abs(residual) < noticeable) return ''
  const sign = residual > 0 ? '+' : '-'
  return Math.abs(residual) >= strong ? (sign === '+' ? '++' : '--') : sign
}

/** One column's classes with shares, indexes and marks; χ² of the group against the others. */
export function compareColumn({ name, classes }: Counts['columns'][number], { group, comparison }: Counts): Profiled {
  const test = contingency(classes.map((one) => [one.group, one.others]))
  return {
    name,
    test,
    classes: classes.map((one, index) => {
      const residual = test.residuals[index]?.[0] ?? 0
      return {
        ...one,
        groupShare: one.group / group,
        comparisonShare: one.comparison / comparison,
        index: indexNumber(one.group, group, one.comparison, comparison),
        residual,
        mark: markOf(residual),
      }
    }),
  }
}
