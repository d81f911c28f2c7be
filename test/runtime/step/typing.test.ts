import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import { defineNode, type NodeDefinition, settings } from '../../../nodes/node.ts'
import type { CatalogueNode } from '../../../runtime/catalogue/catalogue.ts'
import { Database } from '../../../runtime/data/database.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { typeOutputs } from '../../../runtime/step/typing.ts'
import { withWorkspace } from '../../workspace.ts'

const node: CatalogueNode = {
  name: 'enrich/wrong',
  file: '',
  code: 'wrong',
  definition: defineNode({
    title: 'Wrong',
    summary: 'Asks for a column that is not there.',
    inputs: {},
    params: settings({}),
    outputs: { rows: 'Rows' },
    run: () => sql`select amuont from (select 1 as amount)`,
  }) as unknown as NodeDefinition, // the narrower generic types of one node
}

test('what DuckDB refuses of a node of Polku is a step that cannot work on its columns', () =>
  withWorkspace(async (root) => {
    const engine = await openEngine(root)
    const database = await Database.open({ folder: root, temporary: join(root, '.polku', 'tmp', 'typing') })
    try {
      const { models, datasets } = engine
      const services = { database, models, datasets, seed: 1, currency: 'EUR' }
      await expect(typeOutputs(node, {}, {}, services)).rejects.toMatchObject({
        code: 'PLAN_FAILED',
        message: expect.stringContaining('Referenced column "amuont" not found'),
        values: { right: expect.stringContaining('"amount"') },
      })
    } finally {
      database.close()
      await engine.close()
    }
  }))
