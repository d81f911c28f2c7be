import { known, type Place, PolkuError } from '../errors/errors.ts'
import type { ProblemRecord } from '../errors/problem.ts'
import type { PlannedStep } from '../flow/plan.ts'
import type { Secrets } from '../step/secrets.ts'
import { Abandoned } from './deadline.ts'
import type { Journal } from './journal.ts'

interface StepProblemParts {
  /** The workspace's folder. */
  readonly root: string
  readonly signal: AbortSignal
  readonly secrets: Secrets
  readonly journal: Journal
}

/** Whatever a step threw, as a problem of the error table that tells no secret. What was not foreseen leaves its stack. */
export function stepProblem(error: unknown, step: PlannedStep, place: Place, parts: StepProblemParts): ProblemRecord {
  const { root, signal, secrets, journal } = parts
  const translated = known(error instanceof Abandoned ? error.cause : error, root)
  if (translated instanceof PolkuError) return secrets.redact(translated.at(place).toProblem())
  if (signal.aborted) return new PolkuError('RUN_CANCELLED', {}, place).toProblem()
  const message = secrets.redact(translated instanceof Error ? translated.message : String(translated))
  journal.event('stack', { step: step.name, stack: translated instanceof Error ? translated.stack : undefined })
  return new PolkuError(
    'STEP_FAILED',
    {
      reason: message.split('\n')[0],
      right: `What ${step.node.name} asks of its inputs; see \`polku nodes ${step.node.name}\`. The stack is in events.jsonl of the run.`,
    },
    place,
  ).toProblem()
}
