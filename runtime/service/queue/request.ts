import type { Workspace } from '../../data/workspace.ts'
import { type PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { resolveParams } from '../../flow/params.ts'
import { type ReadFlow, readFlowFile } from '../../flow/read-flow.ts'
import type { NewRun } from './run.ts'

type Requested = Pick<NewRun, 'params' | 'flowLimit' | 'clientLimit' | 'priority'>

/**
 * What a flow's file says of a run of it: the parameters as given, proved to be right, and its limits. Throws
 * FLOW_NOT_FOUND, or PolkuErrors with every fault of the parameters.
 */
export const requestOfFlow = (
  workspace: Workspace,
  name: string,
  params: Readonly<Record<string, unknown>>,
): Requested => requestOf(workspace, readFlowFile(workspace, name), params)

/** The same of a flow that has been read. Throws PolkuErrors. */
export function requestOf(
  workspace: Workspace,
  { flow, source }: ReadFlow,
  params: Readonly<Record<string, unknown>>,
): Requested {
  const errors: PolkuError[] = []
  resolveParams(flow, source, params, errors)
  if (errors.length > 0) throw new PolkuErrors(errors)
  const { runs } = workspace.client
  return {
    params,
    priority: flow.runs?.priority ?? runs?.priority,
    flowLimit: flow.runs?.atOnce,
    clientLimit: runs?.atOnce,
  }
}
