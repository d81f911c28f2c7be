import { describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Column, Sql } from '../../../nodes/node.ts'
import { readColumns } from '../../../runtime/data/bulk.ts'
import type { Database } from '../../../runtime/data/database.ts'
import { QueryTypes } from '../../../runtime/data/query-types.ts'
import { withDatabase } from '../database.ts'

const columns = (...types: readonly string[]): Column[] => types.map((type, index) => ({ name: `c${index}`, type }))
const described = async (database: Database, query: Sql) =>
  (await database.describe(query)).map(({ name, type }) => `${name} ${type}`)
const step = (list: readonly Column[]) => ({ relation: 'plan one.rows', columns: list })

describe('the columns of a query', () => {
  test('are those of its tables as they are now, though a table of that name was asked before', () =>
    withDatabase(async (database) => {
      const query = (list: readonly Column[]) => sql`select c0 + 1 as n, * from ${step(list)}`
      for (const type of ['INTEGER', 'DOUBLE', 'INTEGER', 'DECIMAL(18,3)', 'DOUBLE']) {
        const stepColumns = columns(type, 'VARCHAR')
        database.promiseEmpty('plan one.rows', stepColumns)
        const [n] = await described(database, query(stepColumns))
        expect(n).toBe(`n ${type}`)
        expect(await described(database, query(stepColumns))).toEqual([n, `c0 ${type}`, 'c1 VARCHAR'])
      }
    }))

  test('are right though the name is taken by a statement', () =>
    withDatabase(async (database) => {
      await database.run(sql`create table t as select 1 as a`)
      expect(await described(database, sql`from t`)).toEqual(['a INTEGER'])
      await database.run(sql`create or replace table t as select 'x' as b`)
      expect(await described(database, sql`from t`)).toEqual(['b VARCHAR'])
      await database.createFrom('t', sql`select true as c`)
      expect(await described(database, sql`from t`)).toEqual(['c BOOLEAN'])
      await database.createEmpty('t', columns('DATE'))
      expect(await described(database, sql`from t`)).toEqual(['c0 DATE'])
    }))

  test('are told as DESCRIBE tells them, for any type and for names that come twice', () =>
    withDatabase(async (database) => {
      const query = sql`select '{}'::json as j, {'a b': 1} as s, [1] as l, 'a'::enum('a', 'b') as e, 1::hugeint as h,
        map {'k': 1.5} as m, null as n, 1.25 as d, timestamptz '2026-01-01' as t, interval 1 day as i`
      const rows = await database.rows(sql`describe ${query}`)
      expect(await described(database, query)).toEqual(rows.map((row) => `${row.column_name} ${row.column_type}`))
      expect(await described(database, sql`select 1 as a, 2 as a`)).toEqual(['a INTEGER', 'a INTEGER'])
      expect(await described(database, sql`select 1 as a, 'x' as A, 2 as b_1`)).toEqual([
        'a INTEGER',
        'A VARCHAR',
        'b_1 INTEGER',
      ])
    }))

  test('that cannot be told are refused with what is wrong', () =>
    withDatabase(async (database) => {
      await database.createEmpty('t', columns('DATE'))
      await expect(database.describe(sql`select other from t`)).rejects.toThrow(/^Binder Error: .*"other" not found/)
    }))
})

test('a promised table is there for whoever asks first: a query, two at once, or a stream of its own', () =>
  withDatabase(async (database) => {
    const stepColumns = columns('INTEGER')
    const query = sql`select c0 from ${step(stepColumns)}`
    const all = [
      () => database.rows(query),
      () => Promise.all([database.rows(query), database.rows(query)]),
      () => readColumns(database, query),
    ]
    for (const ask of all) {
      database.promiseEmpty('plan one.rows', stepColumns)
      await database.describe(query)
      database.promiseEmpty('plan one.rows', stepColumns)
      expect(await ask()).toBeDefined()
    }
    await database.drop('table', 'plan one.rows')
    await expect(database.rows(query)).rejects.toThrow(/does not exist/)
  }))

describe('two queries have the same columns', () => {
  const types = new QueryTypes()
  types.name('plan a.rows', columns('INTEGER'))
  types.name('plan b.rows', columns('INTEGER'))
  types.name('plan c.rows', columns('DOUBLE'))
  types.name('step a.rows', columns('INTEGER'))
  const of = (step: string, value: string | number | boolean = 0.5) =>
    types.key(sql`select c0 + ${value} from ${{ relation: step, columns: [] }}`)

  test('where their tables have, and their fractions differ', () => {
    expect(of('plan a.rows')).toBeDefined()
    expect(of('plan b.rows')).toBe(of('plan a.rows'))
    expect(of('plan a.rows', 7.25)).toBe(of('plan a.rows'))
  })
  test('but not where tables, whole numbers, texts or kinds of values differ', () => {
    const different = [
      of('plan a.rows'),
      of('plan c.rows'),
      of('step a.rows'),
      of('plan a.rows', 1),
      of('plan a.rows', 2),
      of('plan a.rows', 'a'),
      of('plan a.rows', '1'),
      of('plan a.rows', true),
    ]
    expect(new Set(different).size).toBe(different.length)
  })
  test.each([
    sql`from read_parquet(${'a.parquet'})`,
    sql`from 'a.csv'`,
    sql`from parquet_scan(${'a'})`,
    sql`pivot t on a`,
    sql`from (PIVOT t on a using sum(b))`,
    sql`from query(${'select 1'})`,
    sql`from ${{ relation: 'plan unheard.of', columns: [] }}`,
    sql`from ${{ relation: 'stored 17', columns: [] }}`,
  ])('is not said of one that depends on rows, files or tables nobody has named: %j', (query) => {
    expect(types.key(query)).toBeUndefined()
  })
})

test('only so many queries are kept', () => {
  const types = new QueryTypes()
  for (let index = 0; index < 6000; index += 1) types.keep(`${index}`, columns('INTEGER'))
  expect(types.find('0')).toBeUndefined()
  expect(types.find('5999')).toEqual(columns('INTEGER'))
})
