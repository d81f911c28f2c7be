import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { open } from '../../../../runtime/notebook/api/open.ts'
import type { GivenTable, ResultParts } from '../../../../runtime/notebook/api/result.ts'
import { Table } from '../../../../runtime/notebook/api/table.ts'
import { runFlow, staleTemporary, stepOf, writeFlow } from '../../engine.ts'
import { failure, withNotebook } from './opened.ts'

const flow = `flow: classes
steps:
  orders: { uses: import/csv, with: { path: data/orders.csv } }
  classes: { uses: segment/rfm, from: orders, with: { classes: 3, asOf: -1 week } }
  derived: { uses: enrich/derive, from: classes, with: { columns: { double: monetary * 2 } } }
`

const hashes = (result: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(result).flatMap(([name, table]) => (table instanceof Table ? [[name, table.hash]] : [])),
  )

describe('the same nodes as in a flow', () => {
  test('give the same content, and take what a flow has done', () =>
    withNotebook(async (workspace, root) => {
      writeFlow(root, flow, 'classes')
      const record = await runFlow(root, { flow: 'classes', nodes: [] })
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      const classes = await workspace.segment.rfm({ orders }, { classes: 3, asOf: '-1 week' })
      const derived = await workspace.enrich.derive(
        { table: classes.customers },
        { columns: { double: 'monetary * 2' } },
      )
      for (const [step, result] of Object.entries({ orders, classes, derived })) {
        const outputs = stepOf(record, step).outputs
        expect(hashes(result), step).toEqual(Object.fromEntries(outputs.map(({ name, hash }) => [name, hash])))
        expect(result.cached, step).toBe(true)
        expect(result.findings.all, step).toEqual(stepOf(record, step).findings)
      }
    }))

  test('leave to a flow what they have done', () =>
    withNotebook(async (workspace, root) => {
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      const { customers, cached } = await workspace.segment.rfm({ orders }, { classes: 3, asOf: '2026-09-24' })
      expect([orders.cached, cached]).toEqual([false, false])
      writeFlow(root, flow, 'classes')
      const record = await runFlow(root, { flow: 'classes', nodes: [] })
      expect(stepOf(record, 'orders').cached).toBe(true)
      expect(stepOf(record, 'classes').cached).toBe(true)
      expect(stepOf(record, 'classes').outputs[0]?.hash).toBe(customers.hash)
      expect(stepOf(record, 'derived').cached).toBe(false)
    }))

  test('are not done twice, and done again when a setting, the table or the date changes', () =>
    withNotebook(async (workspace, root) => {
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      const isCached = async (run: Promise<ResultParts>) => (await run).cached
      expect(await isCached(workspace.segment.rfm({ orders }, { classes: 3 }))).toBe(false)
      // The table itself is the first output of the result, and a default is a default.
      expect(await isCached(workspace.segment.rfm({ orders: orders.rows }, { classes: 3, amount: 'amount' }))).toBe(
        true,
      )
      expect(await isCached(workspace.segment.rfm({ orders }, { classes: 2 }))).toBe(false)
      const some = await orders.rows.sql`from this where amount > 20`
      expect(await isCached(workspace.segment.rfm({ orders: some }, { classes: 3 }))).toBe(false)
      const earlier = await open(root, { asOf: '2026-09-01' })
      const { rows } = await earlier.import.csv({}, { path: 'data/orders.csv' })
      expect(await isCached(earlier.segment.rfm({ orders: rows }, { classes: 3 }))).toBe(false)
      await earlier.close()
    }))

  test('asked for at the same time are done once each, and the outcomes do not mix', () =>
    withNotebook(async (workspace) => {
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      const many = await Promise.all([2, 3, 2, 3].map((classes) => workspace.segment.rfm({ orders }, { classes })))
      expect(many.map(({ cached }) => cached)).toEqual([false, false, true, true])
      expect(many[0]?.customers.hash).toBe(many[2]?.customers.hash)
      expect(many[0]?.customers.hash).not.toBe(many[1]?.customers.hash)
    }))
})

describe('wrong calls', () => {
  const cases: [
    string,
    (workspace: Awaited<ReturnType<typeof open>>, orders: GivenTable) => Promise<unknown>,
    string,
  ][] = [
    [
      'a misspelt setting',
      (c, orders) => c.node('segment/rfm', { orders }, { clases: 4 }),
      'SETTING_UNKNOWN: The node segment/rfm has no setting clases. Did you mean classes?',
    ],
    [
      'a setting out of range',
      (c, orders) => c.segment.rfm({ orders }, { classes: 99 }),
      'SETTING_INVALID: The setting classes is 99.',
    ],
    [
      'a missing setting',
      (c) => c.node('import/csv', {}, {}),
      'SETTING_MISSING: The setting path of import/csv is missing.',
    ],
    [
      'a setting that no flow can hold',
      (c, orders) => c.node('segment/rfm', { orders }, { classes: 5n }),
      'SETTING_INVALID: The setting classes is 5n.',
    ],
    [
      'a date object',
      (c, orders) => c.node('segment/rfm', { orders }, { asOf: new Date(0) }),
      'SETTING_INVALID: The setting asOf is a Date.',
    ],
    [
      'a date that does not exist',
      (c, orders) => c.segment.rfm({ orders }, { asOf: '2026-02-30' }),
      'SETTING_INVALID: The setting asOf is 2026-02-30.',
    ],
    [
      'settings that are none',
      (c, orders) => c.node('segment/rfm', { orders }, ['x']),
      'SETTING_INVALID: The setting (all of them) is a list.',
    ],
    [
      'an unknown column',
      (c, orders) => c.segment.rfm({ orders }, { amount: 'amuont' }),
      'COLUMN_UNKNOWN: The table orders has no column amuont. Did you mean amount?',
    ],
    [
      'a column of another type',
      (c, orders) => c.segment.rfm({ orders }, { amount: 'category' }),
      'COLUMN_TYPE: The column category of orders is text (VARCHAR). A column of number.',
    ],
    [
      'an expression that reads a file',
      (c, table) => c.enrich.derive({ table }, { columns: { x: "(from '/etc/passwd')" } }),
      'EXPRESSION_NOT_SCALAR',
    ],
    [
      'an expression with an unknown column',
      (c, table) => c.enrich.derive({ table }, { columns: { x: 'amuont + 1' } }),
      'COLUMN_UNKNOWN: The table table has no column amuont. Did you mean amount?',
    ],
    [
      'no input',
      (c) => c.node('segment/rfm', {}, {}),
      'INPUT_MISSING: Nothing is given for the input orders of segment/rfm.',
    ],
    [
      'a misspelt input',
      (c, order) => c.node('segment/rfm', { order }),
      'INPUT_UNKNOWN: The node segment/rfm has no input order. Did you mean orders?',
    ],
    [
      'an input that is not taken',
      (c, orders) => c.node('import/csv', { orders }, { path: 'data/orders.csv' }),
      'INPUT_NOT_TAKEN',
    ],
    [
      'a table in place of the inputs',
      (c, orders) => c.node('segment/rfm', orders),
      'INPUT_NOT_TABLE: The input (all of them) is',
    ],
    [
      'a promise',
      (c) => c.node('segment/rfm', { orders: c.import.csv({}, { path: 'data/orders.csv' }) }),
      'INPUT_NOT_TABLE: The input orders is a promise, not a table. The table itself: wait for it with `await`.',
    ],
    [
      'rows in place of a table',
      (c) => c.node('segment/rfm', { orders: [{ a: 1 }] }),
      'INPUT_NOT_TABLE: The input orders is a list, not a table.',
    ],
    [
      'a path that leaves the workspace',
      (c) => c.import.csv({}, { path: '../../etc/passwd' }),
      'PATH_OUTSIDE: The path ../../etc/passwd leaves the workspace.',
    ],
    [
      'a file that is not there',
      (c) => c.import.csv({}, { path: 'data/order.csv' }),
      'FILE_NOT_FOUND: There is no file data/order.csv. Did you mean data/orders.csv?',
    ],
    [
      'an unknown node',
      (c) => c.node('segment/rmf'),
      'NODE_UNKNOWN: There is no node segment/rmf. Did you mean segment/rfm?',
    ],
    [
      'an unknown model',
      (c, orders) => c.node('model/churn@draft', { customers: orders }),
      'MODEL_UNKNOWN: There is no model churn.',
    ],
    [
      'what the node itself refuses',
      (c, orders) => c.segment.rfm({ orders }, { classes: 9 }),
      'segment/rfm:tooFew: Needs at least 9 customers with a purchase before 2026-10-01 to make 9 classes, got 6.',
    ],
  ]
  test.each(cases)('%s', (_, call, expected) =>
    withNotebook(async (workspace) => {
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      expect(await failure(call(workspace, orders))).toContain(expected)
      // The engine works on after a fault.
      expect(orders.rows.count()).toBe(9)
      expect((await workspace.segment.rfm({ orders }, { classes: 2 })).customers.count()).toBe(6)
    }),
  )

  test('of tables of another workspace are refused', () =>
    withNotebook((workspace) =>
      withNotebook(async (other) => {
        const { rows } = await other.import.csv({}, { path: 'data/orders.csv' })
        expect(await failure(workspace.segment.rfm({ orders: rows }))).toContain(
          'INPUT_NOT_TABLE: The input orders is a table of another workspace, not a table.',
        )
      }),
    ))

  test('tell every fault at once', () =>
    withNotebook(async (workspace) => {
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      const said = await failure(workspace.segment.rfm({ orders }, { amount: 'amuont', customer: 'custmer_id' }))
      expect(said).toContain('no column amuont')
      expect(said).toContain('no column custmer_id')
    }))
})

test('a client’s own node is called by its name, also one written after the workspace was opened', () =>
  withNotebook(async (workspace, root) => {
    const folder = join(root, 'nodes', 'enrich', 'twice')
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, 'twice.ts'),
      `import { defineNode, input, settings } from 'polku/node'
import { sql } from 'polku/sql'
export default defineNode({ title: 'Twice', summary: 'Says it twice.', inputs: { rows: input('Any') },
  params: settings({}), outputs: { rows: 'Twice the rows' },
  run: ({ rows }) => sql\`from \${rows} union all from \${rows} order by all\` })
`,
    )
    const { rows } = await workspace.import.csv({}, { path: 'data/orders.csv' })
    const twice = await workspace.node('enrich/twice', { rows })
    expect(twice.rows?.count()).toBe(18)
  }))

describe('opening', () => {
  test('shares one engine, which the last to close ends, leaving nothing unfinished', () =>
    withNotebook(async (workspace, root) => {
      const [one, other] = await Promise.all([open(root), open(join(root, 'data', '..'))])
      expect(one.engine).toBe(workspace.engine)
      expect(other.engine).toBe(workspace.engine)
      await one.close()
      await one.close()
      expect((await other.import.csv({}, { path: 'data/orders.csv' })).rows.count()).toBe(9)
      await failure(other.segment.rfm({ orders: await other.sql`select 1 as customer_id` }))
      await Promise.all([other.close(), workspace.close()])
      expect(staleTemporary(root)).toEqual([])
      const again = await open(root)
      expect(again.engine).not.toBe(workspace.engine)
      expect((await again.import.csv({}, { path: 'data/orders.csv' })).cached).toBe(true)
      await again.close()
    }))

  test('finds the nearest workspace upwards, and says where there is none', () =>
    withNotebook(async (_, root) => {
      const before = process.cwd
      try {
        process.cwd = () => join(root, 'data')
        const workspace = await open()
        expect(workspace.folder).toBe(root)
        await workspace.close()
        process.cwd = () => '/'
        expect(await failure(open())).toContain('WORKSPACE_NOT_FOUND: There is no workspace in /.')
      } finally {
        process.cwd = before
      }
    }))

  test('refuses wrong dates and seeds', () =>
    withNotebook(async (_, root) => {
      expect(await failure(open(root, { asOf: 'yesterday' }))).toContain('AS_OF_INVALID: The as-of date is yesterday.')
      expect(await failure(open(root, { seed: -1 }))).toContain('SETTING_INVALID: The setting seed is -1.')
    }))
})

test('a fault’s stack is of the author’s lines', () =>
  withNotebook(async (workspace) => {
    const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
    const error = await workspace.segment.rfm({ orders }, { amount: 'amuont' }).catch((fault: Error) => fault)
    const [first = '', second = '', ...others] = ('stack' in error ? error.stack : '')?.split('\n') ?? []
    expect(first).toBe('COLUMN_UNKNOWN: The table orders has no column amuont. Did you mean amount?')
    expect(second).toContain('calls.test.ts')
    expect(others.join('\n')).not.toMatch(/engine\.ts|open-workspace\.ts/)
  }))
