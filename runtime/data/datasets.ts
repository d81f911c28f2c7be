import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ids, join as joinSql, sql } from '../../nodes/lib/sql.ts'
import type { Column, Datasets, Sql, Table } from '../../nodes/node.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { sameColumns } from './columns.ts'
import type { Database } from './database.ts'
import { createExclusively, list, readJson } from './files.ts'
import { hashFile } from './hash.ts'
import { temporaryPath } from './stale-temporary.ts'

interface Snapshot {
  readonly snapshot: number
  readonly key: string
  readonly asOf: string
  readonly rows: number
  readonly columns: readonly Column[]
  /** The Parquet file, named by its content. */
  readonly file: string
}

/**
 * The datasets of a workspace: `.polku/datasets/NAME/000001.json` is a snapshot's manifest and names
 * its Parquet file. A commit is the exclusive creation of the next numbered manifest, so several
 * processes may append at once and a retry adds nothing.
 */
export class DatasetStore implements Datasets {
  readonly #folder: string
  readonly #database: Database
  readonly #unfinished: string

  /** @param unfinished a folder on the same disk for what is not whole yet. */
  constructor(folder: string, database: Database, unfinished: string) {
    this.#folder = folder
    this.#database = database
    this.#unfinished = unfinished
  }

  snapshots(name: string): Snapshot[] {
    return list(join(this.#folder, name))
      .filter((file) => /^\d{6}\.json$/.test(file))
      .map((file) => readJson<Snapshot>(join(this.#folder, name, file)))
  }

  /** What identifies the content that `read` would give. */
  version(name: string): string {
    return this.snapshots(name)
      .map((snapshot) => snapshot.file)
      .join(',')
  }

  async append(
    name: string,
    query: Sql,
    { key, asOf }: { key: string; asOf: string },
  ): Promise<{ snapshot: number; added: boolean; rows: number }> {
    const folder = join(this.#folder, name)
    mkdirSync(folder, { recursive: true })
    const temporary = temporaryPath(this.#unfinished, 'append')
    try {
      const columns = await this.#database.describe(query)
      const rows = await this.#database.writeParquet(query, temporary)
      const file = `${(await hashFile(temporary)).slice(0, 32)}.parquet`
      let written = temporary
      for (;;) {
        const snapshots = this.snapshots(name)
        const earlier = snapshots.find((snapshot) => snapshot.key === key)
        if (earlier) return await this.#sameOrThrow(name, earlier, { file: written, rows, columns })
        this.#checkColumns(name, snapshots.at(-1), columns)
        // Where the same content lies there already, it stays: another process may be reading it.
        if (!existsSync(join(folder, file))) renameSync(temporary, join(folder, file))
        written = join(folder, file)
        const snapshot = (snapshots.at(-1)?.snapshot ?? 0) + 1
        const manifest: Snapshot = { snapshot, key, asOf, rows, columns, file }
        if (
          createExclusively(
            join(folder, `${String(snapshot).padStart(6, '0')}.json`),
            JSON.stringify(manifest, null, 2),
            this.#unfinished,
          )
        )
          return { snapshot, added: true, rows }
      }
    } finally {
      rmSync(temporary, { force: true })
    }
  }

  async #sameOrThrow(
    name: string,
    earlier: Snapshot,
    draft: { file: string; rows: number; columns: readonly Column[] },
  ): Promise<{ snapshot: number; added: boolean; rows: number }> {
    const stored = join(this.#folder, name, earlier.file)
    const same =
      earlier.rows === draft.rows &&
      sameColumns(earlier.columns, draft.columns) &&
      (stored === draft.file || (await this.#sameRows(stored, draft.file)))
    if (same) return { snapshot: earlier.snapshot, added: false, rows: earlier.rows }
    throw new PolkuError('DATASET_KEY_TAKEN', {
      dataset: name,
      key: earlier.key,
      actual: earlier.rows,
      rows: draft.rows,
    })
  }

  /** Whether two files hold the same rows, each as often, in whatever order. */
  async #sameRows(left: string, right: string): Promise<boolean> {
    const [result] = await this.#database.rows(sql`
      select (select count(*) from (from read_parquet(${left}) except all from read_parquet(${right}))) as missing`)
    return Number(result?.missing) === 0
  }

  #checkColumns(name: string, last: Snapshot | undefined, columns: readonly Column[]): void {
    if (!last || sameColumns(last.columns, columns)) return
    const words = (list: readonly Column[]) => list.map((column) => `${column.name} ${column.type}`).join(', ')
    throw new PolkuError('DATASET_SCHEMA', {
      dataset: name,
      reason: `they have ${words(columns)}`,
      right: words(last.columns),
    })
  }

  async read(name: string, asOf: string): Promise<Table | undefined> {
    const snapshots = this.snapshots(name)
    const last = snapshots.at(-1)
    if (!last) return undefined
    const chosen = snapshots.filter((snapshot) => snapshot.asOf <= asOf)
    const relation = this.#database.freshName(`dataset ${name}`)
    await this.#database.createEmpty(relation, last.columns)
    const names = ids(last.columns.map((column) => column.name))
    const selects = chosen.map(
      (snapshot) => sql`select ${names} from read_parquet(${join(this.#folder, name, snapshot.file)})`,
    )
    if (selects.length > 0)
      await this.#database.run(
        sql`insert into ${{ relation, columns: last.columns }} ${joinSql(selects, ' union all ')}`,
      )
    return { relation, columns: last.columns }
  }

  get names(): string[] {
    return list(this.#folder)
  }

  /** Like `read`, but an absent dataset is an error with the nearest name. */
  require(name: string): void {
    if (this.snapshots(name).length === 0)
      throw new PolkuError('DATASET_UNKNOWN', {
        dataset: name,
        actual: name,
        nearest: nearest(name, this.names, 'dataset'),
      })
  }
}
