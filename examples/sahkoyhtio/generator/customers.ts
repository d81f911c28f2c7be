import type { Random } from '../../../nodes/lib/random.ts'
import { finnishDate } from './calendar.ts'
import { euros, line } from './csv.ts'
import {
  befalls,
  type DirtTruth,
  impossibleBirthDay,
  misspell,
  noDirt,
  padBlanks,
  shout,
  spoilEmail,
  writePhone,
} from './dirt.ts'
import { between, chance, pick } from './draws.ts'
import { MAIL_DOMAINS, NONEXISTENT_POSTAL_CODES, STREETS } from './names.ts'
import { makeAddress, type Person } from './people.ts'
import { DIRT } from './settings.ts'
import type { Registration, World } from './world.ts'

const CUSTOMER_COLUMNS = [
  'customer_id',
  'first_name',
  'last_name',
  'email',
  'phone',
  'street',
  'postal_code',
  'city',
  'address_updated',
  'birth_date',
  'language',
  'customer_since',
  'deposit_eur',
] as const

const STALE_DAYS = 3 * 365.25

const names = ({ first, last }: Person, id: string, repeated: boolean, random: Random, truth: DirtTruth) => {
  // Whoever enters somebody again rarely looks the spelling up.
  const often = repeated ? 15 : 1
  const name = { first, last }
  const part = chance(random, 0.3) ? 'first' : 'last'
  if (befalls(truth, 'misspeltName', id, random, DIRT.misspeltName * often)) name[part] = misspell(random, name[part])
  if (befalls(truth, 'shoutedName', id, random, DIRT.shoutedName * (repeated ? 5 : 1))) {
    name.first = shout(name.first)
    name.last = shout(name.last)
  }
  if (befalls(truth, 'paddedBlanks', id, random, DIRT.paddedBlanks)) name[part] = padBlanks(random, name[part])
  return name
}

const mailAddress = ({ email }: Person, id: string, repeated: boolean, random: Random, truth: DirtTruth): string => {
  if (befalls(truth, 'missingEmail', id, random, DIRT.missingEmail * (repeated ? 5 : 1))) return ''
  if (befalls(truth, 'invalidEmail', id, random, DIRT.invalidEmail)) return spoilEmail(random, email)
  const another = repeated && chance(random, 0.2)
  return another ? `${email.slice(0, email.indexOf('@'))}@${pick(random, MAIL_DOMAINS)}` : email
}

const birthDate = (person: Person, id: string, asOf: number, random: Random, truth: DirtTruth): string => {
  if (befalls(truth, 'missingBirthDate', id, random, DIRT.missingBirthDate)) return ''
  const impossible = befalls(truth, 'impossibleBirthDate', id, random, DIRT.impossibleBirthDate)
  return finnishDate(impossible ? impossibleBirthDay(random, asOf) : person.birthDay)
}

const postalCode = (code: string, id: string, random: Random, truth: DirtTruth): string => {
  if (befalls(truth, 'missingPostalCode', id, random, DIRT.missingPostalCode)) return ''
  if (befalls(truth, 'nonexistentPostalCode', id, random, DIRT.nonexistentPostalCode)) {
    return pick(random, NONEXISTENT_POSTAL_CODES)
  }
  const zero = code.startsWith('0') && befalls(truth, 'lostLeadingZero', id, random, DIRT.lostLeadingZero)
  return zero ? String(Number(code)) : code
}

const addressUpdated = ({ id, since }: Registration, asOf: number, random: Random, truth: DirtTruth): number => {
  const old = since < asOf - STALE_DAYS
  if (old && befalls(truth, 'staleAddress', id, random, DIRT.staleAddress)) {
    befalls(truth, 'movedAway', id, random, DIRT.movedAway)
    return between(random, since, Math.floor(asOf - STALE_DAYS) - 1)
  }
  return between(random, Math.max(since, Math.ceil(asOf - STALE_DAYS)), asOf - 1)
}

const customerRow = (registration: Registration, asOf: number, random: Random, truth: DirtTruth): string[] => {
  const { id, life, since, duplicateOf } = registration
  const { person } = life
  const repeated = duplicateOf !== undefined
  const { first, last } = names(person, id, repeated, random, truth)
  const email = mailAddress(person, id, repeated, random, truth)
  const phone = befalls(truth, 'missingPhone', id, random, DIRT.missingPhone) ? '' : writePhone(random, person.phone)
  const address = repeated && chance(random, 0.35) ? makeAddress(random) : person.address
  const code = postalCode(address.postalCode, id, random, truth)
  const updated = addressUpdated(registration, asOf, random, truth)
  const birth = birthDate(person, id, asOf, random, truth)
  const deposit = euros(chance(random, person.lateness > 1 ? 0.5 : 0.05) ? 5000 + 2550 * random.integer(9) : 0, ',')
  const dates = [finnishDate(updated), birth, person.language, finnishDate(since)]
  return [id, first, last, email, phone, address.street, code, address.city, ...dates, deposit]
}

/** Lines that no reader can parse: broken off, with a delimiter too many, or no row at all. */
const unparsableLines = (count: number, random: Random): string[] =>
  Array.from({ length: count }, (_, index) => {
    const id = `S9${String(index).padStart(5, '0')}`
    const street = `${pick(random, STREETS)} ${between(random, 1, 60)}`
    const shapes = [
      `${id};Aino;Virtanen;aino.virtanen@posti.example`,
      `${id};Eero;Laine;;040 555 0000;${street}; 2. krs; B;33100;Tampere;1.2.2024;3.4.1961;fi;5.6.2019;0,00`,
      `*** siirto keskeytyi ${id} ***`,
    ]
    return shapes[index % shapes.length] ?? ''
  })

/** The lines of customers.csv (`;`, decimal comma, d.m.yyyy) in no order at all, and the truth about their dirt. */
export const customerLines = (world: World): { lines: string[]; unparsable: number; truth: DirtTruth } => {
  const source = world.stream('customers')
  const truth = noDirt()
  const rows = world.registrations.map((one) => line(customerRow(one, world.window.asOf, source, truth), ';'))
  const unparsable = Math.max(3, Math.round(rows.length * DIRT.unparsable))
  const all = [...rows, ...unparsableLines(unparsable, source)]
  const order = source.shuffle(Int32Array.from(all.keys()))
  return { lines: [CUSTOMER_COLUMNS.join(';'), ...Array.from(order, (index) => all[index] ?? '')], unparsable, truth }
}
