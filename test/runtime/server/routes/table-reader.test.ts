import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sql } from '../../../../nodes/lib/sql.ts'
import { TableReader } from '../../../../runtime/server/routes/tables/reader.ts'

test('a look at a table that takes more memory than a look may is given up, and the next one is answered', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polku-reader-'))
  const reader = new TableReader(folder)
  try {
    const large = reader.rows(sql`select len(list(n)) from range(200000000) as r (n)`)
    await expect(large).rejects.toMatchObject({ code: 'TABLE_SLOW' })
    expect((await reader.rows(sql`select 1 as one`)).rows).toEqual([[1]])
  } finally {
    await reader.close()
    rmSync(folder, { recursive: true })
  }
})
