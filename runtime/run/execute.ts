import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Table } from '../../nodes/node.ts'
import { ArtifactStore, type StoredResult } from '../data/artifacts.ts'
import { list } from '../data/files.ts'
import { asPolkuError, PolkuError, type Position } from '../errors/errors.ts'
import type { ProblemRecord } from '../errors/problem.ts'
import type { Plan, PlannedStep } from '../flow/plan.ts'
import { executeStep, lookUpStep, type StepLookup } from '../step/execute.ts'
import { Abandoned, type Deadline, runDeadline, stepDeadline, within } from './deadline.ts'
import type { RunFolder } from './folder.ts'
import { Parked } from './for-each.ts'
import { Journal } from './journal.ts'
import { Again, why } from './reasons.ts'
import { newRecord, newStep, type OutputRecord, type RunRecord, type StepRecord } from './record.ts'
import { isTransient, waitAfter, waitForNext } from './retry.ts'
import type { RunServices } from './services.ts'
import { stepProblem, stopValues } from './step-outcome.ts'

/**
 * Runs a checked plan step by step. A step whose ingredients were seen before is taken from the
 * store; every other is done, stored whole, and noted in the run's folder before the next begins.
 * Gives the record, also of a run that failed or was stopped, even where the record itself could not
 * be written; one that was handed over is still running.
 */
export async function execute(plan: Plan, folder: RunFolder, services: RunServices): Promise<RunRecord> {
  const run = new Run(plan, folder, services)
  try {
    return await run.run()
  } finally {
    run.close()
    // Emptied, not removed: on ext4 each new file looks through all that were deleted in the last five seconds.
    for (const left of list(services.unfinished))
      rmSync(join(services.unfinished, left), { recursive: true, force: true })
  }
}

class Run {
  readonly #plan: Plan
  readonly #folder: RunFolder
  readonly #services: RunServices
  readonly #store: ArtifactStore
  readonly #record: RunRecord
  readonly #journal: Journal
  readonly #again: Again
  readonly #started: number
  /** Views of outputs that exist already, by name. */
  readonly #views = new Set<string>()
  #current: PlannedStep | undefined

  constructor(plan: Plan, folder: RunFolder, services: RunServices) {
    this.#plan = plan
    this.#folder = folder
    this.#services = services
    this.#started = services.now()
    const { workspace, now, unfinished } = services
    this.#store = new ArtifactStore(workspace.internal('artifacts'), unfinished)
    this.#record = newRecord(plan, folder.id, workspace, this.#started)
    const position = () => this.#position(this.#current)
    this.#journal = new Journal(folder, this.#record, { workspace, now, position, secrets: services.secrets })
    this.#again = new Again(plan, services.from, folder)
  }

  async run(): Promise<RunRecord> {
    const { progress } = this.#services
    const { steps } = this.#plan
    progress.started(
      this.#plan.title,
      this.#folder.id,
      steps.map((step) => step.name),
    )
    this.#journal.event('run started')
    this.#journal.saveSoon()
    for (const [index, step] of steps.entries()) {
      const record = this.#record.steps[index] ?? newStep(step)
      this.#current = step
      if (this.#record.status !== 'running') record.status = 'skipped'
      else if (this.#services.handOver?.() || !(await this.#step(step, record, index))) return this.#leave()
      progress.stepEnded(record, index)
      this.#journal.saveSoon()
    }
    this.#current = undefined
    if (this.#record.status === 'running') this.#record.status = 'done'
    this.#journal.event(`run ${this.#record.status}`)
    this.#journal.save()
    progress.ended(this.#record.status)
    return this.#record
  }

  /** Leaves the rest to another process. */
  #leave(): RunRecord {
    this.#journal.save()
    return this.#record
  }

  close(): void {
    this.#journal.close()
  }

  #position(step: PlannedStep | undefined): Position {
    return { file: this.#plan.file, line: step?.line, column: step?.column, step: step?.name }
  }

  /** Does a step; false where it is left to another process. */
  async #step(step: PlannedStep, record: StepRecord, index: number): Promise<boolean> {
    const { now, progress } = this.#services
    const started = now()
    record.status = 'running'
    progress.stepStarted(step.name, index)
    this.#journal.event('step started', { step: step.name })
    try {
      if (!(await this.#attempts(step, record, index))) {
        record.status = 'waiting'
        return false
      }
      record.status = 'done'
      await this.#stop(step, record)
    } catch (error) {
      if (error instanceof Abandoned) this.#services.onAbandoned()
      record.status = 'failed'
      record.problem = this.#problem(error, step)
      this.#record.status = 'failed'
      this.#record.problem = record.problem
    }
    record.milliseconds = now() - started
    const { status, cached, milliseconds } = record
    this.#journal.event(`step ${status}`, { step: step.name, cached, milliseconds })
    return true
  }

  /** Tries a step as often as its `retry` says; false where the wait for the next time is left to another process. */
  async #attempts(step: PlannedStep, record: StepRecord, index: number): Promise<boolean> {
    const { now, signal, workspace, progress } = this.#services
    for (let attempt = 1; ; attempt += 1) {
      const started = now()
      try {
        await this.#attempt(step, record, index)
        return true
      } catch (error) {
        if (error instanceof Parked) return false
        const wait = waitAfter(step.retry, attempt)
        if (wait === undefined || signal.aborted || !isTransient(asPolkuError(error, workspace.root))) throw error
        const problem = this.#problem(error, step)
        record.attempts = [...(record.attempts ?? []), { milliseconds: now() - started, problem }]
        const { code, message } = problem
        this.#journal.event('step retried', { step: step.name, attempt, wait, code, message })
        this.#journal.saveSoon()
        progress.stepRetried?.(step.name, index, wait, problem)
        if (!(await waitForNext(wait, this.#runDeadline(), this.#services))) return false
      }
    }
  }

  #runDeadline(): Deadline | undefined {
    return runDeadline(this.#plan, this.#services.now() - this.#started)
  }

  async #attempt(step: PlannedStep, record: StepRecord, index: number): Promise<void> {
    const { signal, delay, workspace, database } = this.#services
    if (signal.aborted) throw new PolkuError('RUN_CANCELLED')
    const ofRun = this.#runDeadline()
    if (ofRun?.milliseconds === 0) throw ofRun.error
    const lookup = await this.#lookUp(step, record)
    const restore = () => {
      database.restore()
      // Meanwhile the run itself may have been cancelled.
      if (signal.aborted) database.cancel()
    }
    const deadline = stepDeadline(step, ofRun)
    if (deadline) {
      const problem = this.#problem(deadline.error, step)
      this.#services.progress.attemptStarted?.(step.name, deadline.milliseconds, problem)
    }
    const result = await within({ deadline, signal, delay, cancel: () => database.cancel(), restore }, (until) =>
      this.#result(step, lookup, index, until),
    )
    this.#folder.writeIngredients(step.name, lookup.ingredients)
    record.outputs = result.outputs.map(
      (output): OutputRecord => ({
        ...output,
        columns: [...output.columns],
        description: step.node.definition.outputs[output.name] ?? '',
        path: workspace.relative(this.#store.path(result.key, output.name)),
      }),
    )
    record.findings = [...result.findings] as StepRecord['findings'] // the schema of findings is the node contract's
  }

  #inputHashes(step: PlannedStep): Record<string, string> {
    return Object.fromEntries(step.links.map((link) => [link.input, this.#output(link.step, link.output).hash]))
  }

  #output(step: string, output: string): OutputRecord {
    const outputRecord = this.#record.steps
      .find((candidate) => candidate.name === step)
      ?.outputs.find((candidate) => candidate.name === output)
    if (!outputRecord) throw new Error(`The step ${step} has not given ${output}.`)
    return outputRecord
  }

  async #lookUp(step: PlannedStep, record: StepRecord): Promise<StepLookup> {
    const { registry, history } = this.#services
    const services = { ...this.#services, models: registry, store: this.#store }
    const lookup = await lookUpStep(step, this.#inputHashes(step), this.#plan.seed, services, (key) =>
      this.#again.reason(step, key),
    )
    record.key = lookup.key
    record.why = lookup.again ?? why(step, lookup, history)
    record.cached = lookup.stored !== undefined
    return lookup
  }

  /** From the store where it can, done where it must. */
  #result(step: PlannedStep, lookup: StepLookup, index: number, signal: AbortSignal): Promise<StoredResult> {
    const onProgress = (share: number) => this.#services.progress.stepProgress(step.name, index, share)
    const inputs = () => Object.fromEntries(step.links.map((link) => [link.input, this.#table(link.step, link.output)]))
    return executeStep(lookup, () => ({ inputs: inputs(), promised: step.outputs }), {
      ...this.#services,
      ...{ signal, store: this.#store, onProgress },
    })
  }

  /** An output as a table. Only those that a step reads are named to the database. */
  #table(step: string, output: string): Table {
    const relation = `step ${step}.${output}`
    const { columns, path } = this.#output(step, output)
    if (!this.#views.has(relation)) {
      const { database, workspace } = this.#services
      database.promiseView(relation, workspace.absolute(path), columns)
      this.#views.add(relation)
    }
    return { relation, columns }
  }

  async #stop(step: PlannedStep, record: StepRecord): Promise<void> {
    if (step.stop === undefined) return
    const values = await stopValues(this.#services.database, step, record)
    if (values === undefined) return
    record.status = 'stopped'
    record.problem = this.#problem(
      new PolkuError('STEP_STOPPED', { expression: step.stop, values, actual: values }),
      step,
    )
    this.#record.status = 'stopped'
    this.#record.problem = record.problem
  }

  #problem(error: unknown, step: PlannedStep): ProblemRecord {
    const { workspace, signal, secrets } = this.#services
    const context = { root: workspace.root, signal, secrets, journal: this.#journal }
    return stepProblem(error, step, this.#position(step), context)
  }
}
