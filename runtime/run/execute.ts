import { rmSync } from 'node:fs'
import type { Models, Table } from '../../nodes/node.ts'
import { ArtifactStore, type StoredResult } from '../data/artifacts.ts'
import type { Database } from '../data/database.ts'
import type { DatasetStore } from '../data/datasets.ts'
import type { FileHashes } from '../data/files.ts'
import { temporaryPath } from '../data/litter.ts'
import type { Workspace } from '../data/workspace.ts'
import { known, type Place, PolkuError } from '../errors.ts'
import type { Plan, PlannedStep } from '../flow/plan.ts'
import type { ModelRegistry } from '../model/registry.ts'
import { previousIngredients, type RunFolder } from './folder.ts'
import { difference, type Ingredients, ingredients, stepKey } from './key.ts'
import { hasModels, perform } from './perform.ts'
import type { Progress } from './progress.ts'
import type { OutputRecord, ProblemRecord, RunRecord, StepRecord } from './record.ts'
import { newRecord, newStep } from './start.ts'
import { stopValues } from './stop.ts'

export interface RunServices {
  readonly workspace: Workspace
  readonly database: Database
  readonly datasets: DatasetStore
  readonly registry: ModelRegistry
  readonly models: Models
  readonly hashes: FileHashes
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Whether to leave off before the next step, so that another process goes on with it. */
  readonly handOver?: () => boolean
  /** Milliseconds since 1970; the only clock of a run. */
  readonly now: () => number
}

/**
 * Runs a checked plan step by step. A step whose ingredients were seen before is taken from the
 * store; every other is done, stored whole, and written to the run's folder before the next begins.
 * Gives the record, also of a run that failed or was stopped, even where the record itself could not
 * be written; one that was handed over is still running.
 */
export async function execute(plan: Plan, folder: RunFolder, services: RunServices): Promise<RunRecord> {
  const unfinished = temporaryPath(services.workspace.internal('tmp'), 'run')
  try {
    return await new Run(plan, folder, services, unfinished).run()
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

class Run {
  readonly #plan: Plan
  readonly #folder: RunFolder
  readonly #services: RunServices
  readonly #store: ArtifactStore
  readonly #record: RunRecord
  readonly #started: number
  #current: PlannedStep | undefined

  constructor(plan: Plan, folder: RunFolder, services: RunServices, unfinished: string) {
    this.#plan = plan
    this.#folder = folder
    this.#services = services
    this.#started = services.now()
    const { workspace } = services
    this.#store = new ArtifactStore(workspace.internal('artifacts'), unfinished)
    this.#record = newRecord(plan, folder.id, workspace, this.#started)
  }

  async run(): Promise<RunRecord> {
    const { progress } = this.#services
    const { steps } = this.#plan
    progress.started(
      this.#plan.title,
      this.#folder.id,
      steps.map((step) => step.name),
    )
    this.#event('run started')
    this.#save()
    for (const [index, step] of steps.entries()) {
      const record = this.#record.steps[index] ?? newStep(step)
      if (this.#record.status === 'running' && this.#services.handOver?.()) return this.#record
      this.#current = step
      if (this.#record.status === 'running') await this.#step(step, record, index)
      else record.status = 'skipped'
      progress.stepEnded(record, index)
      this.#save()
    }
    this.#current = undefined
    if (this.#record.status === 'running') this.#record.status = 'done'
    this.#event(`run ${this.#record.status}`)
    this.#save()
    progress.ended(this.#record.status)
    return this.#record
  }

  #save(): void {
    this.#record.milliseconds = this.#services.now() - this.#started
    this.#write(() => this.#folder.write(this.#record))
  }

  #event(event: string, detail: Readonly<Record<string, unknown>> = {}): void {
    this.#write(() => this.#folder.event(new Date(this.#services.now()).toISOString(), { event, ...detail }))
  }

  /** Writes to the run's folder. A disk that takes no more fails the run, which then goes no further, but still tells. */
  #write(work: () => void): void {
    try {
      work()
    } catch (error) {
      const problem = known(error, this.#services.workspace.root)
      if (!(problem instanceof PolkuError)) throw error
      this.#record.status = 'failed'
      this.#record.problem ??= problem.at(this.#place(this.#current)).toProblem()
    }
  }

  #place(step: PlannedStep | undefined): Place {
    return { file: this.#plan.file, line: step?.line, column: step?.column, step: step?.name }
  }

  async #step(step: PlannedStep, record: StepRecord, index: number): Promise<void> {
    const { now, progress, workspace } = this.#services
    const started = now()
    record.status = 'running'
    progress.stepStarted(step.name, index)
    this.#event('step started', { step: step.name })
    try {
      if (this.#services.signal.aborted) throw new PolkuError('RUN_CANCELLED')
      const parts = await ingredients(step, this.#inputHashes(step), this.#plan.seed, {
        ...this.#services,
        models: this.#services.registry,
      })
      const result = await this.#result(step, record, parts, index)
      for (const output of result.outputs)
        await this.#services.database.viewParquet(
          viewName(step.name, output.name),
          this.#store.path(result.key, output.name),
        )
      this.#folder.writeIngredients(step.name, parts)
      record.outputs = result.outputs.map(
        (output): OutputRecord => ({
          ...output,
          columns: [...output.columns],
          description: step.node.definition.outputs[output.name] ?? '',
          path: workspace.relative(this.#store.path(result.key, output.name)),
        }),
      )
      record.findings = [...result.findings] as StepRecord['findings'] // the schema of findings is the node contract's
      record.status = 'done'
      await this.#stop(step, record)
    } catch (error) {
      record.status = 'failed'
      record.problem = this.#problem(error, step)
      this.#record.status = 'failed'
      this.#record.problem = record.problem
    }
    record.milliseconds = now() - started
    this.#event(`step ${record.status}`, { step: step.name, cached: record.cached, milliseconds: record.milliseconds })
  }

  #inputHashes(step: PlannedStep): Record<string, string> {
    return Object.fromEntries(step.links.map((link) => [link.input, this.#output(link.step, link.output).hash]))
  }

  #output(step: string, output: string): OutputRecord {
    const found = this.#record.steps
      .find((candidate) => candidate.name === step)
      ?.outputs.find((candidate) => candidate.name === output)
    if (!found) throw new Error(`The step ${step} has not given ${output}.`)
    return found
  }

  /** From the store where it can, done where it must. */
  async #result(step: PlannedStep, record: StepRecord, parts: Ingredients, index: number): Promise<StoredResult> {
    const key = stepKey(parts)
    record.key = key
    const stored = step.node.definition.effect ? undefined : this.#store.find(key)
    const usable = stored && hasModels(stored, this.#services.registry)
    record.why = this.#why(step, parts, Boolean(stored), Boolean(usable))
    record.cached = Boolean(stored && usable)
    return stored && usable ? stored : this.#do(step, key, index)
  }

  #why(step: PlannedStep, parts: Ingredients, stored: boolean, usable: boolean): string {
    if (step.node.definition.effect) return 'done again: it writes outside the run, and repeating it is safe'
    if (stored && !usable) return 'done again: the model it had stored is gone'
    const previous = previousIngredients(this.#services.workspace, this.#plan.flow, this.#folder.id, step.name)
    const changed = previous && difference(previous.parts, parts)
    if (stored)
      return changed
        ? `kept: the same work was done before (since run ${previous.run}: ${changed})`
        : 'kept: nothing it depends on has changed'
    if (!previous) return 'done: it was never done before'
    return changed ? `done: ${changed}` : 'done: its stored result is gone'
  }

  #do(step: PlannedStep, key: string, index: number): Promise<StoredResult> {
    const { node, settings, outputs: promised } = step
    const inputs = Object.fromEntries(step.links.map((link) => [link.input, this.#table(link.step, link.output)]))
    const onProgress = (share: number) => this.#services.progress.stepProgress(step.name, index, share)
    return perform(
      { node, settings, inputs, promised, key },
      { ...this.#services, store: this.#store, seed: this.#plan.seed, onProgress },
    )
  }

  #table(step: string, output: string): Table {
    return { relation: viewName(step, output), columns: this.#output(step, output).columns }
  }

  async #stop(step: PlannedStep, record: StepRecord): Promise<void> {
    if (step.stop === undefined) return
    const values = await stopValues(this.#services.database, step, record)
    if (values === undefined) return
    record.status = 'stopped'
    record.problem = this.#problem(
      new PolkuError('STEP_STOPPED', { expression: step.stop, values, found: values }),
      step,
    )
    this.#record.status = 'stopped'
    this.#record.problem = record.problem
  }

  #problem(error: unknown, step: PlannedStep): ProblemRecord {
    const place = this.#place(step)
    const translated = known(error, this.#services.workspace.root)
    if (translated instanceof PolkuError) return translated.at(place).toProblem()
    if (this.#services.signal.aborted) return new PolkuError('RUN_CANCELLED', {}, place).toProblem()
    const message = translated instanceof Error ? translated.message : String(translated)
    this.#event('stack', { step: step.name, stack: translated instanceof Error ? translated.stack : undefined })
    return new PolkuError(
      'STEP_FAILED',
      {
        reason: message.split('\n')[0],
        right: `What ${step.node.name} asks of its inputs; see \`polku nodes ${step.node.name}\`. The stack is in events.jsonl of the run.`,
      },
      place,
    ).toProblem()
  }
}

const viewName = (step: string, output: string): string => `step ${step}.${output}`
