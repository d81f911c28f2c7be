import { monthsOf } from './calendar.ts'
import type { Product } from './settings.ts'

// Invented: winters are dear, and fixed offers swing slowly with what the trade expects.
const season = (month: number): number => Math.cos((2 * Math.PI * (month - 0.5)) / 12)

// c/kWh over a whole year.
const SPOT_MEAN = 6.4

/** The mean spot price about a day, c/kWh. */
export const spotPrice = (day: number): number => {
  const month = monthsOf(day)
  return SPOT_MEAN + 2.2 * season(month) + 0.9 * Math.sin((2 * Math.PI * month) / 7.3)
}

const fixedOffer = (day: number): number => 8 + 0.7 * Math.sin((2 * Math.PI * (monthsOf(day) - 9)) / 21)

/** What this product costs a new customer, c/kWh with the retailer's margin; for spot over a whole year. */
export const offerPrice = (product: Product, day: number): number => {
  const fixed = fixedOffer(day)
  if (product === 'spot') return SPOT_MEAN + MARGIN.spot
  if (product === 'fixed 12') return fixed
  if (product === 'fixed 24') return fixed + 0.35
  if (product === 'green') return fixed + 1.1
  return 9.4 + 0.4 * (fixed - 8)
}

/** What the cheapest rival asks for a fixed term, c/kWh: the price that customers compare with. */
export const rivalPrice = (day: number): number => fixedOffer(day) - 0.4

/** The retailer's margin, c/kWh. */
export const MARGIN: Record<Product, number> = { spot: 0.45, 'fixed 12': 0.9, 'fixed 24': 1, green: 1.3, basic: 1.7 }

/** Euros a month. */
export const MONTHLY_FEE: Record<Product, number> = {
  spot: 3.9,
  'fixed 12': 4.5,
  'fixed 24': 4.5,
  green: 4.9,
  basic: 5.2,
}

/** The share of the monthly fee that is left after the cost of an invoice. */
export const FEE_MARGIN = 0.55

/** How a month's use compares with a twelfth of the year's: 1 on average over a year. */
export const seasonalUse = (day: number, electricHeating: boolean): number =>
  1 + (electricHeating ? 0.55 : 0.2) * season(monthsOf(day))
