import { expect, test } from 'vitest'
import { interruptWork } from '../../../../runtime/notebook/api/interrupt.ts'
import { failure, withNotebook } from './opened.ts'

test('an interrupted cell stops the query it waits for, and what the next one asks is done', () =>
  withNotebook(async (workspace) => {
    const { promise: started, resolve } = Promise.withResolvers<void>()
    const { database } = workspace.engine
    const { writeParquet } = database
    database.writeParquet = (...query) => {
      resolve()
      return writeParquet.apply(database, query)
    }
    const endless = workspace.sql`select max(a.range * b.range % 7) as most from range(10000000) a, range(10000000) b`
    const waiting = workspace.sql`select 1 as one`
    const failures = Promise.all([failure(endless), failure(waiting)])
    await started
    interruptWork()
    const cancelled = 'RUN_CANCELLED: The run was cancelled.'
    for (const said of await failures) expect(said).toContain(cancelled)
    expect(await (await workspace.sql`select 2 as two`).toRows()).toEqual([{ two: 2 }])
    const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
    expect(orders.rows.count()).toBe(9)
  }))
