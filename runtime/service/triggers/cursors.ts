import type { Workspace } from '../../data/workspace.ts'
import type { FlowTrigger } from '../../flow/schema.ts'
import type { Queries } from '../database/database.ts'
import type { FlowState } from '../schedules/flow-state.ts'
import { newSnapshotCursor } from './datasets.ts'
import { newEndCursor } from './flow-ends.ts'

/**
 * How far triggers have been followed when their flow is activated: those that were there continue, and of new ones what is
 * there already starts nothing. All that comes later does, also where the flow is paused by then.
 */
export async function cursorsAfter(
  queries: Queries,
  workspace: Workspace,
  triggers: readonly FlowTrigger[],
  before: FlowState['cursors'],
): Promise<FlowState['cursors']> {
  const cursors: Record<string, string> = {}
  for (const trigger of triggers) {
    if (trigger.file !== undefined) continue
    const name = cursorName(trigger)
    cursors[name] =
      before[name] ??
      (trigger.dataset === undefined ? await newEndCursor(queries) : newSnapshotCursor(workspace, trigger.dataset))
  }
  return cursors
}

/** What a trigger's cursor is called. */
export const cursorName = ({ dataset, flow, on }: FlowTrigger): string =>
  dataset === undefined ? `flow ${flow} ${on ?? 'done'}` : `dataset ${dataset}`
