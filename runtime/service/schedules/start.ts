import { versionOf } from '../../catalogue/flow-files.ts'
import type { Workspace } from '../../data/workspace.ts'
import { readFlow } from '../../flow/read-flow.ts'
import { newRunId } from '../../run/folder.ts'
import { requestOf } from '../queue/request.ts'
import type { NewRun } from '../queue/run.ts'
import type { FlowState } from './flow-state.ts'

/** One run that nobody requests. */
export interface Start extends Pick<NewRun, 'trigger' | 'asOf'> {
  /** Another start with it starts nothing. */
  readonly key: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** The runs of a flow's last good version, ready to be requested. Throws PolkuErrors with the faults of parameters. */
export function runsOf(
  { client, flow, text }: FlowState,
  workspace: Workspace,
  starts: readonly Start[],
  now: number,
): NewRun[] {
  if (text === null || starts.length === 0) return []
  const parsed = readFlow(text, `flows/${flow}.yaml`)
  return starts.map(({ key, params = {}, asOf, trigger }, index) => ({
    client,
    // Ids tell the order, also of those that begin together.
    id: newRunId(flow, now + index),
    flow,
    asOf,
    trigger,
    idempotencyKey: key,
    version: versionOf(text),
    ...requestOf(workspace, parsed, params),
  }))
}
