import type { NodeDeclaration } from '../../catalogue/node-declaration.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import type { Publisher } from '../../model/publisher.ts'
import type { ChildRequest, ChildResult } from '../../run/for-each.ts'
import type { SecretValues } from '../../step/secrets.ts'
import type { Ending, RunEvent } from '../queue/queue.ts'
import type { StepProgress } from '../queue/run.ts'

/** A run as a process of its own is to do it. */
export interface RunOrder {
  /** The workspace. */
  readonly folder: string
  readonly run: string
  readonly flow: string
  readonly params: Readonly<Record<string, unknown>>
  /** ISO date. */
  readonly asOf: string
  /** The step from which on everything is done anew. */
  readonly from?: string
  /** How the runs ended that its steps have requested for, by step. */
  readonly children: Readonly<Record<string, readonly ChildResult[]>>
  /** The client's; they are nowhere else but in this order and in the process. */
  readonly secrets: SecretValues
  /** In whose name models are published. */
  readonly by: Publisher
}

/** A flow's text as it is to be checked, without running it. */
export interface CheckOrder {
  /** The workspace. */
  readonly folder: string
  readonly flow: string
  readonly text: string
  /** ISO date. */
  readonly asOf: string
  /** Parameters that get their values only when a run is started. */
  readonly givenLater: readonly string[]
  /** The client's. */
  readonly secrets: SecretValues
}

export type ToRunner =
  | { type: 'run'; order: RunOrder }
  | { type: 'check'; order: CheckOrder }
  | { type: 'nodes'; folder: string }
  | { type: 'cancel' }
  | { type: 'hand over' }

export type FromRunner =
  | { type: 'ready' }
  /** The client's nodes have changed since this process loaded them: another has to do it. */
  | { type: 'stale' }
  | { type: 'progress'; steps: readonly StepProgress[]; events: readonly RunEvent[] }
  /** An attempt at a step begins that has so long; it ends at the next event of a step. */
  | { type: 'deadline'; milliseconds: number; problem: ProblemRecord }
  /** Spoilt is a process that can do no other run: a step did not end when it had to. */
  | { type: 'ended'; ending: RunnerEnding; spoilt: boolean }
  | { type: 'checked'; problems: readonly ProblemRecord[] }
  | { type: 'nodes'; nodes: readonly NodeDeclaration[] }

export type RunnerEnding = Omit<Ending, 'state'> & {
  readonly state: 'done' | 'failed' | 'stopped' | 'cancelled' | 'handed over' | 'waiting'
  readonly problem?: ProblemRecord
  /** What it waits for: runs that one of its steps asks for. */
  readonly requested?: RequestedRuns
}

export interface RequestedRuns {
  readonly step: string
  readonly requests: readonly ChildRequest[]
}
