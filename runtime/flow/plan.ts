import type { Column } from '../../nodes/node.ts'
import type { BoundStep } from '../step/bind.ts'
import type { Link } from './links.ts'
import type { ParamValues } from './params.ts'
import type { FlowStep } from './schema.ts'

/** A step that was found sound: what it uses, with every setting and reference resolved. */
export interface PlannedStep extends BoundStep {
  readonly name: string
  readonly uses: string
  readonly title: string
  readonly note?: string
  readonly links: readonly Link[]
  readonly stop?: string
  readonly retry?: FlowStep['retry']
  /** Seconds that one attempt may take. */
  readonly timeout?: number
  /** The columns of each output, typed on empty tables. */
  readonly outputs: Readonly<Record<string, readonly Column[]>>
  readonly line?: number
  readonly column?: number
}

export interface Highlight {
  readonly step: string
  readonly metric: string
}

/** A checked flow: steps in an order in which they can run. */
export interface Plan {
  readonly flow: string
  readonly file: string
  readonly title: string
  readonly description?: string
  readonly params: ParamValues
  readonly asOf: string
  readonly seed: number
  /** Seconds that a run may take in one process. */
  readonly timeout?: number
  /** The metrics a reader shall see first. */
  readonly highlights: readonly Highlight[]
  readonly steps: readonly PlannedStep[]
}

export const humanise = (name: string): string => {
  const words = name.replaceAll(/[_-]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
