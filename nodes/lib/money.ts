// Amounts in the client's currency, a code of ISO 4217. Signs, names and decimals are those that Node's own data gives,
// in the language of reports; the digits are written as in words.ts.

import { thousands } from './words.ts'

const partOf = (currency: string, currencyDisplay: 'narrowSymbol' | 'name'): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay })
    .formatToParts(2)
    .find(({ type }) => type === 'currency')?.value ?? currency

/** `€`, `kr`, `CHF`. */
export const currencySign = (currency: string): string => partOf(currency, 'narrowSymbol')

/** What amounts are counted in: `euros`, `Swedish kronor`. */
export const currencyName = (currency: string): string => partOf(currency, 'name')

/** The same at the beginning of a heading: `Euros`. */
export const currencyTitle = (currency: string): string =>
  currencyName(currency).replace(/^./, (letter) => letter.toUpperCase())

/** Decimals of a whole small amount: two of euros, none of yen. */
export const currencyDecimals = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** `1 234 €`; below a hundred with cents. */
export const money = (amount: number, currency: string): string => {
  const decimals = Math.abs(amount) < 100 ? currencyDecimals(currency) : 0
  const [whole = '', cents] = amount.toFixed(decimals).split('.')
  return `${thousands(whole)}${cents === undefined ? '' : `.${cents}`}\u00a0${currencySign(currency)}`
}
