import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exact, exactColumn, unsummable } from '../../../nodes/lib/amounts.ts'
import { id, sql } from '../../../nodes/lib/sql.ts'
import type { Sql, Table } from '../../../nodes/node.ts'
import { Database } from '../../../runtime/data/database.ts'

const folder = mkdtempSync(join(tmpdir(), 'polku-amounts-'))
const database = await Database.open({ folder, temporary: join(folder, 'tmp') })
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

/** A Parquet file of one column `x`, which DuckDB may answer for from its statistics. */
async function table(values: Sql): Promise<Table> {
  const relation = database.freshName('amounts')
  const path = join(folder, `${relation}.parquet`)
  await database.writeParquet(sql`select * from (values ${values}) as t(x)`, path)
  await database.viewParquet(relation, path)
  return { relation, columns: await database.describe(sql`from ${{ relation, columns: [] }}`) }
}

const faults = async (values: Sql, condition = sql`true`): Promise<number> => {
  const rows = await table(values)
  return unsummable(rows, condition, [{ value: id('x'), type: rows.columns[0]?.type ?? '' }], database)
}

test('sums of floating numbers are exact', async () => {
  const tenths = await table(
    sql`(0.1::double), (0.2::double), (0.3::double), (0.4::double), (-1e11::double), (1e11::double)`,
  )
  const [row] = await database.rows(
    sql`select cast(sum(${exactColumn(tenths, 'x')}) as double) as total from ${tenths}`,
  )
  expect(row?.total).toBe(1)
  expect(exact(sql`x`, 'DECIMAL(10,2)')).toEqual(sql`x`)
})

test('what cannot be added is counted', async () => {
  expect(await faults(sql`(1.5::double), (null)`)).toBe(0)
  expect(await faults(sql`(null::double)`)).toBe(0)
  expect(await faults(sql`(1::double), ('nan'::double), (2::double)`)).toBe(1)
  expect(
    await faults(sql`('inf'::double), ('-inf'::double), (1e12::double), (-1e12::double), (999999999999::double)`),
  ).toBe(4)
  expect(await faults(sql`('inf'::float), (1::float)`)).toBe(1)
  expect(await faults(sql`('inf'::double), (1::double)`, sql`x < 5`)).toBe(0)
  expect(await faults(sql`(99999999999999999::bigint)`)).toBe(0)
})
