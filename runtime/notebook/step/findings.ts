import type { Finding, RunContext } from '../../../nodes/node.ts'
import { shapeFaults } from '../../data/shape.ts'
import { findingsSchema } from '../../run/record.ts'
import type { Notebook } from '../cells.ts'

const mime = 'application/vnd.polku.findings+json'

/** Says in the step's name what the notebook's outputs have found: metrics, tables, figures, notes. */
export function tellFindings({ cells }: Notebook, context: RunContext): void {
  for (const cell of cells)
    if (cell.cell_type === 'code')
      for (const output of cell.outputs)
        if ('data' in output && Object.hasOwn(output.data, mime)) tell(output.data[mime], context)
}

function tell(given: unknown, context: RunContext): void {
  if (given === null || typeof given !== 'object' || shapeFaults(findingsSchema, given).length > 0) {
    context.warn('An output of the notebook has findings that are none; they are left out here.')
    return
  }
  const { findings } = given as { findings: readonly Finding[] } // the schema has just been checked
  for (const finding of findings) {
    if (finding.kind === 'metric') context.metric(finding)
    else if (finding.kind === 'table') context.table(finding)
    else if (finding.kind === 'figure') context.figure(finding)
    else if (finding.level === 'warning') context.warn(finding.text)
    else context.note(finding.text)
  }
}
