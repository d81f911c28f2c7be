import {
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { sql } from '../../nodes/lib/sql.ts'
import type {
  Datasets,
  Figure,
  Finding,
  FindingTable,
  Metric,
  Models,
  RunContext,
  Sql,
  Table,
} from '../../nodes/node.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { type StoredOutput, writeOutput } from '../data/artifacts.ts'
import { readChunks, readColumns, writeChunks, writeColumns } from '../data/bulk.ts'
import type { Database } from '../data/database.ts'
import { removeStaleTemporary, temporaryPath } from '../data/stale-temporary.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { traceFault } from '../html/figures.ts'
import { requireSeeded } from './node-fault.ts'
import { planContext } from './typing.ts'

export interface StepServices {
  readonly database: Database
  readonly models: Models
  readonly datasets: Datasets
  readonly seed: number
  /** The client's. */
  readonly currency: string
  readonly signal: AbortSignal
  /** A folder of the step's own for temporary files. */
  readonly folder: string
  readonly onProgress: (share: number) => void
}

const units: readonly string[] = ['count', 'share', 'money', 'score', 'number', 'days', 'p'] satisfies Metric['unit'][]

/** Throws NODE_INVALID for a metric whose value or unit nobody can read. */
function requireUnit({ name: node, file }: CatalogueNode, { name, value, unit }: Omit<Metric, 'kind'>): void {
  if (unit !== undefined && !units.includes(unit))
    throw new PolkuError(
      'NODE_INVALID',
      { node, reason: `its metric ${name} has the unit ${unit}.`, right: nearest(unit, units, 'unit') },
      { file },
    )
  if (value === null || typeof value === 'number') return
  const reason = `its metric ${name} is no number: ${String(value)}.`
  throw new PolkuError('NODE_INVALID', { node, reason, right: 'A number, or null where there is none.' }, { file })
}

/** Throws NODE_INVALID for a table with a cell that a report cannot show, such as a date or a bigint. */
function requireCells(
  { name: node, file }: CatalogueNode,
  { title, rows }: Pick<FindingTable, 'title' | 'rows'>,
): void {
  const cell: unknown = rows
    .flat()
    .find((each: unknown) => /^(object|bigint|function)$/.test(typeof each) && each !== null)
  if (cell === undefined) return
  const kind = typeof cell === 'bigint' ? 'a bigint' : (cell as object).constructor.name // the other kinds are objects
  const reason = `its table “${title}” has a cell that is ${kind}.`
  throw new PolkuError('NODE_INVALID', { node, reason, right: 'A text, a number, true, false or null.' }, { file })
}

/** A figure that reports and notebooks can draw. Throws FIGURE_INVALID. */
function drawable<Drawn extends Pick<Figure, 'data' | 'title'>>(figure: Drawn): Drawn {
  const fault = traceFault(figure.data)
  if (!fault) return figure
  throw new PolkuError('FIGURE_INVALID', { ...fault, reason: `${fault.reason} It is “${figure.title}”.` })
}

/** The context a node runs in, with what it has found and made so far. */
export class StepContext {
  readonly findings: Finding[] = []
  readonly models: string[] = []
  readonly context: RunContext
  readonly #tables: string[] = []
  /** Tables that lie in files, by the text of the query that is nothing but the table. */
  readonly #files = new Map<string, StoredOutput & { readonly relation: string; readonly path: string }>()
  readonly #services: StepServices

  constructor(node: CatalogueNode, services: StepServices) {
    this.#services = services
    const { database } = services
    const seeded = (query: Sql): Sql => requireSeeded(node, query)
    this.context = {
      ...planContext(services, node),
      store: async (query) => this.#store(seeded(query)),
      storeFile: async (query) => this.#storeFile(seeded(query)),
      read: async (query) => readColumns(database, seeded(query)),
      readChunks: (query) => readChunks(database, seeded(query)),
      write: async (columns) => this.#keep(await writeColumns(database, columns)),
      writeChunks: async (chunks) => this.#keep(await writeChunks(database, chunks)),
      metric: (metric) => {
        requireUnit(node, metric)
        this.findings.push({
          kind: 'metric',
          ...(metric.unit === 'money' && { currency: services.currency }),
          ...metric,
          value: finite(metric.value),
        })
      },
      table: (table) => {
        requireCells(node, table)
        this.findings.push({ kind: 'table', ...table, rows: table.rows.slice(0, 200) })
      },
      figure: (figure) => this.findings.push({ kind: 'figure', ...drawable(figure) }),
      note: (text) => this.findings.push({ kind: 'note', level: 'info', text }),
      warn: (text) => this.findings.push({ kind: 'note', level: 'warning', text }),
      progress: services.onProgress,
      models: this.#recordModels(services.models),
      datasets: services.datasets,
      files: {
        temporary: (suffix) => temporaryFile(services.folder, database.freshName('file'), suffix),
        writeParquet: async (query, path) => ({ rows: await database.writeParquet(seeded(query), path) }),
        writeCsv: async (query, path, options) => writeCsv(database, seeded(query), path, services.folder, options),
      },
      signal: services.signal,
    }
  }

  #recordModels(models: Models): Models {
    return {
      trainNetwork: (spec) => models.trainNetwork(spec, { signal: this.#services.signal }),
      predictNetwork: (weights, x, width) => models.predictNetwork(weights, x, width),
      predictLayers: (weights, x, width) => models.predictLayers(weights, x, width),
      load: (reference) => models.load(reference),
      publish: async (name, content) => {
        const published = await models.publish(name, content)
        this.models.push(`${name}@${published.version}`)
        return published
      },
    }
  }

  async #store(query: Sql): Promise<Table> {
    const { database } = this.#services
    const relation = database.freshName('stored')
    const columns = await database.describe(query)
    await database.createFrom(relation, query)
    return this.#keep({ relation, columns })
  }

  async #storeFile(query: Sql): Promise<Table & { rows: number }> {
    const { database, folder } = this.#services
    const relation = database.freshName('stored')
    const name = relation.replaceAll(' ', '-')
    mkdirSync(folder, { recursive: true })
    const output = await writeOutput(database, folder, name, query)
    const path = join(folder, `${name}.parquet`)
    await database.viewParquet(relation, path)
    const table = { relation, columns: output.columns, rows: output.rows }
    this.#files.set(queryText(sql`from ${table}`), { ...output, relation, path })
    return table
  }

  /** Makes the output `name` of a query that is nothing but a stored file; undefined for any other query. */
  takeFile(draft: string, name: string, query: Sql): StoredOutput | undefined {
    const file = this.#files.get(queryText(query))
    if (!file) return undefined
    const { relation: _, path, ...output } = file
    const target = join(draft, `${name}.parquet`)
    try {
      linkSync(path, target)
    } catch {
      copyFileSync(path, target) // not every file system has links
    }
    return { ...output, name }
  }

  #keep(table: Table): Table {
    this.#tables.push(table.relation)
    return table
  }

  /** Drops what lived only for the step. May be called again. */
  async close(): Promise<void> {
    const { database, folder } = this.#services
    for (const table of this.#tables.splice(0)) await database.drop('table', table)
    for (const [query, { relation }] of this.#files) {
      await database.drop('view', relation)
      this.#files.delete(query)
    }
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
  }
}

function temporaryFile(folder: string, name: string, suffix: string): string {
  mkdirSync(folder, { recursive: true })
  return join(folder, `${name.replaceAll(' ', '-')}${suffix}`)
}

const queryText = (query: Sql): string => JSON.stringify(query)

// JSON has no infinities, and a report no place for them.
const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null)

/** A CSV file, whole or not at all. The byte order mark tells spreadsheets that it is UTF-8. */
async function writeCsv(
  database: Database,
  query: Sql,
  path: string,
  folder: string,
  { delimiter, bom }: { delimiter: string; bom: boolean },
): Promise<{ rows: number }> {
  const body = join(folder, 'body.csv')
  mkdirSync(folder, { recursive: true })
  // Beside its place, because the place may be another disk than Polku's own folder.
  const whole = temporaryPath(dirname(path), 'export')
  removeStaleTemporary(dirname(path))
  try {
    const rows = await database.writeCsv(query, body, delimiter)
    writeFileSync(whole, bom ? '\ufeff' : '')
    await pipeline(createReadStream(body), createWriteStream(whole, { flags: 'a' }))
    renameSync(whole, path)
    return { rows }
  } finally {
    rmSync(body, { force: true })
    rmSync(whole, { force: true })
  }
}
