import type { Person } from './people.ts'
import type { Product } from './settings.ts'

type EndReason = 'renewed' | 'switched supplier' | 'moved'

export interface Contract {
  readonly premises: 'home' | 'cottage'
  readonly product: Product
  readonly start: number
  readonly fixedUntil: number | undefined
  /** c/kWh; for spot what it was expected to cost at the start. */
  readonly price: number
  readonly annualKwh: number
  /** True where it followed another contract without a gap. */
  readonly renewal: boolean
  end: number | undefined
  endReason: EndReason | undefined
}

/** The invoices of everybody, a column each: there are half a million, too many for objects. */
export interface Ledger {
  readonly contracts: Contract[]
  readonly days: number[]
  readonly kwh: number[]
  readonly cents: number[]
  readonly marginCents: number[]
  /** -1 where it was not yet paid on the as-of date. */
  readonly lateDays: number[]
}

export interface Contact {
  readonly day: number
  readonly channel: string
  readonly reason: string
  readonly direction: 'in' | 'out'
}

/** The months of the history: `starts[0]` is its first day, the last one is the as-of date. */
export interface Window {
  readonly starts: readonly number[]
  readonly asOf: number
}

/** What one person did in the window. */
export interface Life {
  readonly person: Person
  readonly contracts: Contract[]
  readonly contacts: Contact[]
  /** Per home invoice so far, whether it was paid more than a week late. */
  readonly paidLate: boolean[]
  /** The day they left, undefined while they are customers. */
  left: number | undefined
}
