import { join } from 'node:path'
import type { Finding } from '../../../nodes/lib/finding.ts'
import type { Column } from '../../../nodes/lib/table.ts'
import { PolkuError } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import { findRun, newestRun } from '../../run/folder.ts'
import { noteSources } from '../environment.ts'
import { Findings } from './findings.ts'
import { inspectSymbol } from './mime.ts'
import type { SharedEngine } from './shared-engine.ts'
import { Table, type TableHost } from './table.ts'

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

/** A run of a flow as a notebook looks at it: what its steps gave and had to say. */
export class FlowRun {
  readonly record: RecordedRun
  readonly #host: TableHost

  /** @internal Notebooks call `workspace.run`. */
  constructor(record: RecordedRun, host: TableHost) {
    this.record = record
    this.#host = host
  }

  /** A step's first output, or `step.output`. Throws STEP_UNKNOWN, and OUTPUT_UNKNOWN where the step gave no such table. */
  async table(reference: string): Promise<Table> {
    const [name = '', output] = reference.split('.')
    const step = this.#step(name)
    const match = output === undefined ? step.outputs[0] : step.outputs.find((one) => one.name === output)
    if (!match) {
      const names = step.outputs.map((one) => `${name}.${one.name}`)
      throw new PolkuError('OUTPUT_UNKNOWN', {
        step: name,
        node: step.uses,
        output: output ?? '',
        actual: reference,
        nearest: nearest(reference, names, 'output'),
      })
    }
    noteSources({ [`run ${this.record.run} ${name}.${match.name}`]: match.hash })
    const { engine } = this.#host
    const path = join(engine.root, match.path)
    return new Table(await engine.work(() => engine.table(match, path)), this.#host)
  }

  /** What a step had to say. Throws STEP_UNKNOWN. */
  findings(step: string): Findings {
    return new Findings(this.#step(step).findings)
  }

  /** @internal */
  [inspectSymbol](): string {
    const { run, status, asOf, steps } = this.record
    return `Run ${run} as of ${asOf}: ${status}, ${steps.length} steps (${steps.map(({ name }) => name).join(', ')})`
  }

  #step(name: string): RecordedStep {
    const { steps } = this.record
    const step = steps.find((one) => one.name === name)
    if (step) return step
    const names = steps.map((one) => one.name)
    throw new PolkuError('STEP_UNKNOWN', { step: name, actual: name, nearest: nearest(name, names, 'step') })
  }
}

/** @internal The newest run of a flow that was done, or the run of an id or a unique part of one. Throws RUN_UNKNOWN. */
export function openRun(engine: SharedEngine, reference: string, host: TableHost): FlowRun {
  const { workspace } = engine
  const { record } = newestRun(workspace, reference) ?? findRun(workspace, reference)
  if (!record)
    throw new PolkuError('RUN_UNKNOWN', { run: reference, actual: reference, nearest: 'It has left no record.' })
  return new FlowRun(record, host)
}
