import { join } from 'node:path'
import { PolkuError } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import { findRun, newestRun } from '../../run/folder.ts'
import { noteSources } from '../sources.ts'
import { Findings } from './findings.ts'
import { inspectSymbol } from './mime.ts'
import type { RecordedRun, RecordedStep } from './recorded-run.ts'
import type { SharedEngine } from './shared-engine.ts'
import { Table, type TableHost } from './table.ts'

/** A run of a flow as a notebook looks at it: what its steps gave and had to say. */
export class FlowRun {
  readonly record: RecordedRun
  readonly #host: TableHost

  /** @internal Notebooks call `client.run`. */
  constructor(record: RecordedRun, host: TableHost) {
    this.record = record
    this.#host = host
  }

  /** A step's first output, or `step.output`. Throws STEP_UNKNOWN, and OUTPUT_UNKNOWN where the step gave no such table. */
  async table(reference: string): Promise<Table> {
    const [name = '', output] = reference.split('.')
    const step = this.#step(name)
    const found = output === undefined ? step.outputs[0] : step.outputs.find((one) => one.name === output)
    if (!found) {
      const names = step.outputs.map((one) => `${name}.${one.name}`)
      throw new PolkuError('OUTPUT_UNKNOWN', {
        step: name,
        node: step.uses,
        output: output ?? '',
        found: reference,
        nearest: nearest(reference, names, 'output'),
      })
    }
    noteSources({ [`run ${this.record.run} ${name}.${found.name}`]: found.hash })
    const { engine } = this.#host
    const path = join(engine.root, found.path)
    return new Table(await engine.work(() => engine.table(found, path)), this.#host)
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
    throw new PolkuError('STEP_UNKNOWN', { step: name, found: name, nearest: nearest(name, names, 'step') })
  }
}

/** @internal The newest run of a flow that was done, or the run of an id or a unique part of one. Throws RUN_UNKNOWN. */
export function openRun(engine: SharedEngine, wanted: string, host: TableHost): FlowRun {
  const { workspace } = engine.client
  const { record } = newestRun(workspace, wanted) ?? findRun(workspace, wanted)
  if (!record) throw new PolkuError('RUN_UNKNOWN', { run: wanted, found: wanted, nearest: 'It has left no record.' })
  return new FlowRun(record, host)
}
