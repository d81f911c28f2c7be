// Numbers as they stand in sentences, written out by hand so that they are the same on every machine:
// a narrow no-break space between thousands, a no-break space before the unit.

const space = '\u00a0'
/** `12 345`, of a whole number's digits. */
export const thousands = (whole: string): string => whole.replace(/\B(?=(\d{3})+$)/g, '\u202f')

/** `1 customer`, `12 345 customers`. */
export const counted = (count: number, one: string, many: string): string =>
  `${thousands(String(count))} ${count === 1 ? one : many}`

/** A share of 0–1 as `2.1 %`; `< 0.1 %` where it would round to nothing. */
export const percent = (share: number): string =>
  share > 0 && share < 0.0005 ? `<${space}0.1${space}%` : `${(share * 100).toFixed(1)}${space}%`
