import { join } from 'node:path'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import type { Delay } from '../run/deadline.ts'
import { findRun } from '../run/folder.ts'
import type { StartChildren } from '../run/for-each.ts'
import type { Progress } from '../run/progress.ts'
import type { SecretValues } from '../step/secrets.ts'

export interface FlowRequest {
  /** A flow's name, or the path of its file. */
  readonly flow: string
  readonly params: Readonly<Record<string, unknown>>
  /** ISO date. */
  readonly asOf: string
  /** The flow's text where it is another than its file's. */
  readonly text?: string
}

export interface RunOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly now: () => number
  /** The id of a run to resume, instead of a new one. */
  readonly resume?: string
  /** The id that a new run shall have; one that was begun already is resumed. */
  readonly id?: string
  /** The step from which on everything is done anew although its results are stored; what comes before it is taken from the cache. */
  readonly from?: string
  /** When the report is made: at the end of the run (the default), or when `renderRunReport` is asked for it. */
  readonly report?: 'now' | 'later'
  /** How it waits, for tests that do not. */
  readonly delay?: Delay
  /** What `${secret.NAME}` means; where nothing is given, what the environment has as POLKU_SECRET_NAME. */
  readonly secrets?: SecretValues
  /** Whether to leave off before the next step, so that another process goes on with it. */
  readonly handOver?: () => boolean
  /** Has the runs done that a run asks for; one after the other in this process where nothing is said. */
  readonly children?: StartChildren
}

/** The request of an earlier run, to resume it. Throws RUN_UNKNOWN. */
export function requestOfRun(workspace: Workspace, run: string): FlowRequest {
  const { request } = findRun(workspace, run)
  if (!request) throw new PolkuError('RUN_UNKNOWN', { run, actual: run, nearest: 'Its request.json is missing.' })
  return { flow: join(workspace.root, request.flowFile), params: request.params, asOf: request.asOf }
}
