import type { Random } from '../../../nodes/lib/random.ts'
import { between, exponential, weighted } from './draws.ts'
import type { Contact, Life } from './records.ts'

const CHANNELS = { phone: 45, email: 30, chat: 22, post: 3 } as const

/** Contacts of each reason to expect in a month. The discontented complain, the price-sensitive ask about prices. */
const monthlyRates = ({ person }: Life) => ({
  complaint: 0.022 * Math.exp(-0.75 * person.satisfaction),
  'price question': 0.022 * Math.exp(0.7 * person.sensitivity),
  invoice: 0.022 * Math.exp(0.4 * person.lateness),
  moving: 0.007,
  outage: 0.006,
  'service call': 0.02,
})

/** Adds what is said between the customer and the retailer from `start` to the day before `end`, in order of time. */
export const makeContacts = (life: Life, start: number, end: number, random: Random): void => {
  const rates = monthlyRates(life)
  const total = Object.values(rates).reduce((sum, rate) => sum + rate, 0)
  const contacts: Contact[] = []
  for (let time = exponential(random, 1 / total); time < (end - start) / 30.4; time += exponential(random, 1 / total)) {
    const reason = weighted(random, rates)
    contacts.push({
      day: between(random, start, end - 1),
      reason,
      channel: weighted(random, CHANNELS),
      direction: reason === 'service call' ? 'out' : 'in',
    })
  }
  life.contacts.push(...contacts.sort((a, b) => a.day - b.day))
}
