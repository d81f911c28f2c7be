import { expr, id, join, sql } from '../../nodes/lib/sql.ts'
import type { Database } from '../data/database.ts'
import { asPolkuError, PolkuError, type Position } from '../errors/errors.ts'
import type { ProblemRecord } from '../errors/problem.ts'
import type { PlannedStep } from '../flow/plan.ts'
import type { Secrets } from '../step/secrets.ts'
import { Abandoned } from './deadline.ts'
import type { Journal } from './journal.ts'
import type { StepRecord } from './record.ts'

/** Whether a step's stop condition holds for its metrics: then what they were, in words. A metric without a value stops nothing. */
export async function stopValues(
  database: Database,
  step: PlannedStep,
  record: StepRecord,
): Promise<string | undefined> {
  if (step.stop === undefined) return undefined
  const metrics = new Map(
    record.findings.flatMap((finding) => (finding.kind === 'metric' ? [[finding.name, finding.value] as const] : [])),
  )
  const names = Object.keys(step.node.definition.metrics ?? {})
  const columns = names.map((name) => sql`cast(${metrics.get(name) ?? null} as double) as ${id(name)}`)
  const [row] = await database.rows(sql`select ${expr(step.stop)} as holds from (select ${join(columns)})`)
  if (row?.holds !== true) return undefined
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(step.stop ?? ''))
  return used.map((name) => `${name} = ${metrics.get(name) ?? 'none'}`).join(', ')
}

interface StepProblemContext {
  /** The workspace's folder. */
  readonly root: string
  readonly signal: AbortSignal
  readonly secrets: Secrets
  readonly journal: Journal
}

/** Whatever a step threw, as a problem of the error table that tells no secret. What was not foreseen leaves its stack. */
export function stepProblem(
  error: unknown,
  step: PlannedStep,
  position: Position,
  context: StepProblemContext,
): ProblemRecord {
  const { root, signal, secrets, journal } = context
  const translated = asPolkuError(error instanceof Abandoned ? error.cause : error, root)
  if (translated instanceof PolkuError && translated.cause instanceof Error && translated.code === 'NODE_FAILED')
    journal.event('stack', { step: step.name, stack: translated.cause.stack })
  if (translated instanceof PolkuError) return secrets.redact(translated.at(position).toProblem())
  if (signal.aborted) return new PolkuError('RUN_CANCELLED', {}, position).toProblem()
  const message = secrets.redact(translated instanceof Error ? translated.message : String(translated))
  journal.event('stack', { step: step.name, stack: translated instanceof Error ? translated.stack : undefined })
  return new PolkuError(
    'STEP_FAILED',
    {
      reason: message.split('\n')[0],
      right: `What ${step.node.name} asks of its inputs; see \`polku nodes ${step.node.name}\`. The stack is in events.jsonl of the run.`,
    },
    position,
  ).toProblem()
}
