import { copyFileSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isTableName } from '../../data/names.ts'
import { temporaryPath } from '../../data/stale-temporary.ts'
import { asPolkuError, PolkuError } from '../../errors/errors.ts'
import { isSystemError } from '../../errors/system-error.ts'
import { tableOf } from '../api/result.ts'
import type { SharedEngine } from '../api/shared-engine.ts'
import type { StoredTable } from '../api/stored-table.ts'

/** What `NAME.json` beside a published table says of it. */
export type PublishedTable = Pick<StoredTable, 'columns' | 'rows' | 'hash'> & {
  readonly name: string
  /** The Parquet file, absolute. */
  readonly path: string
}

/** @internal
 * Makes a table an output of the notebook's run: `NAME.parquet` and `NAME.json` in the folder `out`. A notebook that
 * is looked at by hand has no such folder; there it only says what it would be.
 * Throws NAME_INVALID, INPUT_NOT_TABLE, TABLE_REPEATED, DISK_FULL.
 */
export function publishTable(
  engine: SharedEngine,
  out: string | undefined,
  name: string,
  value: unknown,
): PublishedTable {
  if (!isTableName(name))
    throw new PolkuError('NAME_INVALID', { name, actual: name, right: 'Small letters, digits and _, such as scored.' })
  const table = tableOf(value)
  if (!table?.isOf(engine))
    throw new PolkuError('INPUT_NOT_TABLE', {
      input: name,
      value: table ? 'a table of another workspace' : value === null ? 'null' : typeof value,
      right:
        'A table: an output of a node, or made by workspace.sql, workspace.fromArrays, workspace.fromRows or workspace.fromDanfo.',
    })
  const { columns, rows, hash, path } = table.stored
  if (out === undefined) return { name, columns, rows, hash, path }
  const published = { name, columns, rows, hash, path: join(out, `${name}.parquet`) }
  try {
    linkFiles(out, path, published)
  } catch (error) {
    throw asPolkuError(error, out)
  }
  return published
}

/** The manifest is last: where it is, the table is whole. */
function linkFiles(out: string, from: string, published: PublishedTable): void {
  mkdirSync(out, { recursive: true })
  const [file, manifest] = [temporaryPath(out, 'table'), temporaryPath(out, 'manifest')]
  try {
    copyFileSync(from, file)
    linkSync(file, published.path)
    writeFileSync(manifest, JSON.stringify(published))
    renameSync(manifest, join(out, `${published.name}.json`))
  } catch (error) {
    if (isSystemError(error, 'EEXIST'))
      throw new PolkuError('TABLE_REPEATED', { name: published.name, actual: published.name }, {}, error)
    throw error
  } finally {
    for (const path of [file, manifest]) rmSync(path, { force: true })
  }
}
