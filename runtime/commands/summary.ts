import { seconds } from '../run/progress.ts'
import type { RunRecord } from '../run/record.ts'

/** A run's end in a few lines: what it says in warnings, how long it took, what was kept. */
export function summarise(record: RunRecord): string {
  const kept = record.steps.filter((step) => step.cached).length
  const done = record.steps.filter((step) => step.status === 'done').length
  const lines = [
    `${record.status === 'done' ? 'Done' : record.status === 'stopped' ? 'Stopped' : 'Failed'} in ${seconds(record.milliseconds)}: ${done} of ${record.steps.length} steps, ${kept} kept from before.`,
  ]
  for (const step of record.steps)
    for (const finding of step.findings)
      if (finding.kind === 'note' && finding.level === 'warning') lines.push(`  ! ${step.name}: ${finding.text}`)
  return `${lines.join('\n')}\n`
}
