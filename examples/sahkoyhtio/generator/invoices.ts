import type { Random } from '../../../nodes/lib/random.ts'
import { chance, exponential, logistic } from './draws.ts'
import type { Person } from './people.ts'
import { FEE_MARGIN, MARGIN, MONTHLY_FEE, seasonalUse, spotPrice } from './prices.ts'
import type { Contract, Ledger, Life } from './records.ts'

/** Days from an invoice to its due date. */
const DUE_DAYS = 14

/** The margin of one month's use, euros. */
export const monthlyMargin = (contract: Contract, kwh: number): number =>
  (kwh * MARGIN[contract.product]) / 100 + MONTHLY_FEE[contract.product] * FEE_MARGIN

/** The use to expect of a contract in the month about `day`, kWh. */
export const expectedUse = (person: Person, contract: Contract, day: number): number =>
  (contract.annualKwh / 12) * seasonalUse(day, person.electricHeating)

export const emptyLedger = (): Ledger => ({
  contracts: [],
  days: [],
  kwh: [],
  cents: [],
  marginCents: [],
  lateDays: [],
})

/** Bills `contract` on `day` for the month before. What is paid on the as-of date or later is not yet known. */
export const bill = (
  life: Life,
  contract: Contract,
  day: number,
  asOf: number,
  ledger: Ledger,
  random: Random,
): void => {
  const { person } = life
  const kwh = Math.round(expectedUse(person, contract, day - 15) * Math.exp(0.12 * random.normal()))
  const price = contract.product === 'spot' ? spotPrice(day - 15) + MARGIN.spot : contract.price
  const late = chance(random, logistic(-2.4 + 1.2 * person.lateness)) ? 1 + Math.floor(exponential(random, 14)) : 0
  const paid = day + DUE_DAYS + late < asOf
  ledger.contracts.push(contract)
  ledger.days.push(day)
  ledger.kwh.push(kwh)
  ledger.cents.push(Math.round(kwh * price + MONTHLY_FEE[contract.product] * 100))
  ledger.marginCents.push(Math.round(monthlyMargin(contract, kwh) * 100))
  ledger.lateDays.push(paid ? late : -1)
  if (contract.premises === 'home') life.paidLate.push(paid && late > 7)
}
