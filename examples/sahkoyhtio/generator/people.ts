import type { Random } from '../../../nodes/lib/random.ts'
import { between, chance, digits, exponential, pick, weighted } from './draws.ts'
import { type Language, MAIL_DOMAINS, NAMES, PLACES, STREETS } from './names.ts'
import { CLASSES, DIRT, LEAVING, type PurchaseClass } from './settings.ts'

interface Address {
  readonly street: string
  readonly postalCode: string
  readonly city: string
}

/** What drives a person and no file of the retailer shows, all about standard normal. */
interface Mind {
  readonly purchaseClass: PurchaseClass
  readonly sensitivity: number
  readonly satisfaction: number
  readonly lateness: number
  readonly unseen: number
}

/** The part of the log odds of leaving that lies in the person and not in their situation. */
export const inclination = (mind: Pick<Mind, 'purchaseClass' | 'sensitivity' | 'unseen'>): number =>
  LEAVING.class[mind.purchaseClass] + LEAVING.sensitivity * mind.sensitivity + LEAVING.unseen * mind.unseen

/** An invented person. */
export interface Person extends Mind {
  readonly first: string
  readonly last: string
  readonly language: Language
  readonly email: string
  /** Digits after the country code: 40 555 1234. */
  readonly phone: string
  readonly address: Address
  readonly birthDay: number
  /** The day of the first contract. */
  readonly since: number
  readonly electricHeating: boolean
  readonly annualKwh: number
  readonly cottage: boolean
  /** Entered into the register a second time, as if somebody else. */
  readonly enteredTwice: boolean
}

// Object.fromEntries forgets the keys: they are those of CLASSES.
const CLASS_SHARES = Object.fromEntries(Object.entries(CLASSES).map(([name, { share }]) => [name, share])) as Record<
  PurchaseClass,
  number
>

export const makeAddress = (random: Random): Address => {
  const town = pick(random, PLACES, 1.6)
  const number = between(random, 1, 96)
  const street = `${pick(random, STREETS)} ${number}`
  const form = random.uniform()
  const door = `${pick(random, ['A', 'B', 'C', 'D'])} ${between(random, 1, 60)}`
  // A dash and a quotation mark now and then: what a careless reader of CSV or of Windows-1252 trips over.
  if (form < 0.02) return { ...town, street: `${street}–${number + 2}` }
  if (form < 0.023) return { ...town, street: `${street} "piharakennus"` }
  if (form < 0.026) return { ...town, street: `${street}; ${door}` }
  return { ...town, street: form < 0.55 ? `${street} ${door}` : street }
}

const ascii = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z]/g, '')

const makeEmail = (random: Random, first: string, last: string, used: Set<string>): string => {
  const domain = pick(random, MAIL_DOMAINS)
  const local = `${ascii(first)}.${ascii(last)}`
  let email = `${local}@${domain}`
  for (let number = 1; used.has(email); number++) email = `${local}${number}@${domain}`
  used.add(email)
  return email
}

const makeUse = (random: Random) => {
  const dwelling = weighted(random, { flat: 50, row: 20, house: 30 })
  const typical = { flat: 1900, row: 6500, house: 15500 }[dwelling]
  return {
    electricHeating: dwelling !== 'flat',
    annualKwh: Math.round((typical * Math.exp(0.35 * random.normal())) / 10) * 10,
  }
}

const makeMind = (random: Random) => {
  const purchaseClass = weighted(random, CLASS_SHARES)
  return {
    purchaseClass,
    sensitivity: CLASSES[purchaseClass].sensitivity + 0.7 * random.normal(),
    satisfaction: random.normal(),
    lateness: random.normal(),
    unseen: random.normal(),
  }
}

/** Somebody who has been a customer for years is one of those who stay: the restless left before the files begin. */
const makeSettledMind = (random: Random, years: number) => {
  for (;;) {
    const mind = makeMind(random)
    const restless = 0.05 * Math.exp(inclination(mind))
    if (chance(random, (1 - Math.min(restless, 0.4)) ** Math.min(years * 4, 8))) return mind
  }
}

/** Years, 19 to 94. Drawn again beyond these, since a limit would give many the same birthday. */
const drawAge = (random: Random): number => {
  for (;;) {
    const age = 47 + 17 * random.normal()
    if (age >= 19 && age < 95) return age
  }
}

/**
 * `count` invented people. `windowStart` is the first day of the history: three in five are
 * customers by then, the rest join evenly before `asOf`, so that the base keeps its size.
 */
export const makePeople = (random: Random, count: number, windowStart: number, asOf: number): Person[] => {
  const used = new Set<string>()
  return Array.from({ length: count }, () => {
    const language = weighted(random, { fi: 88, sv: 6, en: 6 })
    const first = pick(random, NAMES[language].first, 1.5)
    const last = pick(random, NAMES[language].last, 1.5)
    const old = chance(random, 0.6)
    const years = old ? Math.min(exponential(random, 4), 16) : 0
    const enteredTwice = chance(random, DIRT.duplicate)
    const age = drawAge(random)
    return {
      first,
      last,
      language,
      email: makeEmail(random, first, last, used),
      phone: `${pick(random, ['40', '41', '44', '45', '46', '50'])} 555 ${digits(random, 4)}`,
      address: makeAddress(random),
      birthDay: Math.floor(asOf - age * 365.25),
      since: old ? windowStart - 1 - Math.floor(years * 365) : between(random, windowStart, asOf - 1),
      ...makeUse(random),
      enteredTwice,
      // Second homes are what people are entered twice for.
      cottage: chance(random, enteredTwice ? 0.4 : 0.06),
      ...makeSettledMind(random, years),
    }
  })
}
