import { type Random, random } from '../../../nodes/lib/random.ts'
import { dayOf } from './calendar.ts'
import { between } from './draws.ts'
import { emptyLedger } from './invoices.ts'
import { liveThrough, makeWindow } from './life.ts'
import { makePeople } from './people.ts'
import type { Contract, Ledger, Life, Window } from './records.ts'
import { DEFAULTS, HISTORY_MONTHS } from './settings.ts'

export interface WorldOptions {
  readonly seed?: number
  /** People, the former customers among them; those entered twice come on top. */
  readonly customers?: number
  /** The ISO date before which everything in the files happened. */
  readonly asOf?: string
}

/** An entry in the customer register: a row of customers.csv. */
export interface Registration {
  readonly id: string
  readonly life: Life
  readonly since: number
  /** The id the same person has already. */
  readonly duplicateOf: string | undefined
}

export interface World {
  readonly options: Required<WorldOptions>
  readonly window: Window
  readonly lives: readonly Life[]
  readonly ledger: Ledger
  /** In the order of their ids, which is that of joining. */
  readonly registrations: readonly Registration[]
  readonly idOf: ReadonlyMap<Contract, string>
  /** An independent source of random numbers for what is made of this world. */
  stream(name: string): Random
}

interface Entry {
  readonly life: Life
  readonly second: boolean
  readonly since: number
  readonly contracts: readonly Contract[]
}

const secondContracts = ({ contracts }: Life): readonly Contract[] => {
  const cottages = contracts.filter(({ premises }) => premises === 'cottage')
  return cottages.length > 0 ? cottages : contracts.slice(1)
}

const entriesOf = (life: Life, { asOf }: Window, source: Random): Entry[] => {
  const { person, contracts } = life
  const since = contracts.reduce((first, { start }) => Math.min(first, start), person.since)
  if (!person.enteredTwice) return [{ life, second: false, since, contracts }]
  const later = secondContracts(life)
  const again = later[0]?.start ?? between(source, since, asOf - 1)
  return [
    { life, second: false, since, contracts: contracts.filter((contract) => !later.includes(contract)) },
    { life, second: true, since: again, contracts: later },
  ]
}

const register = (lives: readonly Life[], window: Window, source: Random) => {
  const entries = lives.flatMap((life) => entriesOf(life, window, source))
  // The sort is stable: of two that joined on a day, the first made comes first, and a person's first entry before the second.
  entries.sort((a, b) => a.since - b.since)
  const firstIds = new Map<Life, string>()
  const idOf = new Map<Contract, string>()
  const registrations = entries.map(({ life, since, contracts }, index): Registration => {
    const id = `S${100_001 + index}`
    const duplicateOf = firstIds.get(life)
    if (duplicateOf === undefined) firstIds.set(life, id)
    for (const contract of contracts) idOf.set(contract, id)
    return { id, life, since, duplicateOf }
  })
  return { registrations, idOf }
}

/** Checks what the command line and the tests may set; throws a RangeError that says what would be right. */
export const checkOptions = ({ seed, customers, asOf }: WorldOptions): Required<WorldOptions> => {
  const options = { ...DEFAULTS, ...(seed !== undefined && { seed }), ...(asOf !== undefined && { asOf }) }
  const count = customers ?? DEFAULTS.customers
  if (!Number.isInteger(count) || count < 1 || count > 2_000_000) {
    throw new RangeError(`customers must be a whole number from 1 to 2000000, got ${count}.`)
  }
  if (!Number.isSafeInteger(options.seed)) throw new RangeError(`seed must be a whole number, got ${options.seed}.`)
  const day = dayOf(options.asOf)
  if (day < dayOf('2000-01-01') || day > dayOf('2099-12-31')) {
    throw new RangeError(`as-of must lie between 2000-01-01 and 2099-12-31, got ${options.asOf}.`)
  }
  return { ...options, customers: count }
}

/** The retailer's whole history and its hidden factors, decided by the seed alone. */
export const makeWorld = (options: WorldOptions = {}): World => {
  const checked = checkOptions(options)
  const root = random(checked.seed).stream('sahkoyhtio')
  const asOf = dayOf(checked.asOf)
  const window = makeWindow(asOf, HISTORY_MONTHS)
  const people = makePeople(root.stream('people'), checked.customers, window.starts[0] ?? asOf, asOf)
  const source = root.stream('lives')
  const ledger = emptyLedger()
  const lives = people.map((person) => liveThrough(person, window, ledger, source))
  return {
    options: checked,
    window,
    lives,
    ledger,
    ...register(lives, window, root.stream('register')),
    stream: (name) => root.stream(name),
  }
}
