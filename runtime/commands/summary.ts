import { plainDuration } from '../html/durations.ts'
import type { RunRecord } from '../run/record.ts'

/** A run's end in a few lines: what it says in warnings, how long it took, how much was cached. */
export function summarise(record: RunRecord): string {
  const cached = record.steps.filter((step) => step.cached).length
  const done = record.steps.filter((step) => step.status === 'done').length
  const lines = [
    `${record.status === 'done' ? 'Done' : record.status === 'stopped' ? 'Stopped' : 'Failed'} in ${plainDuration(record.milliseconds)}: ${done} of ${record.steps.length} steps, ${cached} cached.`,
  ]
  for (const step of record.steps)
    for (const finding of step.findings)
      if (finding.kind === 'note' && finding.level === 'warning') lines.push(`  ! ${step.name}: ${finding.text}`)
  return `${lines.join('\n')}\n`
}
