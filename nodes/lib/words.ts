// Numbers as they stand in sentences, written out by hand so that they are the same on every machine:
// a narrow no-break space between thousands and before the unit.

const gap = '\u202f'
const thousands = (whole: string): string => whole.replace(/\B(?=(\d{3})+$)/g, gap)

/** `1 customer`, `12 345 customers`. */
export const counted = (count: number, one: string, many: string): string =>
  `${thousands(String(count))}${gap}${count === 1 ? one : many}`

/** A share of 0–1 as `2.1 %`; `< 0.1 %` where it would round to nothing. */
export const percent = (share: number): string =>
  share > 0 && share < 0.0005 ? `<${gap}0.1${gap}%` : `${(share * 100).toFixed(1)}${gap}%`

/** `1 234 €`; below a hundred with cents. */
export const euros = (amount: number): string => {
  const [whole = '', cents] = amount.toFixed(Math.abs(amount) < 100 ? 2 : 0).split('.')
  return `${thousands(whole)}${cents === undefined ? '' : `.${cents}`}${gap}€`
}
