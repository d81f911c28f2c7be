import { rmSync } from 'node:fs'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Column, Sql } from '../../../nodes/lib/table.ts'
import { ArtifactStore, type StoredOutput, type StoredResult, writeOutput } from '../../data/artifacts.ts'
import type { Database } from '../../data/database.ts'
import { hashText } from '../../data/hash.ts'
import { temporaryPath } from '../../data/stale-temporary.ts'
import type { Engine } from '../../engine/engine.ts'
import { PolkuError } from '../../errors/errors.ts'
import { openEngine } from '../step/provider.ts'
import { NotebookError, notebookError } from './notebook-error.ts'
import { queryKey } from './query-key.ts'
import type { StoredTable } from './stored-table.ts'

/** Milliseconds in which stopped work ends, unless it is lost. */
const stopTime = 1000

/** The one engine of a workspace in this process, shared by all that open the workspace. */
export class SharedEngine {
  readonly engine: Engine
  readonly store: ArtifactStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly #unfinished: string
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(engine: Engine, now: () => number) {
    this.engine = engine
    this.now = now
    const { workspace } = engine
    this.#unfinished = temporaryPath(workspace.internal('tmp'), 'notebook')
    this.store = new ArtifactStore(workspace.internal('artifacts'), this.#unfinished)
  }

  /** Opens the workspace in `root`. Throws WORKSPACE_*, DISK_FULL. */
  static async open(root: string, now: () => number): Promise<SharedEngine> {
    return new SharedEngine(await openEngine(root), now)
  }

  get workspace(): Engine['workspace'] {
    return this.engine.workspace
  }

  get database(): Database {
    return this.engine.database
  }

  /**
   * Does one piece of work at a time, in the order asked: each has the whole machine. Stops it with
   * RUN_CANCELLED when `signal` aborts. Throws NotebookErrors for an author's faults.
   */
  async work<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const caller: { readonly stack?: string } = {}
    Error.captureStackTrace(caller)
    const result = this.#turn.then(() => this.#cancellable(task, signal, caller))
    this.#turn = this.#over(result, signal)
    return result
  }

  /**
   * When the next piece of work may begin: whoever asked for this one is told how it ended. An endless loop that is cut
   * off takes with it what waited to go on; what was stopped so and does not come back is not waited for.
   */
  #over(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let late: NodeJS.Timeout | undefined
    const giveUp = () => {
      this.database.restore()
      resolve()
    }
    const onAbort = () => {
      late = setTimeout(giveUp, stopTime)
    }
    const end = () => {
      clearTimeout(late)
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }
    signal?.addEventListener('abort', onAbort)
    work.then(end, end)
    return promise
  }

  async #cancellable<T>(
    task: () => Promise<T>,
    signal: AbortSignal | undefined,
    caller: { readonly stack?: string },
  ): Promise<T> {
    const cancel = () => this.database.cancel()
    signal?.addEventListener('abort', cancel)
    try {
      if (signal?.aborted) throw new PolkuError('RUN_CANCELLED')
      return await task()
    } catch (error) {
      const fault = notebookError(signal?.aborted ? new PolkuError('RUN_CANCELLED', {}, {}, error) : error, this.root)
      if (fault instanceof NotebookError) fault.calledFrom(caller.stack)
      throw fault
    } finally {
      signal?.removeEventListener('abort', cancel)
      this.database.restore()
    }
  }

  async close(): Promise<void> {
    await this.#turn
    await this.engine.close()
    rmSync(this.#unfinished, { recursive: true, force: true })
  }

  get root(): string {
    return this.workspace.root
  }

  /** A table for each output of a stored result. */
  async tables({ key, outputs }: StoredResult): Promise<Map<string, StoredTable>> {
    const tables = new Map<string, StoredTable>()
    for (const output of outputs) tables.set(output.name, await this.table(output, this.store.path(key, output.name)))
    return tables
  }

  /** The table in a Parquet file that is never changed. Equal contents have the same name. */
  async table({ hash, rows, columns }: Omit<StoredOutput, 'name' | 'bytes'>, path: string): Promise<StoredTable> {
    const relation = `table ${hash}`
    await this.database.viewParquet(relation, path)
    return { relation, columns, rows, hash, path }
  }

  /** Stores what a query gives; the same query on the same tables is not done twice, unless chance, the clock or a file decides. */
  async storeQuery(query: Sql): Promise<StoredTable> {
    const key = await queryKey(this.database, query)
    const stored = key === undefined ? undefined : this.store.find(key)
    const [table] = (await this.tables(stored ?? (await this.#write(query, key)))).values()
    if (!table) throw new Error('A stored query has a table.')
    return table
  }

  async #write(query: Sql, key: string | undefined): Promise<StoredResult> {
    const started = this.now()
    const draft = this.store.draft(hashText(`${JSON.stringify(query)} ${started}`).slice(0, 40))
    try {
      const output = await writeOutput(this.database, draft, 'table', await this.#named(query))
      const result: StoredResult = {
        key: key ?? hashText(`table ${output.hash}`).slice(0, 40),
        outputs: [output],
        findings: [],
        models: [],
        milliseconds: this.now() - started,
      }
      this.store.commit(draft, result)
      return result
    } finally {
      this.store.discard(draft)
    }
  }

  /** Throws SQL_INVALID where it is no query, or where two of its columns have one name. */
  async #named(query: Sql): Promise<Sql> {
    let columns: readonly Column[]
    try {
      columns = await this.database.describe(query)
    } catch (error) {
      throw sqlError(error)
    }
    const names = new Set<string>()
    for (const { name } of columns) {
      if (names.has(name.toLowerCase()))
        throw new PolkuError('SQL_INVALID', {
          reason: `it gives two columns called ${name}.`,
          actual: name,
          right: 'Columns with names of their own: give one of them another with `as`.',
        })
      names.add(name.toLowerCase())
    }
    return sql`${query}`
  }
}

/** What DuckDB finds wrong with an author's query, in the author's words; anything else unchanged. */
export function sqlError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PolkuError) return error
  const [first = '', ...rest] = error.message.split('\n').filter((line) => line.trim() !== '')
  const kind =
    /^(?:Failed to extract statements: )?(Binder|Catalog|Parser|Conversion|Invalid Input|Not implemented|IO|Out of Range|Permission) Error: /
  if (!kind.test(first)) return error
  const candidates = rest.find((line) => /Candidate|Did you mean/.test(line))?.trim()
  return new PolkuError(
    'SQL_INVALID',
    { reason: first.replace(kind, ''), right: candidates ?? 'A query that DuckDB understands.' },
    {},
    error,
  )
}
