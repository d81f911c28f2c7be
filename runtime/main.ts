import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { sql } from '../nodes/lib/sql.ts'
import { projectRoot } from './config.ts'
import { ArtifactStore } from './data/artifacts.ts'
import { Database } from './data/database.ts'
import { DatasetStore } from './data/datasets.ts'
import { FileHashes, list } from './data/files.ts'
import { sweep, temporaryPath } from './data/litter.ts'
import { clientSchema, Workspace } from './data/workspace.ts'
import { known, PolkuError } from './errors.ts'
import { Catalogue, type FoundNode } from './flow/catalogue.ts'
import { checkFlow } from './flow/check.ts'
import type { Plan } from './flow/plan.ts'
import { shapeFaults } from './flow/shape.ts'
import { hashOf } from './model/approval.ts'
import { ModelRegistry } from './model/registry.ts'
import { ModelService } from './model/service.ts'
import { nearest } from './nearest.ts'
import { notebookProvider } from './notebook/step/provider.ts'
import { execute } from './run/execute.ts'
import { findRun, RunFolder, runId } from './run/folder.ts'
import type { Progress } from './run/progress.ts'
import type { RunRecord } from './run/record.ts'
import { rememberedOutputs } from './run/remembered.ts'
import { packPlotly } from './run/report/plotly.ts'
import { renderReport } from './run/report/report.ts'

export interface FlowRequest {
  /** A flow's name, or the path of its file. */
  readonly flow: string
  readonly params: Readonly<Record<string, unknown>>
  /** ISO date. */
  readonly asOf: string
}

export interface RunOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly now: () => number
  /** The id of a run to go on with, instead of a new one. */
  readonly resume?: string
}

/** The workspace in `folder`, for looking at what is there. Throws WORKSPACE_NOT_FOUND, WORKSPACE_INVALID. */
export const openWorkspace = (folder: string): Workspace =>
  Workspace.open(folder, (client) => {
    const [fault] = shapeFaults(clientSchema, client)
    return fault && { reason: `${fault.path.join('.') || 'it'} is ${fault.kind}.`, right: fault.expected }
  })

/** The nodes and notebooks that flows of a workspace can use; without one, those that Polku brings. @param given nodes that are in memory already. */
export const catalogueOf = (workspace: Workspace | undefined, given: readonly FoundNode[] = []): Catalogue =>
  new Catalogue(workspace?.root, given, notebookProvider(workspace, Date.now))

/** One client's workspace, opened: everything a program needs to check and run its flows. */
export class Client {
  readonly workspace: Workspace
  readonly catalogue: Catalogue
  readonly models: ModelRegistry
  readonly #database: Database
  readonly #datasets: DatasetStore
  readonly #service: ModelService
  readonly #hashes: FileHashes

  private constructor(workspace: Workspace, database: Database, given: readonly FoundNode[]) {
    this.workspace = workspace
    this.catalogue = catalogueOf(workspace, given)
    // Data that a step has read before need not be read again to see that it is still the same.
    this.models = new ModelRegistry(
      join(workspace.root, 'models'),
      (path) => this.#hashes.remembered(path) ?? hashOf(path),
    )
    this.#database = database
    this.#datasets = new DatasetStore(workspace.internal('datasets'), database, workspace.internal('tmp'))
    this.#service = new ModelService(this.models)
    this.#hashes = new FileHashes(workspace.internal('hashes'), workspace.internal('tmp'))
  }

  /** Opens the workspace in `folder`. Throws WORKSPACE_*, DISK_FULL. */
  static async open(folder: string, given: readonly FoundNode[] = []): Promise<Client> {
    const workspace = openWorkspace(folder)
    workspace.prepare()
    try {
      sweep(workspace.internal('tmp'))
      const temporary = temporaryPath(workspace.internal('tmp'), 'duckdb')
      const database = await Database.open({ folder: workspace.root, temporary })
      return new Client(workspace, database, given)
    } catch (error) {
      throw known(error, workspace.root)
    }
  }

  /** The parts of the engine, for doing a node's work outside a flow. */
  get parts() {
    return {
      workspace: this.workspace,
      database: this.#database,
      datasets: this.#datasets,
      registry: this.models,
      models: this.#service,
      hashes: this.#hashes,
    }
  }

  async close(): Promise<void> {
    await this.#service.close()
    this.#database.close()
  }

  /** The file a flow's name means: a path, the workspace's `flows/`, or Polku's own. Throws FLOW_NOT_FOUND. */
  flowFile(flow: string): string {
    const folders = [join(this.workspace.root, 'flows'), join(projectRoot, 'flows')]
    const candidates = [resolve(flow), ...folders.map((folder) => join(folder, `${flow}.yaml`))]
    const found = candidates.find((file) => /\.ya?ml$/.test(file) && existsSync(file))
    if (found) return found
    const names = folders.flatMap((folder) => list(folder).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []))
    throw new PolkuError('FLOW_NOT_FOUND', { flow, found: flow, nearest: nearest(flow, [...new Set(names)], 'flow') })
  }

  /** Checks a flow and gives its plan. Throws PolkuErrors with every fault. */
  async check({ flow, params, asOf }: FlowRequest): Promise<Plan> {
    const path = this.flowFile(flow)
    const services = { database: this.#database, models: this.#service, datasets: this.#datasets }
    const resolveModel = (reference: string) => this.models.load(reference)
    return checkFlow({
      text: readFileSync(path, 'utf8'),
      file: relative(process.cwd(), path),
      params,
      asOf,
      workspace: this.workspace,
      catalogue: this.catalogue,
      services,
      resolveModel,
      remembered: (step, inputs, seed) =>
        rememberedOutputs(step, inputs, seed, {
          workspace: this.workspace,
          hashes: this.#hashes,
          datasets: this.#datasets,
          models: this.models,
          store: new ArtifactStore(this.workspace.internal('artifacts'), this.workspace.internal('tmp')),
        }),
    })
  }

  /** Checks and runs a flow, writes its report, and gives the record. Throws PolkuErrors where it does not check, DISK_FULL and WORKSPACE_NOT_WRITABLE where it cannot begin. */
  async run(request: FlowRequest, options: RunOptions): Promise<RunRecord> {
    const [plan] = await Promise.all([this.check(request), packPlotly()])
    const { workspace } = this
    const folder = options.resume
      ? findRun(workspace, options.resume)
      : new RunFolder(workspace, runId(plan.flow, options.now(), randomBytes(2).toString('hex')))
    const flowFile = workspace.relative(this.flowFile(request.flow))
    try {
      folder.create({ flowFile, params: request.params, asOf: request.asOf })
    } catch (error) {
      throw known(error, workspace.root)
    }
    const onAbort = () => this.#database.cancel()
    options.signal.addEventListener('abort', onAbort)
    try {
      const record = await execute(plan, folder, {
        ...options,
        workspace,
        database: this.#database,
        datasets: this.#datasets,
        registry: this.models,
        models: this.#service,
        hashes: this.#hashes,
      })
      return await this.#report(record, folder)
    } finally {
      options.signal.removeEventListener('abort', onAbort)
      this.#database.restore()
    }
  }

  /** Writes the report of a run. Where the disk does not take it, the run has failed, and its record says why. */
  async #report(record: RunRecord, folder: RunFolder): Promise<RunRecord> {
    const report = this.workspace.relative(folder.reportPath)
    const html = renderReport({ ...record, report })
    try {
      folder.writeReport(html)
      folder.write({ ...record, report })
      return { ...record, report }
    } catch (error) {
      const problem = known(error, this.workspace.root)
      if (!(problem instanceof PolkuError)) throw error
      return { ...record, status: 'failed', problem: record.problem ?? problem.toProblem() }
    }
  }

  /** A small stored table as CSV text. `path` is absolute. */
  async tableCsv(path: string): Promise<string> {
    const file = temporaryPath(this.workspace.internal('tmp'), 'table')
    await this.#database.writeCsv(sql`from read_parquet(${path})`, file, ',')
    const text = readFileSync(file, 'utf8')
    rmSync(file)
    return text
  }

  /** The request of an earlier run, to go on with it. Throws RUN_UNKNOWN. */
  requestOf(run: string): FlowRequest {
    const folder = findRun(this.workspace, run)
    const request = folder.request
    if (!request) throw new PolkuError('RUN_UNKNOWN', { run, found: run, nearest: 'Its request.json is missing.' })
    return { flow: join(this.workspace.root, request.flowFile), params: request.params, asOf: request.asOf }
  }
}
