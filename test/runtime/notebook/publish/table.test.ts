import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOf } from '../../../../runtime/model/approval.ts'
import { type NotebookWorkspace, open, publish } from '../../../../runtime/notebook/api/open.ts'
import type { Table } from '../../../../runtime/notebook/api/table.ts'
import { openBench } from '../../../nodes/one-node.ts'

// The folder of a run may lie outside the workspace, on another disk.
const out = mkdtempSync(join(tmpdir(), 'polku-out-'))
const bench = openBench()
let running: NotebookWorkspace
let table: Table
beforeAll(async () => {
  process.env.POLKU_NOTEBOOK_OUT = out
  running = await open(bench.root)
  table = await running.sql`select 1 as customer_id, 0.5::double as risk union all select 2, null order by 1`
})
afterAll(async () => {
  await running.close()
  delete process.env.POLKU_NOTEBOOK_OUT
  await bench.close()
  rmSync(out, { recursive: true })
})

test('a published table is a Parquet file with its schema and hash', async () => {
  const published = await publish.table('scored', table)
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
  await expect(publish.table('scored', other)).rejects.toMatchObject({
    problems: [{ code: 'TABLE_REPEATED', message: 'The table scored was published already in this run.' }],
  })
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
  expect(await publish.table('classes', rfm)).toMatchObject({ rows: 2 })
})

test.each<[string, unknown, string]>([
  ['../x', undefined, 'cannot be a name'],
  ['a/b', undefined, 'cannot be a name'],
  ['', undefined, 'cannot be a name'],
  ['rows', [1, 2], 'not a table'],
  ['rows', null, 'is null, not a table'],
])('the name %j with %j is refused', async (name, value, said) => {
  await expect(publish.table(name, value === undefined ? table : value)).rejects.toThrow(said)
  expect(existsSync(join(out, 'rows.parquet'))).toBe(false)
})

test('where nobody waits for tables, a cell may be run again and again', async () => {
  delete process.env.POLKU_NOTEBOOK_OUT
  for (const _ of [1, 2]) expect(await publish.table('scored', table)).toMatchObject({ rows: 2, path: table.path })
  process.env.POLKU_NOTEBOOK_OUT = out
})

describe('the workspace that is open', () => {
  const refusal = () => publish.table('placed', table).then(String, String)

  test('is one however often it is opened, and none once it is closed by all', async () => {
    const again = await open(bench.root)
    expect(await publish.table('placed', table)).toMatchObject({ rows: 2 })
    await again.close()
    expect(await publish.table('placed_again', table)).toMatchObject({ rows: 2 })
    const other = mkdtempSync(join(tmpdir(), 'polku-other-'))
    writeFileSync(join(other, 'client.yaml'), 'client: other\ntitle: Other\n')
    const second = await open(other)
    const both = await refusal()
    await second.close()
    rmSync(other, { recursive: true })
    expect(both).toBe(
      `PUBLISH_UNCLEAR: It is not clear where to publish: more than one workspace is open: ${bench.root}, ${other}. One open workspace: end with the others by \`await workspace.close()\` before you publish.`,
    )
    await running.close()
    const none = await refusal()
    running = await open(bench.root)
    expect(none).toBe(
      'PUBLISH_UNCLEAR: It is not clear where to publish: no workspace is open. An open workspace: `const workspace = await open()` before you publish.',
    )
  })
})
