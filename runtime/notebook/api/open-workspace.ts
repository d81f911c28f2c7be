import { currencySign, currencyTitle } from '../../../nodes/lib/money.ts'
import { Catalogue, type CatalogueNode, families } from '../../catalogue/catalogue.ts'
import { PolkuError } from '../../errors/errors.ts'
import { type ArrayColumn, columnsOfRows, type InputRow, storeArrays } from './arrays.ts'
import { callNode, checkInputNames } from './calls.ts'
import type { DataFrame } from './danfo.ts'
import { Findings } from './findings.ts'
import { membersOf } from './node-types.ts'
import { notebookError } from './notebook-error.ts'
import { notebookQuery, withThis } from './query.ts'
import { type NodeResult, nodeResult, reservedNames, tableOf } from './result.ts'
import { type FlowRun, openRun } from './runs.ts'
import { describeValue, plainSettings } from './settings.ts'
import { type SharedEngine, sqlError } from './shared-engine.ts'
import { type SqlPiece, Table, type TableHost } from './table.ts'

export interface OpenWorkspaceOptions {
  /** ISO date up to which things are known. */
  readonly asOf: string
  readonly seed: number
  /** Asked at each call: what stops it. */
  readonly signal: () => AbortSignal | undefined
}

/** A workspace as a notebook uses it: its tables, and SQL over them. Nodes are called by `call`. */
export class OpenWorkspace {
  readonly #engine: SharedEngine
  readonly #options: OpenWorkspaceOptions
  readonly #host: TableHost
  readonly #release: () => Promise<void>

  /** @internal Notebooks call `open`. */
  constructor(engine: SharedEngine, options: OpenWorkspaceOptions, release: () => Promise<void>) {
    this.#engine = engine
    this.#options = options
    this.#release = release
    this.#host = { engine, signal: options.signal, query: (...query) => this.#query(...query) }
  }

  /** The workspace's folder. */
  get folder(): string {
    return this.#engine.root
  }

  /** @internal What works for it; for Polku's own parts. */
  get engine(): SharedEngine {
    return this.#engine
  }

  /**
   * An input table of the notebook where it runs as a step of a flow, and what `otherwise` gives where it does not.
   * Throws INPUT_MISSING where there is neither.
   */
  async input(name: string, otherwise?: () => Table | Promise<Table>): Promise<Table> {
    const path = inputPath(process.env.POLKU_NOTEBOOK_INPUTS, name)
    if (path !== undefined) return this.sql`from read_parquet(${path})`
    if (otherwise) return otherwise()
    const right = `A step of a flow with from: { ${name}: STEP }, or workspace.input(${JSON.stringify(name)}, () => TABLE) to work without one.`
    throw notebookError(new PolkuError('INPUT_MISSING', { node: 'the notebook', input: name, right }), this.folder)
  }

  /** In which the client counts money: `EUR`, with the sign `€` and the title `Euros` for figures and sentences. */
  get currency(): { readonly code: string; readonly sign: string; readonly title: string } {
    const code = this.#engine.workspace.currency
    return { code, sign: currencySign(code), title: currencyTitle(code) }
  }

  /** The date up to which things are known. */
  get asOf(): string {
    return this.#options.asOf
  }

  /**
   * Asks in SQL (DuckDB's); tables and results are put in as holes, values too:
   * ``await workspace.sql`select city, count(*) as n from ${customers} where age > ${18} group by city` ``.
   * Throws SQL_INVALID.
   */
  sql(strings: TemplateStringsArray, ...pieces: readonly SqlPiece[]): Promise<Table> {
    return this.#query(strings, pieces)
  }

  /**
   * A run of a flow to look at: the newest that was done of the flow called `name`, or the run of that id or unique part
   * of one. Throws RUN_UNKNOWN.
   */
  run(name: string): Promise<FlowRun> {
    return this.#work(async () => openRun(this.#engine, name, this.#host))
  }

  /**
   * Does the work of any node by its name, the client's own ones too: `enrich/my-score`, or `model/churn@approved`.
   * Throws NODE_UNKNOWN, INPUT_*, SETTING_*, COLUMN_*, EXPRESSION_* and the node's own errors.
   */
  node(name: string, inputs: object = {}, settings: object = {}): Promise<NodeResult> {
    const model = /^model\/(.+)$/.exec(name)?.[1]
    return model === undefined
      ? this.#call(name, inputs, settings)
      : this.#call('predict/score', inputs, { ...settings, model })
  }

  /**
   * A table of equally long columns, in order: typed arrays, or lists of numbers, texts, booleans, dates, each with
   * null for what is missing. Whole numbers become BIGINT, others DOUBLE; dates at midnight (UTC) DATE, others
   * TIMESTAMP. Throws TABLE_INVALID.
   */
  fromArrays(columns: Readonly<Record<string, ArrayColumn>>): Promise<Table> {
    return this.#work(async () => new Table(await storeArrays(this.#engine, columns), this.#host))
  }

  /** A table of rows; its columns are all keys of all rows. Types as `fromArrays` finds them. Throws TABLE_INVALID. */
  fromRows(rows: readonly InputRow[]): Promise<Table> {
    return this.#work(async () => new Table(await storeArrays(this.#engine, columnsOfRows(rows)), this.#host))
  }

  /**
   * A table of a danfojs DataFrame. One that `toDanfo` gave has the types of its table where its values still fit;
   * otherwise as `fromArrays` finds them. Throws TABLE_INVALID.
   */
  async fromDanfo(frame: DataFrame): Promise<Table> {
    const { columnsOfFrame, typesOfFrame } = await import('./danfo.ts')
    return this.#work(async () => {
      const columns = columnsOfFrame(frame)
      return new Table(await storeArrays(this.#engine, columns, typesOfFrame(frame)), this.#host)
    })
  }

  /** Gives the workspace's engine back; its tables cannot be asked any more. The end of the notebook does the same. */
  async close(): Promise<void> {
    await this.#release()
  }

  #work<T>(task: () => Promise<T>): Promise<T> {
    return this.#engine.work(task, this.#options.signal())
  }

  #query(strings: TemplateStringsArray, pieces: readonly SqlPiece[], self?: Table): Promise<Table> {
    return this.#work(async () => {
      const query = notebookQuery(strings, pieces)
      try {
        const stored = await this.#engine.storeQuery(self ? withThis(query, self.relation) : query)
        return new Table(stored, this.#host)
      } catch (error) {
        throw sqlError(error)
      }
    })
  }

  async #call(name: string, inputValues: object, settings: object): Promise<NodeResult> {
    const { asOf, seed, signal } = this.#options
    return this.#work(async () => {
      const node = await this.#load(name)
      const inputs = this.#inputs(node, inputValues)
      const call = { node, inputs, settings: plainSettings(settings), asOf, seed, signal: signal() }
      const { result, cached } = await callNode(call, this.#engine)
      const tables = new Map<string, Table>()
      for (const [output, stored] of await this.#engine.tables(result))
        tables.set(output, new Table(stored, this.#host))
      return nodeResult(name, tables, { findings: new Findings(result.findings), cached })
    })
  }

  /** A node as it is now: one may be written or edited after the workspace was opened. */
  async #load(name: string): Promise<CatalogueNode> {
    const node = await new Catalogue(this.#engine.root).load(name)
    const reserved = Object.keys(node.definition.outputs).find((output) => reservedNames.includes(output))
    if (reserved === undefined) return node
    const right = `An output of another name than ${reservedNames.join(' and ')}.`
    throw new PolkuError('NODE_INVALID', { node: name, reason: `its output ${reserved} has a name of results.`, right })
  }

  #inputs(node: CatalogueNode, inputs: unknown): Record<string, Table['stored']> {
    if (inputs === null || typeof inputs !== 'object' || tableOf(inputs) || Array.isArray(inputs))
      throw new PolkuError('INPUT_NOT_TABLE', {
        input: '(all of them)',
        value: describeValue(inputs),
        right: `An object of tables: { ${Object.keys(node.definition.inputs).join(', ')} }.`,
      })
    const entries = Object.entries(inputs).filter(([, value]) => value !== undefined)
    checkInputNames(
      node,
      entries.map(([input]) => input),
    )
    return Object.fromEntries(entries.map(([input, value]) => [input, this.#input(input, value)]))
  }

  #input(input: string, value: unknown): Table['stored'] {
    const table = tableOf(value)
    if (table?.isOf(this.#engine)) return table.stored
    const right =
      value instanceof Promise
        ? 'The table itself: wait for it with `await`.'
        : 'A table: an output of a node, or made by workspace.sql, workspace.fromArrays, workspace.fromRows or workspace.fromDanfo.'
    throw new PolkuError('INPUT_NOT_TABLE', {
      input,
      value: table ? 'a table of another workspace' : describeValue(value),
      right,
    })
  }
}

/** The Parquet file of an input, as whoever runs the notebook lists them by name. */
function inputPath(listed: string | undefined, name: string): string | undefined {
  const paths: unknown = listed ? JSON.parse(listed) : {}
  const path =
    paths !== null && typeof paths === 'object' && Object.hasOwn(paths, name) ? Reflect.get(paths, name) : undefined
  return typeof path === 'string' ? path : undefined
}

type NodeFunction = (inputs?: object, settings?: object) => Promise<NodeResult>

/** Gives an opened workspace the families of nodes, each with its nodes as functions: `workspace.segment.rfm`. Nodes that are written later are there too. */
export function addNodes(workspace: OpenWorkspace): void {
  for (const family of families)
    Object.defineProperty(workspace, family, { enumerable: true, get: () => functionsOf(workspace, family) })
}

const functionsOf = (workspace: OpenWorkspace, family: string): Record<string, NodeFunction> =>
  Object.fromEntries(
    membersOf(family, new Catalogue(workspace.folder)).map(([member, name]): [string, NodeFunction] => [
      member,
      (inputs, settings) => workspace.node(name, inputs, settings),
    ]),
  )
