import { logistic } from './draws.ts'
import { inclination, type Person } from './people.ts'
import { offerPrice, rivalPrice } from './prices.ts'
import { CONTACT_EFFECT, HORIZON_DAYS, LEAVING, type Product } from './settings.ts'

/** What has happened to a customer by a day, all of it in the files. */
export interface Situation {
  readonly day: number
  readonly product: Product
  /** c/kWh agreed; for spot what it was expected to cost when it was signed. */
  readonly price: number
  readonly fixedUntil: number | undefined
  readonly complaints: number
  readonly priceQuestions: number
  readonly movingNotices: number
  /** Of the last six invoices, those paid more than a week late. */
  readonly lateInvoices: number
}

export const termEndsSoon = ({ day, fixedUntil }: Situation): boolean =>
  fixedUntil !== undefined && fixedUntil < day + HORIZON_DAYS

/** Days after a renewal on which nobody leaves: the new contract binds both. */
export const BOUND_DAYS = HORIZON_DAYS

/**
 * The hidden probability, 0–1, that this person leaves within 90 days of `situation.day` when nobody
 * contacts them. It uses only what happened before that day.
 */
export const leaveProbability = (person: Person, situation: Situation): number => {
  const { day, product } = situation
  const paid = product === 'spot' ? offerPrice('spot', day) : situation.price
  const gap = Math.max(Math.min(paid - rivalPrice(day), 4), -4)
  const score =
    LEAVING.intercept +
    inclination(person) +
    LEAVING.product[product] +
    (termEndsSoon(situation) ? LEAVING.termEnds : 0) +
    LEAVING.priceGap * gap * Math.exp(0.5 * person.sensitivity) +
    LEAVING.tenure * Math.log1p(Math.max(day - person.since, 0) / 365.25) +
    LEAVING.complaint * Math.min(situation.complaints, 2) +
    LEAVING.priceQuestion * Math.min(situation.priceQuestions, 1) +
    LEAVING.moving * Math.min(situation.movingNotices, 1) +
    LEAVING.latePayment * situation.lateInvoices +
    LEAVING.consumption * Math.log(person.annualKwh / 5000) +
    LEAVING.age * Math.max((day - person.birthDay) / 3652.5 - 5, 0)
  return logistic(score)
}

/** Whether a contact changes this person's mind: price-sensitive and at risk. */
export const isPersuadable = (person: Person, probability: number): boolean =>
  person.sensitivity >= CONTACT_EFFECT.sensitivity && probability >= CONTACT_EFFECT.risk

/** The probability of leaving once contacted: never above `probability`. */
export const contactedProbability = (person: Person, probability: number): number => {
  if (!isPersuadable(person, probability)) return probability
  const odds = (CONTACT_EFFECT.oddsRatio * probability) / (1 - probability)
  return odds / (1 + odds)
}
