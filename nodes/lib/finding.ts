// What a node has to say to a person. Types only, as in table.ts.

export interface Metric {
  readonly kind: 'metric'
  /** The name `stop:` conditions and other programs use: `auc`, `match_rate`. */
  readonly name: string
  readonly label: string
  readonly value: number | null
  /** How a person reads it. `share` is 0–1 shown as percent, `money` an amount in the client's currency. */
  readonly unit?: 'count' | 'share' | 'money' | 'score' | 'number' | 'days' | 'p'
  /** The code of ISO 4217 of an amount of money; the client's where the node names none. */
  readonly currency?: string
  /** A confidence interval, lower and upper end, in the unit of the value. */
  readonly interval?: readonly [number, number]
  readonly note?: string
}

export interface FindingTable {
  readonly kind: 'table'
  readonly title: string
  readonly columns: readonly string[]
  /** Small: a report shows at most 200 rows. Never customers' personal data. */
  readonly rows: readonly (readonly (string | number | boolean | null)[])[]
  readonly note?: string
}

export interface Figure {
  readonly kind: 'figure'
  readonly title: string
  /** Plotly traces of the cartesian bundle (scatter, bar, box, heatmap, histogram, pie, violin). */
  readonly data: readonly Record<string, unknown>[]
  readonly layout?: Record<string, unknown>
  /** What the figure shows, in words, for who cannot see it. */
  readonly description: string
}

export interface Note {
  readonly kind: 'note'
  readonly level: 'info' | 'warning'
  readonly text: string
}

export type Finding = Metric | FindingTable | Figure | Note
