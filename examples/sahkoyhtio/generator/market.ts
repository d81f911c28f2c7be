import { type Random, random } from '../../../nodes/lib/random.ts'
import { isoDate } from './calendar.ts'
import { expectedUse, monthlyMargin } from './invoices.ts'
import { BOUND_DAYS, contactedProbability, isPersuadable, leaveProbability, termEndsSoon } from './leaving.ts'
import { homeContract, situationOn } from './life.ts'
import type { Life } from './records.ts'
import { HORIZON_DAYS, RESPONSE } from './settings.ts'
import { makeWorld, type World, type WorldOptions } from './world.ts'

/** What will become of a live customer within 90 days from the as-of date, contacted or not. */
export interface Potential {
  readonly ids: readonly string[]
  /** The probability of leaving when nobody contacts them. */
  readonly uncontacted: number
  /** The probability of leaving when they are contacted, never above `uncontacted`. */
  readonly contacted: number
  readonly persuadable: boolean
  /** The day (from 0, the as-of date) on which they can leave at all: a term's end. Undefined where any day is as good. */
  readonly termEnd: number | undefined
  /** The margin of 90 days as a customer, euros. */
  readonly value: number
}

/** A row of outcomes.csv. Both ids of a person entered twice get a row, each with the person's whole value. */
export interface Outcome {
  readonly customer_id: string
  /** ISO, empty for who stayed. */
  readonly left_on: string
  readonly retained: 0 | 1
  /** Answered the contact, or asked for a new contract without one. */
  readonly responded: 0 | 1
  /** The margin from the as-of date until they left or the 90 days were over, euros. */
  readonly value_eur: number
}

const potentialOf = (life: Life, ids: readonly string[], asOf: number): Potential => {
  const { person } = life
  const contract = homeContract(life)
  const now = situationOn(life, contract, asOf)
  const bound = contract.renewal && !termEndsSoon(now) ? Math.max(contract.start + BOUND_DAYS - asOf, 0) : 0
  const uncontacted = leaveProbability(person, now) * (1 - bound / HORIZON_DAYS)
  const value = life.contracts
    .filter(({ end }) => end === undefined)
    .reduce((sum, live) => {
      const months = [15, 45, 75].map((days) => monthlyMargin(live, expectedUse(person, live, asOf + days)))
      return sum + months.reduce((total, euros) => total + euros, 0)
    }, 0)
  return {
    ids,
    uncontacted,
    contacted: contactedProbability(person, uncontacted),
    persuadable: isPersuadable(person, uncontacted),
    termEnd: termEndsSoon(now) && now.fixedUntil !== undefined ? now.fixedUntil - asOf : undefined,
    value,
  }
}

const potentialsOf = ({ lives, registrations, window }: World): Potential[] => {
  const ids = new Map<Life, string[]>()
  for (const { id, life } of registrations) ids.set(life, [...(ids.get(life) ?? []), id])
  return lives
    .filter(({ left }) => left === undefined)
    .map((life) => potentialOf(life, ids.get(life) ?? [], window.asOf))
}

const round = (euros: number): number => Math.round(euros * 100) / 100

export interface Market {
  readonly potentials: readonly Potential[]
  /**
   * The 90 days after the as-of date, given the ids that were contacted: one row per id of a live
   * customer, by id. The chances fall with `draw` (the world's seed by default); a customer's are the
   * same whoever is contacted. Throws on an id that is in no register.
   */
  outcomes(contacted: Iterable<string>, draw?: number): Outcome[]
  /** The true average effect of contact on retention (difference of shares, 0–1) among live customers. */
  trueEffect(ids: Iterable<string>): number
  /** The true average effect of contact on `value_eur` among live customers, euros. */
  trueValueEffect(ids: Iterable<string>): number
}

type Fate = Omit<Outcome, 'customer_id'>

const fateOf = (potential: Potential, treated: boolean, chances: Random, asOf: number): Fate => {
  const [leaves, when, answers] = [chances.uniform(), chances.uniform(), chances.uniform()]
  const left = leaves < (treated ? potential.contacted : potential.uncontacted)
  const stayed = left ? (potential.termEnd ?? Math.floor(when * HORIZON_DAYS)) : HORIZON_DAYS
  const rate = treated ? RESPONSE[potential.persuadable ? 'persuadable' : 'other'] : RESPONSE.uncontacted
  return {
    left_on: left ? isoDate(asOf + stayed) : '',
    retained: left ? 0 : 1,
    responded: answers < rate ? 1 : 0,
    value_eur: round((potential.value * stayed) / HORIZON_DAYS),
  }
}

/** The margin that is lost when this customer leaves, on average over the days they may leave on. */
const valueOfStaying = ({ value, termEnd }: Potential): number =>
  value * (1 - (termEnd ?? (HORIZON_DAYS - 1) / 2) / HORIZON_DAYS)

/** The market after the as-of date of a world: what contacting whom would bring, and what it truly is worth. */
export const openMarket = (options: WorldOptions | World = {}): Market => {
  const world = 'lives' in options ? options : makeWorld(options)
  const potentials = potentialsOf(world)
  const byId = new Map(potentials.flatMap((potential) => potential.ids.map((id) => [id, potential])))
  const positions = new Map([...byId.keys()].sort().map((id, position) => [id, position]))
  const registered = new Set(world.registrations.map(({ id }) => id))
  const mean = (ids: Iterable<string>, effect: (potential: Potential) => number): number => {
    const effects = [...new Set(ids)].map((id) => {
      const potential = byId.get(id)
      if (potential === undefined) throw new RangeError(`${id} is not a customer on ${world.options.asOf}.`)
      return effect(potential)
    })
    if (effects.length === 0) throw new RangeError('An effect needs at least one customer.')
    return effects.reduce((sum, value) => sum + value, 0) / effects.length
  }
  return {
    potentials,
    outcomes: (contacted, draw = world.options.seed) => {
      const ids = new Set(contacted)
      const stranger = [...ids].find((id) => !registered.has(id))
      if (stranger !== undefined) {
        throw new Error(
          `"${stranger}" is in no register of seed ${world.options.seed} and ${world.options.customers} customers: were the contacts made with other data?`,
        )
      }
      const chances = random(draw).stream('sahkoyhtio').stream('outcomes')
      const rows: Outcome[] = []
      for (const potential of potentials) {
        const treated = potential.ids.some((id) => ids.has(id))
        const fate = fateOf(potential, treated, chances, world.window.asOf)
        for (const id of potential.ids) rows[positions.get(id) ?? rows.length] = { customer_id: id, ...fate }
      }
      return rows
    },
    trueEffect: (ids) => mean(ids, (p) => p.uncontacted - p.contacted),
    trueValueEffect: (ids) => mean(ids, (p) => (p.uncontacted - p.contacted) * valueOfStaying(p)),
  }
}

/** The rows of outcomes.csv: what the customers of this seed did after `contacted` were contacted. */
export const simulateMarket = ({
  contacted,
  draw,
  ...options
}: WorldOptions & { contacted: Iterable<string>; draw?: number }): Outcome[] =>
  openMarket(options).outcomes(contacted, draw)

/** outcomes.csv as text. */
export const outcomesCsv = (outcomes: readonly Outcome[]): string => {
  const columns = ['customer_id', 'left_on', 'retained', 'responded', 'value_eur'] as const
  const rows = outcomes.map((outcome) => columns.map((column) => outcome[column]).join(','))
  return `${[columns.join(','), ...rows].join('\n')}\n`
}
