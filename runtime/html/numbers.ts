import { currencyDecimals, currencySign } from '../../nodes/lib/money.ts'
import type { Metric } from '../../nodes/node.ts'

// Numbers as Finnish and most European readers write them: a narrow no-break space between thousands
// and before the unit, a true minus sign. Written out by hand, so that a report is the same on every machine.

const gap = '\u202f'
const space = '\u00a0'
const minus = '\u2212'
const none = '–'

/** `12 345.60`: a fixed number of decimals, thousands apart. */
export const fixed = (value: number, decimals = 0): string => {
  if (!Number.isFinite(value)) return none
  if (Math.abs(value) >= 1e21) return scientific(value)
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.')
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, gap) + (fraction === undefined ? '' : `.${fraction}`)
  return value < 0 && /[1-9]/.test(digits) ? minus + digits : digits
}

const superscript = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** `5.9 × 10⁻²⁵⁸`. */
const scientific = (value: number): string => {
  const [mantissa = '', exponent = '0'] = value.toExponential(1).split('e')
  const power = exponent.replace('+', '').replace(/\d/g, (digit) => superscript[Number(digit)] ?? '')
  return `${mantissa.replace('-', minus)}${space}×${space}10${power.replace('-', '⁻')}`
}

/** About four digits that matter: `2 054`, `93.06`, `0.1234`; scientific where it is tiny. */
export const plain = (value: number): string => {
  const size = Math.abs(value)
  if (Number.isInteger(value) || size >= 1000) return fixed(value)
  if (size > 0 && size < 0.0001) return scientific(value)
  return fixed(value, Math.min(4, Math.max(1, 3 - Math.floor(Math.log10(size || 1)))))
}

/** `1 row`, `2 rows`: a count with what it counts, on one line. */
export const counted = (count: number, one: string, many: string): string =>
  `${fixed(count)}${space}${count === 1 ? one : many}`

const percentDecimals = (share: number): number => (share !== 0 && Math.abs(share) < 0.01 ? 2 : 1)
const moneyDecimals = (value: number, currency: string | undefined): number =>
  Math.abs(value) >= 100 || value === 0 ? 0 : currency === undefined ? 2 : currencyDecimals(currency)
const dayDecimals = (value: number): number => (Number.isInteger(value) ? 0 : 1)

/** What a number counts: its unit, and of an amount of money the currency. */
type Unit = Pick<Metric, 'unit' | 'currency'>

const bare = (value: number, { unit, currency }: Unit, scale: number): string => {
  if (unit === 'share') return fixed(value * 100, percentDecimals(scale))
  if (unit === 'money') return fixed(value, moneyDecimals(scale, currency))
  if (unit === 'count') return fixed(value, Number.isInteger(value) ? 0 : 1)
  if (unit === 'days') return fixed(value, dayDecimals(scale))
  if (unit === 'score')
    return fixed(value, Math.abs(scale) <= 1 && !Number.isInteger(scale) ? 3 : 1).replace(/\.0$/, '')
  if (unit === 'p') return value < 0.001 ? scientific(value) : fixed(value, 3)
  return plain(value)
}

const suffix = (value: number, { unit, currency }: Unit): string => {
  if (unit === 'share') return `${space}%`
  if (unit === 'money') return currency === undefined ? '' : `${space}${currencySign(currency)}`
  return unit === 'days' ? `${space}${value === 1 ? 'day' : 'days'}` : ''
}

/** A metric's value as a person reads it: `12 345 €`, `12.3 %`, `p < 0.001`; an en dash where there is none. */
export const metricValue = ({ value, ...unit }: Pick<Metric, 'value' | 'unit' | 'currency'>): string => {
  if (value === null || !Number.isFinite(value)) return none
  if (unit.unit === 'p')
    return value < 0.001 ? `p${space}<${space}0.001` : `p${space}=${space}${bare(value, unit, value)}`
  return bare(value, unit, value) + suffix(value, unit)
}

/** The exact size of a p-value that `metricValue` only bounds; nothing where the bound says it all. */
export const exactP = ({ value, unit }: Pick<Metric, 'value' | 'unit'>): string | undefined =>
  unit === 'p' && value !== null && value > 0 && value < 0.001 ? `exactly ${scientific(value)}` : undefined

/** `95 % interval 1.2 – 3.4 %`, with the decimals of its wider end. */
export const interval = ([low, high]: readonly [number, number], unit: Unit): string => {
  const scale = Math.max(Math.abs(low), Math.abs(high))
  const ends = [low, high].map((end) => bare(end, unit, unit.unit === 'days' ? low + high : scale))
  // A dash lets a line break even before a no-break space; the word joiner does not.
  return `95${space}% interval ${ends.join(`${space}–\u2060${space}`)}${suffix(high, unit)}`
}

/** A metric in one line, as a terminal shows it: `0.846, 95 % interval 0.839 – 0.853`. */
export const formatMetric = (metric: Pick<Metric, 'value' | 'unit' | 'currency' | 'interval'>): string =>
  metricValue(metric) + (metric.interval && metric.value !== null ? `, ${interval(metric.interval, metric)}` : '')

/** A number's text for a terminal or a log, which break lines as they like: with plain spaces. */
export const plainSpaces = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

/** `1.2 MB`, in thousands of bytes. */
export const bytes = (count: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)))
  return `${fixed(count / 1000 ** step, step === 0 ? 0 : 1)}${space}${units[step]}`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `22 Nov 2026`; a text that is not an ISO date stays as it is. */
export const day = (iso: string): string => {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso) ?? []
  const name = months[Number(month) - 1]
  return name === undefined ? iso : `${Number(date)}${space}${name}${space}${year}`
}

/** `22 Nov 2026, 06:00 UTC`; a text that is not an ISO time stays as it is. */
export const moment = (iso: string): string => {
  const time = new Date(/^\d{4}-\d{2}-\d{2}T/.test(iso) ? iso : Number.NaN)
  if (Number.isNaN(time.getTime())) return iso
  const text = time.toISOString()
  return `${day(text)}, ${text.slice(11, 16)}${space}UTC`
}

const decimalsOf = (value: number): number => /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0

const columnDecimals = (values: readonly number[], largest: number): number => {
  if (largest > 0 && largest < 0.0001) return 4
  const useful = largest >= 1 ? Math.max(0, 3 - Math.floor(Math.log10(largest))) : largest >= 0.1 ? 3 : 4
  return Math.min(useful, Math.max(0, ...values.map(decimalsOf)))
}

const looksLikeYears = (values: readonly number[]): boolean =>
  values.every((value) => Number.isInteger(value) && value >= 1900 && value <= 2100)

/** How a column of numbers is written: about four digits that matter, the same decimals all the way down. */
export const columnFormat = (values: readonly number[]): ((value: number) => string) => {
  const largest = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs))
  const decimals = columnDecimals(values, largest)
  const years = looksLikeYears(values)
  return (value) => {
    if (value !== 0 && Math.abs(value) < 0.5 * 10 ** -decimals) return scientific(value)
    return years ? String(value) : fixed(value, decimals)
  }
}
