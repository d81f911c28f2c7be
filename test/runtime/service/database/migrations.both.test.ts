// Slow: runs again on PostgreSQL.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeVersion } from '../../../../runtime/catalogue/flow-files.ts'
import { Workspace } from '../../../../runtime/data/workspace.ts'
import { verifyAudit } from '../../../../runtime/server/access/audit-log.ts'
import type { ServiceDatabase } from '../../../../runtime/service/database/database.ts'
import { openEmbedded } from '../../../../runtime/service/database/embedded.ts'
import { migrate, versions } from '../../../../runtime/service/database/migrations.ts'
import { openPostgres } from '../../../../runtime/service/database/postgres.ts'
import { listIncidents } from '../../../../runtime/service/events/events.ts'
import { type Service, type ServiceOptions, startService } from '../../../../runtime/service/service.ts'
import { usageOf } from '../../../../runtime/service/upkeep/usage.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { lightFlow, writeLightClient } from '../../../fixtures/light-client.ts'
import { newEmbedded } from '../../../fixtures/new-embedded.ts'
import { whenRun } from '../../../fixtures/service.ts'

const firstVersion = readFileSync(join(import.meta.dirname, 'version-1.sql'), 'utf8')

test('the statements of the first version are those that were released', () => {
  const released = firstVersion.slice(firstVersion.indexOf('create table polku.run ('))
  for (const statement of versions[0] ?? []) expect(released).toContain(`${statement};\n`)
})

type Rows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

/** What later versions call columns, and what the details of events and incidents say, in rows of the first version. */
const renamed: Readonly<Record<string, string>> = {
  marks: 'cursors',
  adopted_at: 'activated_at',
  told: 'notified',
  told_recovered: 'recovery_notified',
  goesOn: 'running',
}

const inNewWords = (value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [renamed[name] ?? name, inNewWords(each)]))
    : value

describe.each(databases)('on $name, a database that an older Polku has left', ({ open }) => {
  const folder = mkdtempSync(join(tmpdir(), 'polku-older-'))
  const data = join(folder, '.polku')
  let server: TestDatabase
  let options: Pick<ServiceOptions, 'database'>
  const connect = (): Promise<ServiceDatabase> =>
    options.database === undefined ? openEmbedded(data) : openPostgres(options.database)
  const start = (): Promise<Service> =>
    startService({
      ...{ workspaces: folder, data, slots: 2, memory: 2 ** 30, log: { info() {}, warn() {}, error() {} } },
      ...{ keys: '0123456789abcdef'.repeat(4), ...options },
    })

  beforeAll(async () => {
    server = await open()
    options = await server.options()
    writeLightClient(folder, 'first')
    writeFileSync(
      join(folder, 'first/flows/follows.yaml'),
      lightFlow('follows', 1, 'enrich/light', 'triggers: [{ flow: two }]\n'),
    )
    if (options.database === undefined) await newEmbedded(data)
    const database = await connect()
    for (const schema of ['polku', 'pgboss']) await database.query(`drop schema if exists ${schema} cascade`)
    await database.boss.executeSql(firstVersion)
    // What a service had activated is stored in the workspace, too.
    const stored = await database.query<{ flow: string; text: string }>('select flow, text from polku.flow')
    for (const { flow, text } of stored) storeVersion(Workspace.open(join(folder, 'first')), flow, text)
    await database.close()
  })
  afterAll(async () => {
    await server.end()
    rmSync(folder, { recursive: true, force: true })
  })

  async function allRows(database: ServiceDatabase): Promise<Rows> {
    const tables = await database.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'polku' and table_name <> 'version'
      order by 1`,
    )
    const rows: Record<string, Record<string, unknown>[]> = {}
    for (const { name } of tables) {
      const all = await database.query<{ row: Record<string, unknown> }>(
        `select to_jsonb(each) as row from polku.${name} as each order by to_jsonb(each)::text`,
      )
      rows[name] = all.map(({ row }) => row)
    }
    return rows
  }

  test('has every row afterwards, in the new words, and is migrated once', async () => {
    const database = await connect()
    const before = await allRows(database)
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([])
    await migrate(database)
    const after = await allRows(database)
    for (const [table, rows] of Object.entries(before)) {
      expect(after[table], table).toHaveLength(rows.length)
      expect(after[table], table).toEqual(expect.arrayContaining(rows.map(inNewWords)))
    }
    await migrate(database)
    expect(await allRows(database)).toEqual(after)
    const numbers = await database.query('select number from polku.version order by number')
    expect(numbers).toEqual(versions.map((_, index) => ({ number: index + 1 })))
    await database.close()
  })

  test('serves on: its runs are done, its triggers follow, its secrets, people and audit log are good', async () => {
    const service = await start()
    try {
      const ended = async (id: string) => (await whenRun({ service }, { client: 'first', id })).state
      expect(await ended('20260107-060000000-two-0003')).toBe('done')
      expect(await ended('20260107-070000000-two-0004')).toBe('done')
      await service.scheduler.tick()
      const followers = await service.database.query(
        `select trigger->>'by' as by, as_of from polku.run where flow = 'follows' order by 1`,
      )
      expect(followers).toEqual([
        { by: '20260107-060000000-two-0003', as_of: '2026-01-07' },
        { by: '20260107-070000000-two-0004', as_of: '2026-01-07' },
      ])
      expect(await service.schedules.pauses('first')).toMatchObject([{ flow: 'two', by: 'Aino Esimerkki' }])
      expect((await service.backfills.list('first')).map(({ dates }) => dates)).toEqual([['2026-01-01', '2026-01-02']])
      expect((await service.secrets.open('first')).API_KEY?.value).toBe('salainen sana')
      expect(await verifyAudit(service.database)).toMatchObject({ rows: 2, broken: undefined })
      const all = { clients: undefined, open: false, before: undefined, limit: 10 }
      expect(await listIncidents(service.database, all)).toMatchObject([
        { kind: 'flow broken', detail: { running: false } },
        { kind: 'run failed', times: 2, recovered_at: expect.any(Date) },
      ])
      const months = { clients: ['first'], from: '2025-12', to: '2025-12' }
      expect(await usageOf(service.database, months)).toMatchObject([{ runs: 31, failed: 2, storageBytes: 1000000 }])
    } finally {
      await service.stop(5000)
    }
  })

  test('that is newer than this Polku is refused, left as it is, and free for a newer one', async () => {
    const change = async (text: string) => {
      const database = await connect()
      await database.query(text)
      await database.close()
    }
    await change(`insert into polku.version values (${versions.length + 1})`)
    for (const _ of [1, 2])
      await expect(start()).rejects.toMatchObject({
        code: 'DATABASE_NEWER',
        values: { actual: versions.length + 1, newest: versions.length },
      })
    await change(`delete from polku.version where number > ${versions.length}`)
    await (await start()).stop(0)
  })
})
