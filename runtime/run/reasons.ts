import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import type { Plan, PlannedStep } from '../flow/plan.ts'
import type { StepLookup } from '../step/execute.ts'
import { difference, stepKey } from '../step/key.ts'
import type { RunFolder } from './folder.ts'
import type { FlowHistory } from './history.ts'

/** Why a step is done or cached, in words. */
export function why(step: PlannedStep, { ingredients, stored, isDamaged }: StepLookup, history: FlowHistory): string {
  if (step.node.definition.effect) return 'done again: it writes outside the run, and repeating it is safe'
  if (isDamaged) return 'done again: the model it had stored is gone'
  const previous = history.ingredients(step.name)
  const changed = previous && difference(previous.ingredients, ingredients)
  if (stored)
    return changed
      ? `cached: the same work was done before (since run ${previous.run}: ${changed})`
      : 'cached: nothing it depends on has changed'
  if (!previous) return 'done: it was never done before'
  return changed ? `done: ${changed}` : 'done: its stored result is gone'
}

/** Throws STEP_UNKNOWN where the flow has no step `from`. */
export function requireStep({ steps, file }: Plan, from: string | undefined): void {
  const names = steps.map(({ name }) => name)
  if (from === undefined || names.includes(from)) return
  throw new PolkuError('STEP_UNKNOWN', { step: from, actual: from, nearest: nearest(from, names, 'step') }, { file })
}

/** Which steps of a run are done anew although their results are stored: one, and what follows from it. */
export class Again {
  readonly #from: string | undefined
  readonly #steps: ReadonlySet<string>
  /** The keys of steps that this run did before another process went on with it: once is enough. */
  readonly #done: ReadonlyMap<string, string>

  constructor({ steps }: Plan, from: string | undefined, folder: RunFolder) {
    this.#from = from
    const again = new Set(from === undefined ? [] : [from])
    // Steps come in an order in which each follows what feeds it.
    for (const { name, links } of steps) if (links.some(({ step }) => again.has(step))) again.add(name)
    this.#steps = again
    this.#done = new Map(
      [...again].flatMap((name) => {
        const ingredients = folder.ingredients(name)
        return ingredients ? [[name, stepKey(ingredients)] as const] : []
      }),
    )
  }

  /** Why a step is done anew, in words; undefined where its stored result serves. */
  reason({ name }: PlannedStep, key: string): string | undefined {
    if (!this.#steps.has(name) || this.#done.get(name) === key) return undefined
    return name === this.#from
      ? 'done again: the run was to begin from here'
      : `done again: it follows ${this.#from}, from which the run was to begin`
  }
}
