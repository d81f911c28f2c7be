import type { Finding } from '../../../nodes/lib/finding.ts'
import type { Column } from '../../../nodes/lib/table.ts'

// What a run has left, as notebooks look at it. The whole record is ../../run/record.ts, of which this is a part:
// the editor need not know a schema library to know a run.

interface RecordedOutput {
  readonly name: string
  readonly description: string
  readonly rows: number
  readonly columns: readonly Column[]
  /** Relative to the workspace. */
  readonly path: string
  readonly hash: string
}

export interface RecordedStep {
  readonly name: string
  /** The node it used, such as `segment/rfm`. */
  readonly uses: string
  readonly title: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'skipped'
  /** Whether its result was taken from an earlier run. */
  readonly cached: boolean
  readonly milliseconds: number
  readonly outputs: readonly RecordedOutput[]
  readonly findings: readonly Finding[]
}

export interface RecordedRun {
  /** Its id, also the name of its folder under `.polku/runs`. */
  readonly run: string
  readonly flow: string
  readonly title: string
  readonly description?: string
  /** The workspace's name. */
  readonly client: string
  readonly status: 'running' | 'done' | 'failed' | 'stopped'
  /** ISO date up to which things were known. */
  readonly asOf: string
  readonly seed: number
  readonly params: Readonly<Record<string, unknown>>
  /** ISO time. */
  readonly startedAt: string
  readonly milliseconds: number
  readonly steps: readonly RecordedStep[]
  /** The HTML report, relative to the workspace. */
  readonly report?: string
}
