import type { Workspace } from '../../data/workspace.ts'
import type { FlowTrigger } from '../../flow/schema.ts'
import type { Queries } from '../database/database.ts'
import { type FlowState, markOf } from '../schedules/flow-state.ts'
import { newSnapshotMark } from './datasets.ts'
import { newEndMark } from './flow-ends.ts'

/**
 * How far triggers have been followed when their flow is adopted: those that were there go on, and of new ones what is
 * there already starts nothing. All that comes later does, also where the flow is paused by then.
 */
export async function marksOf(
  queries: Queries,
  workspace: Workspace,
  triggers: readonly FlowTrigger[],
  before: FlowState['marks'],
): Promise<FlowState['marks']> {
  const marks: Record<string, string> = {}
  for (const trigger of triggers) {
    if (trigger.file !== undefined) continue
    const name = markOf(trigger)
    marks[name] =
      before[name] ??
      (trigger.dataset === undefined ? await newEndMark(queries) : newSnapshotMark(workspace, trigger.dataset))
  }
  return marks
}
