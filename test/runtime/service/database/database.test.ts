import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { openEmbedded } from '../../../../runtime/service/database/embedded.ts'
import { migrate } from '../../../../runtime/service/database/migrations.ts'
import { openPostgres } from '../../../../runtime/service/database/postgres.ts'

const folder = mkdtempSync(join(tmpdir(), 'polku-database-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What another process is told that opens the same folder. */
async function elsewhere(): Promise<string> {
  const embedded = join(import.meta.dirname, '../../../../runtime/service/database/embedded.ts')
  const code = `const { openEmbedded } = await import(${JSON.stringify(embedded)})
    await openEmbedded(${JSON.stringify(folder)}).then(() => console.log('opened'), ({ code }) => console.log(code))
    process.exit()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])
  return stdout.trim()
}

test('an embedded database has one service, and keeps away from one that a newer Polku made', async () => {
  const database = await openEmbedded(folder)
  try {
    expect(await elsewhere()).toBe('DATABASE_IN_USE')
    await migrate(database)
    await database.query('insert into polku.version values (99)')
    await expect(migrate(database)).rejects.toMatchObject({ code: 'DATABASE_NEWER', values: { actual: 99 } })
  } finally {
    await database.close()
  }
  expect(await elsewhere()).toBe('opened')
})

test('an embedded database makes room of what was changed, and counts anew what it holds', async () => {
  const database = await openEmbedded(join(folder, 'tidied'))
  try {
    await database.query('create table "odd""name" (n integer)')
    await database.query('insert into "odd""name" select generate_series(1, 5000)')
    await database.query('update "odd""name" set n = n + 1')
    await database.query('select pg_stat_force_next_flush()')
    const dead = async () => {
      const [row] = await database.query<{ dead: string; analyzed: Date | null }>(
        'select n_dead_tup as dead, last_analyze as analyzed from pg_stat_user_tables',
      )
      return [Number(row?.dead), row?.analyzed !== null]
    }
    expect(await dead()).toEqual([5000, false])
    await database.tidy()
    expect(await dead()).toEqual([0, true])
  } finally {
    await database.close()
  }
})

test('a server that is not there is told without the password of its address', async () => {
  const opened = openPostgres('postgres://polku:hushhush@127.0.0.1:1/polku')
  await expect(opened).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE', values: { reason: 'ECONNREFUSED' } })
  await expect(opened).rejects.not.toThrow(/hushhush/)
})
