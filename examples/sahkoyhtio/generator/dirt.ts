import type { Random } from '../../../nodes/lib/random.ts'
import { between, chance, pick } from './draws.ts'

const swapLetters = (name: string, at: number): string =>
  name.slice(0, at) + name.charAt(at + 1) + name.charAt(at) + name.slice(at + 2)
const dropLetter = (name: string, at: number): string => name.slice(0, at) + name.slice(at + 1)
const doubleLetter = (name: string, at: number): string => name.slice(0, at) + name.charAt(at) + name.slice(at)
const loseDots = (name: string): string =>
  name.replace(/[äöåÄÖÅ]/, (letter) => ({ ä: 'a', ö: 'o', å: 'a', Ä: 'A', Ö: 'O', Å: 'A' })[letter] ?? letter)
const changeEnd = (name: string): string =>
  name.endsWith('nen') ? `${name.slice(0, -3)}en` : `${name}${name.endsWith('n') ? 'en' : 'n'}`

/** The name as a tired hand types it; always another text than `name`. */
export const misspell = (random: Random, name: string): string => {
  const at = between(random, 1, Math.max(name.length - 3, 1))
  const wrong = pick(random, [swapLetters(name, at), dropLetter(name, at), doubleLetter(name, at), loseDots(name)], 1.2)
  return wrong === name ? changeEnd(name) : wrong
}

/** A phone number of `40 555 1234` in one of the ways people write it. */
export const writePhone = (random: Random, number: string): string => {
  const [prefix = '', ...rest] = number.split(' ')
  const joined = rest.join('')
  return pick(random, [
    `+358 ${number}`,
    `0${prefix} ${rest.join(' ')}`,
    `0${prefix}-${joined}`,
    `0${prefix}${joined}`,
    `+358${prefix}${joined}`,
  ])
}

/** An address no mail server would take. */
export const spoilEmail = (random: Random, email: string): string =>
  pick(random, [
    email.replace('@', '(at)'),
    email.replace('@', ''),
    email.replace('@', '@@'),
    `${email.slice(0, email.indexOf('@'))}@`,
    email.replace('.', ' '),
    'ei ole',
  ])

/** A day that can be read as a date but on which no customer was born: the future, or a default of an old system. */
export const impossibleBirthDay = (random: Random, asOf: number): number =>
  pick(random, [asOf + between(random, 30, 12_000), asOf - between(random, 1, 2000), -25_567, -28_000])

/** `name` with blanks that do not belong. */
export const padBlanks = (random: Random, name: string): string => pick(random, [` ${name}`, `${name} `, `  ${name} `])

/** The addresses of a typist who holds the shift key. */
export const shout = (text: string): string => text.toUpperCase()

/** Which rows each kind of dirt befell, by customer id: the truth that a health check is measured against. */
export type DirtTruth = Record<
  | 'misspeltName'
  | 'shoutedName'
  | 'paddedBlanks'
  | 'nonexistentPostalCode'
  | 'lostLeadingZero'
  | 'missingPostalCode'
  | 'missingEmail'
  | 'invalidEmail'
  | 'missingPhone'
  | 'missingBirthDate'
  | 'impossibleBirthDate'
  | 'staleAddress'
  | 'movedAway',
  string[]
>

export const noDirt = (): DirtTruth => ({
  misspeltName: [],
  shoutedName: [],
  paddedBlanks: [],
  nonexistentPostalCode: [],
  lostLeadingZero: [],
  missingPostalCode: [],
  missingEmail: [],
  invalidEmail: [],
  missingPhone: [],
  missingBirthDate: [],
  impossibleBirthDate: [],
  staleAddress: [],
  movedAway: [],
})

/** Lets a kind of dirt befall a row with its probability, and notes that it did. */
export const befalls = (
  truth: DirtTruth,
  kind: keyof DirtTruth,
  id: string,
  random: Random,
  probability: number,
): boolean => {
  const yes = chance(random, probability)
  if (yes) truth[kind].push(id)
  return yes
}
