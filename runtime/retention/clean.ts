import type { Workspace } from '../data/workspace.ts'
import type { RetentionLimits } from './holdings.ts'
import { takeInventory } from './inventory.ts'
import { neededOf, type RunIndex } from './needed.ts'
import { planCleaning } from './plan.ts'
import { type Removed, remove } from './remove.ts'

interface CleanOptions {
  readonly limits: RetentionLimits
  readonly runIndex: RunIndex
  /** Milliseconds since 1970. */
  readonly now: number
  /** Only tells what would go. */
  readonly dryRun?: boolean
}

/** Removes from a workspace what its limits let go and nothing needs any more, while others work in it. */
export async function cleanWorkspace(
  workspace: Workspace,
  { limits, runIndex, now, dryRun }: CleanOptions,
): Promise<Removed> {
  const holdings = await takeInventory(workspace)
  const cleaning = planCleaning(holdings, neededOf(workspace, holdings, runIndex, now), limits, now)
  if (!dryRun) return remove(workspace, cleaning)
  const { runs, artifacts, notebooks, bytes } = cleaning
  return { runs: runs.map(({ id }) => id), artifacts: artifacts.length, notebooks: notebooks.length, bytes }
}
