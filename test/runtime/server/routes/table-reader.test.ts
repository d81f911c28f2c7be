import { expect, test } from 'vitest'
import { sql } from '../../../../nodes/lib/sql.ts'
import { Workspace } from '../../../../runtime/data/workspace.ts'
import { TableReaders } from '../../../../runtime/server/routes/tables/reader.ts'
import { withWorkspace } from '../../../workspace.ts'

test('a look at a table that takes more memory than a look may is given up, and the next one is answered', () =>
  withWorkspace(async (root) => {
    const workspace = Workspace.open(root)
    const readers = new TableReaders()
    try {
      const large = readers.rows(workspace, sql`select len(list(n)) from range(200000000) as r (n)`)
      await expect(large).rejects.toMatchObject({ code: 'TABLE_SLOW' })
      expect((await readers.rows(workspace, sql`select 1 as one`)).rows).toEqual([[1]])
    } finally {
      await readers.close()
    }
  }))
