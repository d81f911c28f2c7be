import { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { cleanWorkspace } from '../retention/clean.ts'
import { say } from './say.ts'

export interface CleanRequest {
  readonly days?: number
  readonly gigabytes?: number
  readonly dryRun: boolean
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`

/** Removes what the limits of client.yaml, or those given, let go. Throws RETENTION_MISSING where there are none. */
export async function clean(folder: string, { days, gigabytes, dryRun }: CleanRequest, now: number): Promise<void> {
  const workspace = Workspace.open(folder)
  const limits = { ...workspace.client.retention, ...(days && { days }), ...(gigabytes && { gigabytes }) }
  if (limits.days === undefined && limits.gigabytes === undefined)
    throw new PolkuError('RETENTION_MISSING', { workspace: workspace.client.client })
  const runIndex = { open: new Set<string>(), parents: new Map<string, string>() }
  const { runs, artifacts, notebooks, bytes } = await cleanWorkspace(workspace, { limits, runIndex, now, dryRun })
  for (const run of runs) say(`  ${run}\n`)
  const counts = [count(runs.length, 'run'), count(artifacts, 'result'), count(notebooks, 'notebook')]
  say(`${counts.join(', ')}: ${megabytes(bytes)} ${dryRun ? 'would be freed' : 'freed'}.\n`)
}
