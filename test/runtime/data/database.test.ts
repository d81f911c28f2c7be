import { readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { id, sql } from '../../../nodes/lib/sql.ts'
import { withDatabase } from '../database.ts'

describe('confinement', () => {
  const reading: [string, (root: string) => ReturnType<typeof sql>][] = [
    ['a file elsewhere', () => sql`from read_csv('/etc/passwd', sep = ':', header = false)`],
    ['a file elsewhere as text', () => sql`from read_text('/etc/passwd')`],
    ['a path that climbs out', (root) => sql`from read_text(${`${root}/../../etc/passwd`})`],
    ['a path that climbs out of a folder', (root) => sql`from read_text(${`${root}/data/../../../etc/passwd`})`],
    ['a folder whose name begins alike', (root) => sql`from read_text(${`${root}-other/secret.txt`})`],
    ['names of files elsewhere', () => sql`from glob('/etc/*')`],
    ['the network', () => sql`from read_csv('https://polku.invalid/x.csv')`],
    ['a database elsewhere', () => sql`attach '/tmp/other.duckdb'`],
    ['a file elsewhere to write', () => sql`copy (select 1) to '/tmp/polku-out.csv'`],
    ['an extension', () => sql`install httpfs`],
    ['a setting', () => sql`set enable_external_access = true`],
    ['its own confinement', () => sql`set allowed_directories = ['/']`],
    ['a lock', () => sql`set lock_configuration = false`],
    ['the environment', () => sql`select getenv('HOME')`],
  ]
  test.each(reading)('refuses %s', (_, query) =>
    withDatabase(async (database, root) => {
      await expect(database.run(query(root))).rejects.toThrow(
        /Permission Error|Invalid Input Error|Catalog Error|configuration has been locked|Cannot/,
      )
      // And it is not only a refusal to say so.
      expect(await database.rows(sql`select current_setting('enable_external_access') as open`)).toEqual([
        { open: false },
      ])
    }),
  )

  test('reads and writes files of the workspace, whatever their names', () =>
    withDatabase(async (database, root) => {
      for (const name of ["it's.csv", 'a "b".csv', 'Päivä [1] *?.csv', '$1 ; drop.csv', '-- x.csv']) {
        const path = join(root, 'data', name)
        writeFileSync(path, 'one,two\n1,x\n')
        expect(await database.rows(sql`from read_csv(${path})`)).toEqual([{ one: 1, two: 'x' }])
        await database.viewParquet('v', await parquet(database, `${path}.parquet`))
        expect(await database.rows(sql`from ${{ relation: 'v', columns: [] }}`)).toEqual([{ number: 7 }])
        expect(await database.writeCsv(sql`select 1 as a, 'x;y' as b`, `${path}.out`, ';')).toBe(1)
      }
    }))

  const parquet = async (database: Parameters<Parameters<typeof withDatabase>[0]>[0], path: string) => {
    await database.writeParquet(sql`select 7 as number`, path)
    return path
  }

  test('a workspace in a folder with any name', () =>
    withDatabase(async (_, root) => {
      const { Database } = await import('../../../runtime/data/database.ts')
      const folder = join(root, `it's [a] "workspace" *?`)
      const database = await Database.open({ folder, temporary: join(folder, 'tmp') })
      await database.writeParquet(sql`select 1 as a`, join(folder, 'x.parquet'))
      expect(await database.rows(sql`from read_parquet(${join(folder, 'x.parquet')})`)).toEqual([{ a: 1 }])
      database.close()
      expect(readdirSync(folder)).toEqual(['x.parquet'])
    }))
})

describe('rows', () => {
  test('are plain values: money and big integers as numbers, dates as text', () =>
    withDatabase(async (database) => {
      expect(
        await database.rows(sql`select 1.10::decimal(18,2) as money, 9007199254740991::bigint as big, date '2026-02-28' as day,
          timestamp '2026-02-28 12:30:00' as moment, true as flag, null as nothing, 'x' as name, [1, 2] as list, interval 3 days as span, [1, 2]::integer[2] as pair, sum(1::hugeint) as huge`),
      ).toEqual([
        {
          money: 1.1,
          big: 9007199254740991,
          day: '2026-02-28',
          moment: '2026-02-28 12:30:00',
          flag: true,
          nothing: null,
          name: 'x',
          list: '[1,2]',
          span: '{"months":0,"days":3,"micros":"0"}',
          pair: '[1,2]',
          huge: 1,
        },
      ])
    }))

  test('bind values of every kind, and names of every kind are quoted', () =>
    withDatabase(async (database) => {
      const name = `a "b" 'c' ; -- ä`
      const [row] = await database.rows(
        sql`select ${"it's; drop table x"} as text, ${1.5} as number, ${null} as nothing, ${true} as flag, ${10n ** 17n} as big, 1 as ${id(name)}`,
      )
      expect(row).toEqual({ text: "it's; drop table x", number: 1.5, nothing: null, flag: true, big: 1e17, [name]: 1 })
    }))
})

test('a link that leads out of the workspace is refused by the workspace, because DuckDB follows it', () =>
  withDatabase(async (database, root) => {
    symlinkSync('/etc/hostname', join(root, 'data', 'link.csv'))
    const { Workspace } = await import('../../../runtime/data/workspace.ts')
    expect(() => Workspace.open(root).resolve('data/link.csv')).toThrow('leaves the workspace')
    expect(database).toBeDefined()
  }))
