import { readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { sql } from '../../nodes/lib/sql.ts'
import { Catalogue, type CatalogueNode, type NodeProvider } from '../catalogue/catalogue.ts'
import { flowFileAt, ownFlowFile } from '../catalogue/flow-files.ts'
import { ArtifactStore } from '../data/artifacts.ts'
import { Database } from '../data/database.ts'
import { DatasetStore } from '../data/datasets.ts'
import { FileHashes } from '../data/hash.ts'
import { removeStaleTemporary, temporaryPath } from '../data/stale-temporary.ts'
import { Workspace } from '../data/workspace.ts'
import { asPolkuError, PolkuError, redacted } from '../errors/errors.ts'
import { checkFlow } from '../flow/check.ts'
import type { Plan } from '../flow/plan.ts'
import { hashOf } from '../model/approval.ts'
import { ModelRegistry } from '../model/registry.ts'
import { ModelService } from '../model/service.ts'
import { execute } from '../run/execute.ts'
import { findRun, newRunId, RunFolder } from '../run/folder.ts'
import { FlowHistory } from '../run/history.ts'
import { requireStep } from '../run/reasons.ts'
import type { RunRecord } from '../run/record.ts'
import { packingPlotly, writeReport } from '../run/report/report.ts'
import { realDelay } from '../run/retry.ts'
import { environmentSecrets } from '../step/environment-secrets.ts'
import { storedOutputs } from '../step/execute.ts'
import { Secrets, type SecretValues } from '../step/secrets.ts'
import { ChildFlows } from './child-flows.ts'
import type { FlowRequest, RunOptions } from './request.ts'

export interface EngineOptions {
  /** Nodes that are in memory already. */
  readonly nodes?: readonly CatalogueNode[]
  /** Bytes that its database may take before it uses the disk; most of the machine's where nothing is said. */
  readonly memory?: number
  /** A database that is open already, confined to a folder around the workspace. It stays open. */
  readonly database?: Database
  /** Gives the nodes of the workspace that are no folders of `nodes/`, such as notebooks. */
  readonly provider?: (workspace: Workspace) => NodeProvider
}

/** One client's workspace, opened: everything a program needs to check and run its flows. */
export class Engine {
  readonly workspace: Workspace
  readonly catalogue: Catalogue
  readonly database: Database
  readonly datasets: DatasetStore
  /** The models that are stored. */
  readonly registry: ModelRegistry
  /** What nodes may do with models. */
  readonly models: ModelService
  /** Of files that others write. */
  readonly hashes: FileHashes
  readonly #children: ChildFlows
  readonly #unfinished: string
  readonly #closesDatabase: boolean
  #isSpoilt = false

  private constructor(workspace: Workspace, database: Database, options: EngineOptions) {
    const { nodes = [], provider } = options
    this.#closesDatabase = options.database === undefined
    this.workspace = workspace
    this.catalogue = new Catalogue(workspace.root, nodes, provider?.(workspace))
    // Data that a step has read before need not be read again to see that it is still the same.
    this.registry = new ModelRegistry(
      join(workspace.root, 'models'),
      (path) => this.hashes.remembered(path) ?? hashOf(path),
    )
    this.database = database
    this.datasets = new DatasetStore(workspace.internal('datasets'), database, workspace.internal('tmp'))
    this.models = new ModelService(this.registry)
    this.hashes = new FileHashes(workspace.internal('hashes'), workspace.internal('tmp'))
    this.#unfinished = temporaryPath(workspace.internal('tmp'), 'run')
    const open = () => Engine.open(workspace.root, { nodes, provider })
    this.#children = new ChildFlows({ workspace, fileOf: (flow) => this.flowFile(flow), open })
  }

  /** Opens the workspace in `folder`. Throws WORKSPACE_*, DISK_FULL. */
  static async open(folder: string, options: EngineOptions = {}): Promise<Engine> {
    const workspace = Workspace.open(folder)
    workspace.prepare()
    try {
      removeStaleTemporary(workspace.internal('tmp'))
      const temporary = temporaryPath(workspace.internal('tmp'), 'duckdb')
      const { database, memory } = options
      const opened = database ?? (await Database.open({ folder: workspace.root, temporary, memory }))
      return new Engine(workspace, opened, options)
    } catch (error) {
      throw asPolkuError(error, workspace.root)
    }
  }

  /**
   * Whether a step goes on although it was cancelled or over its time, because its node does not listen. Then the
   * database serves nobody any more, so that the step can do no harm, and it is best to end the process.
   */
  get isSpoilt(): boolean {
    return this.#isSpoilt
  }

  async close(): Promise<void> {
    await this.models.close()
    if (this.#closesDatabase) this.database.close()
    rmSync(this.#unfinished, { recursive: true, force: true })
  }

  /** The file a flow's name means: a path, the workspace's `flows/`, or Polku's own. Throws FLOW_NOT_FOUND. */
  flowFile(flow: string): string {
    return flowFileAt(this.workspace, flow)
  }

  /** Checks a flow and gives its plan. Throws PolkuErrors with every fault. */
  async check(request: FlowRequest, secrets = this.#secretsOf(undefined)): Promise<Plan> {
    try {
      return await this.#check(request, secrets)
    } catch (error) {
      throw secrets.isEmpty ? error : redacted(error, secrets)
    }
  }

  /** What flows may name: what is given, or what the environment has. */
  #secretsOf(values: SecretValues | undefined): Secrets {
    return new Secrets(values ?? environmentSecrets(this.workspace, process.env))
  }

  #check({ flow, params, asOf, text }: FlowRequest, secrets: Secrets): Promise<Plan> {
    const path = text === undefined ? this.flowFile(flow) : ownFlowFile(this.workspace, flow)
    const services = { database: this.database, models: this.models, datasets: this.datasets }
    const resolveModel = (reference: string) => this.registry.load(reference)
    return checkFlow({
      text: text ?? readFileSync(path, 'utf8'),
      file: relative(process.cwd(), path),
      params,
      asOf,
      secrets,
      workspace: this.workspace,
      catalogue: this.catalogue,
      services,
      resolveModel,
      flowNode: (use) =>
        this.#children.node(use, (child, values) => this.#check({ flow: child, params: values, asOf }, secrets)),
      storedOutputs: (step, inputs, seed) =>
        storedOutputs(step, inputs, seed, {
          workspace: this.workspace,
          hashes: this.hashes,
          datasets: this.datasets,
          models: this.registry,
          secrets,
          store: new ArtifactStore(this.workspace.internal('artifacts'), this.workspace.internal('tmp')),
        }),
    })
  }

  /**
   * Checks and runs a flow, writes its report, and gives the record. Throws PolkuErrors where it does not check,
   * STEP_UNKNOWN for `from`, DISK_FULL and WORKSPACE_NOT_WRITABLE where it cannot begin.
   */
  async run(request: FlowRequest, options: RunOptions): Promise<RunRecord> {
    const secrets = this.#secretsOf(options.secrets)
    const plan = await this.check(request, secrets)
    const { workspace } = this
    const folder = options.resume
      ? findRun(workspace, options.resume)
      : new RunFolder(workspace, options.id ?? newRunId(plan.flow, options.now()))
    const from = options.from ?? folder.request?.from
    requireStep(plan, from)
    const history = this.#begin(plan, folder, { ...request, from })
    this.#children.begin(folder.id, request.asOf, options)
    const onAbort = () => this.database.cancel()
    options.signal.addEventListener('abort', onAbort)
    try {
      const record = await execute(plan, folder, {
        ...options,
        progress: options.report === 'later' ? options.progress : packingPlotly(options.progress),
        delay: options.delay ?? realDelay,
        onAbandoned: () => {
          this.#isSpoilt = true
        },
        from,
        history,
        secrets,
        workspace,
        unfinished: this.#unfinished,
        database: this.database,
        datasets: this.datasets,
        registry: this.registry,
        models: this.models,
        hashes: this.hashes,
      })
      const isReported = record.status !== 'running' && options.report !== 'later'
      return isReported ? this.#report(record, folder) : record
    } finally {
      options.signal.removeEventListener('abort', onAbort)
      if (!this.#isSpoilt) this.database.restore()
    }
  }

  /** Makes the run's folder and adds the run to the history of its flow. Throws DISK_FULL, WORKSPACE_NOT_WRITABLE. */
  #begin(plan: Plan, folder: RunFolder, { flow, params, asOf, from }: FlowRequest & { from?: string }): FlowHistory {
    const { workspace } = this
    try {
      folder.create({ flowFile: workspace.relative(this.flowFile(flow)), params, asOf, from })
      return FlowHistory.begin(workspace, plan.flow, folder.id)
    } catch (error) {
      throw asPolkuError(error, workspace.root)
    }
  }

  /** Writes the report of a run. Where the disk does not take it, the run has failed, and its record says why. */
  #report(record: RunRecord, folder: RunFolder): RunRecord {
    try {
      return writeReport(record, folder)
    } catch (error) {
      const problem = asPolkuError(error, this.workspace.root)
      if (!(problem instanceof PolkuError)) throw error
      return { ...record, status: 'failed', problem: record.problem ?? problem.toProblem() }
    }
  }

  /** A small stored table as CSV text. `path` is absolute. */
  async tableCsv(path: string): Promise<string> {
    const file = temporaryPath(this.workspace.internal('tmp'), 'table')
    await this.database.writeCsv(sql`from read_parquet(${path})`, file, ',')
    const text = readFileSync(file, 'utf8')
    rmSync(file)
    return text
  }
}
