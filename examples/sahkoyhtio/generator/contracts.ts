import type { Random } from '../../../nodes/lib/random.ts'
import { addMonths } from './calendar.ts'
import { between, chance, weighted } from './draws.ts'
import type { Person } from './people.ts'
import { offerPrice } from './prices.ts'
import type { Contract, Window } from './records.ts'
import { CLASSES, type Product } from './settings.ts'

const TERM_MONTHS: Partial<Record<Product, number>> = { 'fixed 12': 12, 'fixed 24': 24 }

const cents = (euros: number): number => Math.round(euros * 100) / 100

const makeContract = (
  person: Person,
  product: Product,
  start: number,
  random: Random,
  more: Partial<Pick<Contract, 'renewal' | 'premises' | 'annualKwh'>> = {},
): Contract => {
  const term = TERM_MONTHS[product]
  const haggled = product === 'spot' ? 0 : 0.7 * random.normal()
  return {
    premises: 'home',
    product,
    start,
    fixedUntil: term === undefined ? undefined : addMonths(start, term),
    price: cents(offerPrice(product, start) + haggled),
    annualKwh: person.annualKwh,
    renewal: false,
    end: undefined,
    endReason: undefined,
    ...more,
  }
}

const startOfFirst = (person: Person, product: Product, first: number, random: Random): number => {
  if (person.since >= first) return person.since
  // A fixed term that is running at the window's start began less than its length before.
  const earliest = addMonths(first, -(TERM_MONTHS[product] ?? 48)) + 1
  return between(random, Math.max(person.since, earliest), first - 1)
}

const earlierContract = (person: Person, before: number, random: Random): Contract => {
  const end = before - between(random, 30, 300)
  const start = Math.min(person.since, end - between(random, 200, 900))
  return { ...makeContract(person, 'basic', start, random), end, endReason: 'moved' }
}

/**
 * The contracts a person comes into the window with: one for the home, the last of the list but for a
 * second home's. Some of those entered twice had an earlier one that ended long before.
 */
export const firstContracts = (person: Person, { starts, asOf }: Window, random: Random): Contract[] => {
  const windowStart = starts[0] ?? asOf
  const product = weighted(random, CLASSES[person.purchaseClass].products)
  const home = makeContract(person, product, startOfFirst(person, product, windowStart, random), random)
  if (person.cottage) {
    const annualKwh = between(random, 80, 600) * 10
    const second = weighted(random, { spot: 35, basic: 65 })
    return [home, makeContract(person, second, home.start, random, { premises: 'cottage', annualKwh })]
  }
  const returned = person.enteredTwice && chance(random, 0.6)
  return returned ? [earlierContract(person, Math.min(home.start, windowStart), random), home] : [home]
}

/** Ends `contract` at its term and gives the one that follows: mostly the same product, else one without a term. */
export const renew = (person: Person, contract: Contract, day: number, random: Random): Contract => {
  contract.end = day
  contract.endReason = 'renewed'
  const product = chance(random, 0.65) ? contract.product : weighted(random, { spot: 50, basic: 50 })
  return makeContract(person, product, day, random, { renewal: true })
}
