import type { Models } from '../../nodes/node.ts'
import type { Database } from '../data/database.ts'
import type { DatasetStore } from '../data/datasets.ts'
import type { FileHashes } from '../data/hash.ts'
import type { Workspace } from '../data/workspace.ts'
import type { ModelRegistry } from '../model/registry.ts'
import type { Secrets } from '../step/secrets.ts'
import type { Delay } from './deadline.ts'
import type { FlowHistory } from './history.ts'
import type { Progress } from './progress.ts'

/** What a run works with. */
export interface RunServices {
  readonly workspace: Workspace
  /** A folder on the same disk for what is not whole yet; empty between two runs. */
  readonly unfinished: string
  readonly database: Database
  readonly datasets: DatasetStore
  readonly registry: ModelRegistry
  readonly models: Models
  readonly hashes: FileHashes
  readonly secrets: Secrets
  readonly history: FlowHistory
  readonly progress: Progress
  readonly signal: AbortSignal
  /** The step from which on everything is done anew. */
  readonly from?: string
  /** Whether to leave off before the next step, so that another process goes on with it. */
  readonly handOver?: () => boolean
  /** Milliseconds since 1970; the only clock of a run. */
  readonly now: () => number
  /** Told when a step goes on although it was cancelled. */
  readonly onAbandoned: () => void
  /** How it waits for the next attempt at a step, and for the end of a time limit. */
  readonly delay: Delay
}
