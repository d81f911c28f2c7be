import type { PlannedStep } from '../flow/plan.ts'
import type { StepLookup } from '../step/execute.ts'
import { difference } from '../step/key.ts'
import type { FlowHistory } from './history.ts'

/** Why a step is done or cached, in words. */
export function why(step: PlannedStep, { ingredients, stored, isDamaged }: StepLookup, history: FlowHistory): string {
  if (step.node.definition.effect) return 'done again: it writes outside the run, and repeating it is safe'
  if (isDamaged) return 'done again: the model it had stored is gone'
  const previous = history.ingredients(step.name)
  const changed = previous && difference(previous.parts, ingredients)
  if (stored)
    return changed
      ? `cached: the same work was done before (since run ${previous.run}: ${changed})`
      : 'cached: nothing it depends on has changed'
  if (!previous) return 'done: it was never done before'
  return changed ? `done: ${changed}` : 'done: its stored result is gone'
}
