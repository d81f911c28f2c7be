import type { Workspace } from '../data/workspace.ts'
import { type PolkuError, PolkuErrors } from '../errors.ts'
import { resolveParams } from '../flow/params.ts'
import { flowFile } from './flow-files.ts'
import type { NewRun } from './run-row.ts'

/**
 * What a flow's file says of a run of it: the parameters as given, proved to be right, and its limits. Throws
 * FLOW_NOT_FOUND, or PolkuErrors with every fault of the parameters.
 */
export function requestOfFlow(
  workspace: Workspace,
  name: string,
  params: Readonly<Record<string, unknown>>,
): Pick<NewRun, 'params' | 'flowLimit' | 'clientLimit' | 'priority'> {
  const { flow, source } = flowFile(workspace, name)
  const errors: PolkuError[] = []
  resolveParams(flow, source, params, errors)
  if (errors.length > 0) throw new PolkuErrors(errors)
  return { params }
}
