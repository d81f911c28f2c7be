import type { Random } from '../../../nodes/lib/random.ts'
import { addMonths } from './calendar.ts'
import { makeContacts } from './contacts.ts'
import { firstContracts, renew } from './contracts.ts'
import { between, chance } from './draws.ts'
import { bill } from './invoices.ts'
import { BOUND_DAYS, leaveProbability, type Situation, termEndsSoon } from './leaving.ts'
import type { Person } from './people.ts'
import type { Contact, Contract, Ledger, Life, Window } from './records.ts'

export const makeWindow = (asOf: number, months: number): Window => ({
  asOf,
  starts: Array.from({ length: months + 1 }, (_, index) => addMonths(asOf, index - months)),
})

const count = (contacts: readonly Contact[], reason: string, from: number, to: number): number =>
  contacts.reduce((sum, c) => (c.reason === reason && c.day >= from && c.day < to ? sum + 1 : sum), 0)

/** What is known of a customer on `day`, the end of what was lived so far: the contract in force and the trail it has left. */
export const situationOn = (life: Life, contract: Contract, day: number): Situation => ({
  day,
  product: contract.product,
  price: contract.price,
  fixedUntil: contract.fixedUntil,
  complaints: count(life.contacts, 'complaint', day - 180, day),
  priceQuestions: count(life.contacts, 'price question', day - 180, day),
  movingNotices: count(life.contacts, 'moving', day - 90, day),
  lateInvoices: life.paidLate.slice(-6).filter((late) => late).length,
})

/** The home contract in force, the last one of its chain. */
export const homeContract = (life: Life): Contract => {
  const contract = life.contracts.findLast(({ premises }) => premises === 'home')
  if (contract === undefined) throw new Error('A customer has no home contract.')
  return contract
}

const leave = (life: Life, day: number, random: Random): void => {
  const moved = count(life.contacts, 'moving', day - 90, day) > 0
  life.left = day
  for (const contract of life.contracts) {
    if (contract.end !== undefined) continue
    contract.end = day
    contract.endReason = chance(random, moved ? 0.8 : 0.06) ? 'moved' : 'switched supplier'
  }
}

/** Whether they leave in this month. A term's end is the one decision of its last 90 days; without one, any day is as good. */
const decide = (life: Life, start: number, end: number, random: Random): void => {
  const { person } = life
  const contract = homeContract(life)
  const now = situationOn(life, contract, Math.max(start, contract.start))
  const until = contract.fixedUntil
  if (until !== undefined && until < end) {
    if (chance(random, leaveProbability(person, now))) leave(life, until, random)
    else life.contracts.push(renew(person, contract, until, random))
    return
  }
  const bound = contract.renewal && start < contract.start + BOUND_DAYS
  if (bound || termEndsSoon(now)) return
  const monthly = 1 - (1 - leaveProbability(person, now)) ** (1 / 3)
  if (chance(random, monthly)) leave(life, between(random, now.day + 1, end - 1), random)
}

/** Lives one person through the window, month by month, their invoices going into `ledger`. */
export const liveThrough = (person: Person, window: Window, ledger: Ledger, random: Random): Life => {
  const life: Life = {
    person,
    contracts: firstContracts(person, window, random),
    contacts: [],
    paidLate: [],
    left: undefined,
  }
  const joined = homeContract(life).start
  const billed = 3 + random.integer(23)
  for (let month = 0; month + 1 < window.starts.length; month++) {
    const [start = 0, end = 0] = window.starts.slice(month, month + 2)
    if (joined >= end - 1) continue
    decide(life, start, end, random)
    const until = life.left ?? end
    makeContacts(life, Math.max(start, joined), until, random)
    const day = Math.min(start + billed, end - 1)
    for (const contract of life.contracts) {
      const live = contract.start <= day - 20 && (contract.end === undefined || contract.end > day)
      if (live) bill(life, contract, day, window.asOf, ledger, random)
    }
    if (life.left !== undefined) break
  }
  return life
}
