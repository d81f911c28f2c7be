import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashOf } from '../../../../runtime/model/approval.ts'
import { type Client, open } from '../../../../runtime/notebook/api/open.ts'
import type { Table } from '../../../../runtime/notebook/api/table.ts'
import { openBench } from '../../../nodes/one-node.ts'

// The folder of a run may lie outside the workspace, on another disk.
const out = mkdtempSync(join(tmpdir(), 'polku-out-'))
const bench = openBench()
let running: Client
let alone: Client
let table: Table
beforeAll(async () => {
  alone = await open(bench.root)
  process.env.POLKU_NOTEBOOK_OUT = out
  running = await open(bench.root)
  delete process.env.POLKU_NOTEBOOK_OUT
  table = await running.sql`select 1 as customer_id, 0.5::double as risk union all select 2, null order by 1`
})
afterAll(async () => {
  await running.close()
  await alone.close()
  await bench.close()
  rmSync(out, { recursive: true })
})

test('a published table is a Parquet file with its schema and hash', async () => {
  const published = await running.publish.table('scored', table)
  const path = join(out, 'scored.parquet')
  const columns = [
    { name: 'customer_id', type: 'INTEGER' },
    { name: 'risk', type: 'DOUBLE' },
  ]
  expect(published).toEqual({ name: 'scored', columns, rows: 2, hash: table.hash, path })
  expect(hashOf(path).startsWith(table.hash)).toBe(true)
  expect(JSON.parse(readFileSync(join(out, 'scored.json'), 'utf8'))).toEqual(published)
})

test('a name that is given twice is refused, and the first stays', async () => {
  const other = await running.sql`select 7 as x`
  await expect(running.publish.table('scored', other)).rejects.toThrow('was published already')
  expect(hashOf(join(out, 'scored.parquet')).startsWith(table.hash)).toBe(true)
  expect(readdirSync(out).sort()).toEqual(['scored.json', 'scored.parquet'])
})

test('a result of a node stands for its first output', async () => {
  const rfm = await running.segment.rfm(
    {
      orders:
        await running.sql`select 1 as customer_id, date '2026-01-01' as ordered_at, 5.0 as amount union all select 2, date '2026-02-01', 6`,
    },
    { classes: 2 },
  )
  expect(await running.publish.table('classes', rfm)).toMatchObject({ rows: 2 })
})

test.each<[string, unknown, string]>([
  ['../x', undefined, 'cannot be a name'],
  ['a/b', undefined, 'cannot be a name'],
  ['', undefined, 'cannot be a name'],
  ['rows', [1, 2], 'not a table'],
  ['rows', null, 'is null, not a table'],
])('the name %j with %j is refused', async (name, value, said) => {
  await expect(running.publish.table(name, value === undefined ? table : value)).rejects.toThrow(said)
  expect(existsSync(join(out, 'rows.parquet'))).toBe(false)
})

test('where nobody waits for tables, a cell may be run again and again', async () => {
  for (const _ of [1, 2])
    expect(await alone.publish.table('scored', table)).toMatchObject({ rows: 2, path: table.path })
})
