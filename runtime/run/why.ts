import type { PlannedStep } from '../flow/plan.ts'
import { difference, type Ingredients } from '../step/key.ts'
import type { FlowHistory } from './history.ts'

/** What the store has of a step. */
export interface Stored {
  /** Whether its result is there. */
  readonly there: boolean
  /** Whether the result is whole. */
  readonly usable: boolean
}

/** Why a step is done or kept, in words. */
export function why(step: PlannedStep, parts: Ingredients, { there, usable }: Stored, history: FlowHistory): string {
  if (step.node.definition.effect) return 'done again: it writes outside the run, and repeating it is safe'
  if (there && !usable) return 'done again: the model it had stored is gone'
  const previous = history.ingredients(step.name)
  const changed = previous && difference(previous.parts, parts)
  if (there)
    return changed
      ? `kept: the same work was done before (since run ${previous.run}: ${changed})`
      : 'kept: nothing it depends on has changed'
  if (!previous) return 'done: it was never done before'
  return changed ? `done: ${changed}` : 'done: its stored result is gone'
}
