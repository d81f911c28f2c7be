import { expr, id, join, sql } from '../../nodes/lib/sql.ts'
import type { Database } from '../data/database.ts'
import type { PlannedStep } from '../flow/plan.ts'
import type { StepRecord } from './record.ts'

/** Whether a step's stop condition holds for its metrics: then what they were, in words. A metric without a value stops nothing. */
export async function stopValues(
  database: Database,
  step: PlannedStep,
  record: StepRecord,
): Promise<string | undefined> {
  if (step.stop === undefined) return undefined
  const found = new Map(
    record.findings.flatMap((finding) => (finding.kind === 'metric' ? [[finding.name, finding.value] as const] : [])),
  )
  const names = Object.keys(step.node.definition.metrics ?? {})
  const columns = names.map((name) => sql`cast(${found.get(name) ?? null} as double) as ${id(name)}`)
  const [row] = await database.rows(sql`select ${expr(step.stop)} as holds from (select ${join(columns)})`)
  if (row?.holds !== true) return undefined
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(step.stop ?? ''))
  return used.map((name) => `${name} = ${found.get(name) ?? 'none'}`).join(', ')
}
