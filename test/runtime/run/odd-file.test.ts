import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withWorkspace } from '../../workspace.ts'
import { hashesOf, runFlow, writeFlow } from '../engine.ts'

// Such a sign stands for several names to DuckDB: data/a*.csv would read data/ab.csv too.
test('a file whose name looks like a pattern is that file alone', () =>
  withWorkspace(async (root) => {
    const file = (name: string) => join(root, 'data', name)
    cpSync(file('orders.csv'), file('orders [1].csv'))
    cpSync(file('customers.csv'), file('orders 1.csv'))
    const hashes = async (path: string) => {
      writeFlow(root, `flow: one\nsteps: { orders: { uses: import/csv, with: { path: '${path}' } } }\n`, 'one')
      return hashesOf(await runFlow(root, { flow: 'one' }))
    }
    expect(await hashes('data/orders [1].csv')).toEqual(await hashes('data/orders.csv'))
  }))
