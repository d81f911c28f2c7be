import { type Static, type TObject, type TSchema, Type } from 'typebox'
import type { Figure, FindingTable, Metric } from './lib/finding.ts'
import type { BulkColumns, Column, ColumnData, Row, Sql, Table } from './lib/table.ts'

export { type Static, Type } from 'typebox'
export type { Figure, Finding, FindingTable, Metric, Note } from './lib/finding.ts'
export type { BulkColumns, Column, ColumnData, Row, Sql, SqlValue, Table } from './lib/table.ts'

/** What DuckDB's types mean to an analyst; `any` accepts every one. */
export type ColumnClass = 'number' | 'text' | 'date' | 'boolean' | 'any'

export type InputSpec = { readonly description: string; readonly optional?: boolean }

/** Declares one input table, `description` saying what a row is. */
export const input = <const O extends { readonly optional?: true }>(description: string, options?: O) => ({
  description,
  ...(options as O), // spreading nothing gives nothing, as the type says
})

type SettingOptions = { readonly description?: string; readonly default?: unknown }

export interface ColumnOptions extends SettingOptions {
  /** The class the column must have. */
  readonly type?: ColumnClass
}

/** A setting that names a column of `inputName`; checked to exist with its type before a run. */
export const column = (inputName: string, { type = 'any', ...options }: ColumnOptions = {}) =>
  Type.String({ minLength: 1, ...options, 'x-column': { input: inputName, type } })

/** A setting that lists columns of `inputName`. */
export const columns = (inputName: string, { type = 'any', ...options }: ColumnOptions = {}) =>
  Type.Array(Type.String({ minLength: 1, 'x-column': { input: inputName, type } }), options)

/** A DuckDB scalar expression over the columns of `inputName`, of class `type`. Use with `expr()`. */
export const expression = (
  inputName: string,
  { type = 'any', ...options }: SettingOptions & { type?: ColumnClass } = {},
) => Type.String({ minLength: 1, ...options, 'x-expression': { input: inputName, type } })

/** The date up to which things are known: an ISO date or an offset from the run's as-of date such as `-90 days`. The node receives an ISO date. */
export const asOfDate = (description = "What is known before this date; the run's date by default") =>
  Type.String({
    default: '0 days',
    pattern: '^([0-9]{4}-[0-9]{2}-[0-9]{2}|[+-]?[0-9]+ (day|week|month|year)s?)$',
    description,
    'x-as-of': true,
  })

/**
 * A file in the workspace by its relative path; its content is part of the step's cache key. The node receives the
 * absolute path, proven to lie in the workspace. `mode: 'write'` names a folder or file to write.
 */
export const filePath = ({ mode = 'read', ...options }: SettingOptions & { mode?: 'read' | 'write' } = {}) =>
  Type.String({ minLength: 1, ...options, 'x-path': mode })

/** What datasets, models, flows and the like are called. */
export const namePattern = '[a-z][a-z0-9-]{0,63}'

/** The name of a dataset of the workspace. Read datasets are part of the step's cache key. */
export const datasetName = ({ mode = 'read', ...options }: SettingOptions & { mode?: 'read' | 'write' } = {}) =>
  Type.String({ pattern: `^${namePattern}$`, ...options, 'x-dataset': mode })

/** A stored model, `churn@3`, `churn@draft` or `churn@approved`. The version is part of the cache key. */
export const modelReference = (options: SettingOptions = {}) =>
  Type.String({ pattern: `^${namePattern}@([0-9]+|draft|approved)$`, ...options, 'x-model': true })

/** What a node may ask when its outputs are typed on empty tables, before a run. */
export interface PlanContext {
  /** The flow's seed. Dates come from `asOfDate()` settings only, so that a new day does not redo what does not depend on it. */
  readonly seed: number
  /** The client's, a code of ISO 4217: for words about money. Metrics have it by their unit. */
  readonly currency: string
  /** The columns a query would give; reads no row. */
  describe(query: Sql): Promise<readonly Column[]>
  /** All rows of a small result as plain objects: DECIMAL and BIGINT as numbers, dates as ISO text. */
  rows(query: Sql): Promise<Row[]>
  /** Throws the node's declared error `name` with its placeholders filled. */
  fail(name: string, values?: Record<string, string | number>): never
  readonly models: Pick<Models, 'load'>
  readonly datasets: Pick<Datasets, 'read'>
}

export interface RunContext extends PlanContext {
  /** Materialises a query once, for use by several outputs. Lives until the step ends. */
  store(query: Sql): Promise<Table>
  /**
   * Like `store`, but as a Parquet file, for tables larger than memory; counts its rows. An output that
   * is just this table, ``sql`from ${table}` ``, takes the file as it is instead of writing it again.
   */
  storeFile(query: Sql): Promise<Table & { readonly rows: number }>
  /** Reads columns into typed arrays, in the query's order; a column is text unless its type is numeric, date or boolean. */
  read(query: Sql): Promise<Record<string, ColumnData>>
  /** Like `read`, but in chunks of at most some ten thousand rows: for inputs larger than memory. */
  readChunks(query: Sql): AsyncIterable<{ rows: number; columns: Record<string, ColumnData> }>
  /** Makes a temporary table from equally long columns; Float64Array becomes DOUBLE (NaN becomes NULL), Int32Array INTEGER, texts VARCHAR. */
  write(columns: BulkColumns): Promise<Table>
  /** Like `write`, chunk by chunk: for outputs larger than memory. Every chunk has the columns of the first. */
  writeChunks(chunks: AsyncIterable<BulkColumns>): Promise<Table>
  metric(metric: Omit<Metric, 'kind'>): void
  table(table: Omit<FindingTable, 'kind'>): void
  figure(figure: Omit<Figure, 'kind'>): void
  note(text: string): void
  warn(text: string): void
  /** Reports progress of a long step, 0–1. */
  progress(share: number): void
  readonly models: Models
  readonly datasets: Datasets
  readonly files: Files
  readonly signal: AbortSignal
}

export interface Files {
  /** A new path for a temporary file, deleted when the step ends. */
  temporary(suffix: string): string
  /** Writes a query as a Parquet file. `path` is of `temporary`. */
  writeParquet(query: Sql, path: string): Promise<{ rows: number }>
  /** Writes a query as a UTF-8 CSV file with a header, whole or not at all. `path` is absolute, from a `filePath` setting. */
  writeCsv(query: Sql, path: string, options: { delimiter: string; bom: boolean }): Promise<{ rows: number }>
}

/** Whether and as which snapshot rows were added. */
type Appended = { readonly snapshot: number; readonly added: boolean; readonly rows: number }

export interface Datasets {
  /**
   * Adds a snapshot. The same `key` with the same content is written once, however often it is
   * retried; the same key with other content throws the error `DATASET_KEY_TAKEN`.
   */
  append(name: string, query: Sql, options: { key: string; asOf: string }): Promise<Appended>
  /** The rows appended with an as-of date on or before `asOf`; undefined where there is no such dataset. */
  read(name: string, asOf: string): Promise<Table | undefined>
}

export type ModelKind = 'logistic' | 'network' | 'layers'

/** A trained predictor as it is stored: everything scoring needs, as JSON. */
export interface ModelContent {
  readonly kind: ModelKind
  /** What is predicted: the column and the value that counts as a case. */
  readonly target: { readonly column: string; readonly positive: string }
  /** How raw columns become the numbers the model sees. */
  readonly preprocessing: unknown
  readonly parameters: unknown
  /** What a reviewer needs to know: data, columns, metrics, intended use, limits. */
  readonly card: Record<string, unknown>
}

export interface NetworkSpec {
  /** Row-major, `rows × width`, already scaled. */
  readonly x: Float32Array
  readonly y: Float32Array
  readonly weights?: Float32Array
  readonly width: number
  readonly hidden: readonly number[]
  readonly dropout: number
  readonly learningRate: number
  readonly batchSize: number
  readonly epochs: number
  /** Epochs without a better validation loss before training stops and the best weights are restored. */
  readonly patience: number
  readonly validationShare: number
  readonly seed: number
}

type Numbers = readonly number[]
type Layer = { readonly inputs: number; readonly units: number; readonly kernel: Numbers; readonly bias: Numbers }

export interface NetworkWeights {
  /** One per layer: `kernel` is row-major inputs × units. The hidden layers are ReLU, the last is a sigmoid. */
  readonly layers: readonly Layer[]
  readonly history: readonly { readonly epoch: number; readonly loss: number; readonly validationLoss: number }[]
  readonly bestEpoch: number
}

export interface Models {
  /** Trains a dense network on TF.js WASM in a worker thread; deterministic in its seed. */
  trainNetwork(spec: NetworkSpec, options?: { readonly signal?: AbortSignal }): Promise<NetworkWeights>
  /** Probabilities of `rows × width` row-major numbers. */
  predictNetwork(weights: NetworkWeights, x: Float32Array, width: number): Promise<Float32Array>
  /** Probabilities that a TF.js LayersModel gives to `rows × width` row-major numbers. */
  predictLayers(weights: unknown, x: Float32Array, width: number): Promise<Float32Array>
  /** Stores a model as the next version of `name`; equal content gives the version that is there. */
  publish(name: string, content: ModelContent): Promise<{ version: number }>
  /** Loads `name@version`, `name@draft` (the newest) or `name@approved`. */
  load(reference: string): Promise<ModelContent & { readonly name: string; readonly version: number }>
}

type Inputs<I extends Record<string, InputSpec>> = {
  readonly [K in keyof I]: I[K] extends { optional: true } ? Table | undefined : Table
}
type Outputs<O extends Record<string, string>> = Sql | Partial<Record<keyof O, Sql>>

export interface NodeDefinition<
  I extends Record<string, InputSpec> = Record<string, InputSpec>,
  P extends TObject = TObject,
  O extends Record<string, string> = Record<string, string>,
> {
  readonly title: string
  /** One sentence that says what a person gets from it. */
  readonly summary: string
  readonly inputs: I
  readonly params: P
  /** Output names with what a row is. The first is what `from: step` means; others are `step.name`. */
  readonly outputs: O
  /** Metrics this node always gives, for `stop:` conditions: name to description. */
  readonly metrics?: Record<string, string>
  /** Errors of its own: name to message with `{placeholders}`. */
  readonly errors?: Record<string, string>
  /** Those of its errors that may pass by themselves, such as a service that does not answer: a step's `retry` is for these. */
  readonly transient?: readonly string[]
  /** True where it changes something outside its outputs (files, datasets): then it is never served from the cache and must itself be safe to repeat. */
  readonly effect?: boolean
  /**
   * Types the outputs on empty tables before anything runs: gives a query of the right columns per
   * output. Needed where `run` reads data, trains or writes; without it `run` itself is planned.
   */
  readonly plan?: (inputs: Inputs<I>, params: Static<P>, context: PlanContext) => Outputs<O> | Promise<Outputs<O>>
  /** Gives each output as a query, with a stable ORDER BY. A single query is the first output. */
  readonly run: (inputs: Inputs<I>, params: Static<P>, context: RunContext) => Outputs<O> | Promise<Outputs<O>>
  /** Speaks about the stored outputs: metrics, figures, warnings. May `fail`. */
  readonly report?: (
    outputs: { readonly [K in keyof O]: Table },
    params: Static<P>,
    context: RunContext,
    inputs: Inputs<I>,
  ) => void | Promise<void>
}

/** Declares a node: the one declaration that validation, types, catalogue, editor and API are made from. */
export const defineNode = <
  const I extends Record<string, InputSpec>,
  P extends TObject,
  const O extends Record<string, string>,
>(
  definition: NodeDefinition<I, P, O>,
): NodeDefinition<I, P, O> => definition

/** A closed schema of settings: an unknown one is refused with the nearest name. */
export const settings = <S extends Record<string, TSchema>>(properties: S) =>
  Type.Object(properties, { additionalProperties: false })
