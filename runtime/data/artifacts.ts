import { existsSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { id, join as joinSql, sql } from '../../nodes/lib/sql.ts'
import type { Column, Finding, Sql } from '../../nodes/node.ts'
import { isSystemError } from '../errors/system-error.ts'
import type { Database } from './database.ts'
import { readIfThere } from './files.ts'
import { canonical, hashFile } from './hash.ts'
import { temporaryPath } from './stale-temporary.ts'

export interface StoredOutput {
  readonly name: string
  readonly rows: number
  readonly columns: readonly Column[]
  readonly hash: string
  readonly bytes: number
}

/** What a finished step left: `result.json` beside its Parquet files. */
export interface StoredResult {
  readonly key: string
  readonly outputs: readonly StoredOutput[]
  readonly findings: readonly Finding[]
  /** Models the step stored; without them the result is no longer whole. */
  readonly models: readonly string[]
  readonly milliseconds: number
}

/** What must be equal in two results of one key that nobody can tell apart. */
const contentOf = ({ outputs, findings, models }: StoredResult): string => canonical({ outputs, findings, models })

/** How long a mark that a result was found lasts, in ms: one that is found all the time need not be marked each time. */
const marksFor = 600_000

/** Marks a result as found, so that cleaning leaves it to whoever uses it now. */
function touch(file: string): void {
  try {
    const now = new Date()
    if (Math.abs(now.getTime() - statSync(file).mtimeMs) > marksFor) utimesSync(file, now, now)
  } catch (error) {
    // It has just gone; or nobody may change the files here, and so nobody cleans them.
    if (isSystemError(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS')) return
    throw error
  }
}

/** Results of steps by the hash of all that made them: `.polku/artifacts/ab/KEY/`. */
export class ArtifactStore {
  readonly #folder: string
  readonly #temporary: string

  constructor(folder: string, temporary: string) {
    this.#folder = folder
    this.#temporary = temporary
  }

  #folderOf(key: string): string {
    return join(this.#folder, key.slice(0, 2), key)
  }

  path(key: string, output: string): string {
    return join(this.#folderOf(key), `${output}.parquet`)
  }

  /** The result stored under `key`, if it is whole. */
  find(key: string): StoredResult | undefined {
    const file = join(this.#folderOf(key), 'result.json')
    if (!existsSync(file)) return undefined
    touch(file)
    const result = readIfThere<StoredResult>(file)
    const whole = result?.outputs.every(
      ({ name, bytes }) => statSync(this.path(key, name), { throwIfNoEntry: false })?.size === bytes,
    )
    return whole ? result : undefined
  }

  /** A folder beside the store in which a result is made before it is committed. */
  draft(key: string): string {
    const folder = join(this.#temporary, key)
    this.discard(folder)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** Removes what is left of a draft. */
  discard(draft: string): void {
    if (existsSync(draft)) rmSync(draft, { recursive: true, force: true })
  }

  /**
   * Makes a draft the result of its key, at once. Where another process committed the same key first, that one
   * stays, and a broken one is replaced; with `again`, one of other content too.
   */
  commit(draft: string, result: StoredResult, { again = false } = {}): void {
    const folder = this.#folderOf(result.key)
    writeFileSync(join(draft, 'result.json'), JSON.stringify(result))
    mkdirSync(dirname(folder), { recursive: true })
    const stored = existsSync(folder) ? this.find(result.key) : undefined
    if (stored ? again && contentOf(stored) !== contentOf(result) : existsSync(folder)) this.#remove(folder)
    try {
      renameSync(draft, folder)
    } catch (error) {
      if (!this.find(result.key)) throw error
    } finally {
      this.discard(draft)
    }
  }

  /** Takes a result from its place at once: of what is deleted file by file, a killed process leaves a part. */
  #remove(folder: string): void {
    const away = temporaryPath(this.#temporary, 'replaced')
    renameSync(folder, away)
    rmSync(away, { recursive: true, force: true })
  }
}

/** The type a column has once it lies in Parquet, which knows no 128-bit integers and no enumerations. */
const storedType = (type: string): string =>
  type === 'HUGEINT' || type === 'UHUGEINT' || type === 'UBIGINT'
    ? 'BIGINT'
    : type.startsWith('ENUM') || type === 'UUID'
      ? 'VARCHAR'
      : type === '"NULL"'
        ? 'VARCHAR'
        : type

export const storedColumns = (columns: readonly Column[]): Column[] =>
  columns.map(({ name, type }) => ({ name, type: storedType(type) }))

/** Writes one output into a draft. Gives what `result.json` says of it. */
export async function writeOutput(database: Database, draft: string, name: string, query: Sql): Promise<StoredOutput> {
  const path = join(draft, `${name}.parquet`)
  const described = await database.describe(query)
  const columns = storedColumns(described)
  const rows = await database.writeParquet(
    described.every(({ type }, index) => type === columns[index]?.type) ? query : castTo(query, columns),
    path,
  )
  return { name, rows, columns, hash: (await hashFile(path)).slice(0, 32), bytes: statSync(path).size }
}

const castTo = (query: Sql, columns: readonly Column[]): Sql =>
  sql`select ${joinSql(columns.map(({ name, type }) => sql`cast(${id(name)} as ${{ strings: [type], values: [] }}) as ${id(name)}`))} from (${query})`
