import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { compose } from '../../../nodes/enrich/join/query.ts'
import type { Settings } from '../../../nodes/enrich/join/settings.ts'
import { sql } from '../../../nodes/lib/sql.ts'
import type { PlanContext, Table } from '../../../nodes/node.ts'
import { Database } from '../../../runtime/data/database.ts'

const folder = mkdtempSync(join(tmpdir(), 'polku-join-'))
const database = await Database.open({ folder, temporary: join(folder, 'tmp') })
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

// What composing a join asks of its context.
const context: Pick<PlanContext, 'fail'> = {
  fail: (name) => {
    throw new Error(name)
  },
}

const base: Settings = { on: [{ left: 'key', right: 'key' }], many: 'all', normalise: false }

async function table(keys: readonly (number | null)[], value: string): Promise<Table> {
  const relation = database.freshName(value)
  const rows = keys.map((key, index) => `(${key ?? 'null'}::integer, ${index}::integer)`).join(', ')
  const constants = keys.length > 0 ? `values ${rows}` : 'select 0::integer, 0::integer limit 0'
  await database.createFrom(relation, { strings: [`select * from (${constants}) as t("key", "${value}")`], values: [] })
  return { relation, columns: await database.describe(sql`from ${{ relation, columns: [] }}`) }
}

const run = async (left: Table, right: Table, settings: Settings) => {
  const { joined, unmatched } = compose({ left, right }, settings, context as PlanContext) // it only fails
  return { joined: await database.rows(joined), unmatched: await database.rows(unmatched) }
}

const keys = fc.array(fc.option(fc.integer({ min: 0, max: 6 })), { maxLength: 25 })

describe('a join', () => {
  test('keeps every left row in its place, with all partners or the first by the order', async () => {
    await fc.assert(
      fc.asyncProperty(keys, keys, fc.boolean(), fc.boolean(), async (ours, theirs, first, descending) => {
        const [left, right] = [await table(ours, 'mine'), await table(theirs, 'yours')]
        const order = first ? { many: 'first' as const, order: [{ by: 'yours // 2', descending }] } : {}
        const { joined, unmatched } = await run(left, right, { ...base, ...order })
        // Of two rows with one rank the one that lies first, so sorting must be stable, as that of JavaScript is.
        const rank = (index: number) => Math.floor(index / 2) * (descending ? -1 : 1)
        const expected = ours.flatMap((key, mine) => {
          const partners = theirs.flatMap((other, index) => (key !== null && other === key ? [index] : []))
          const chosen = first ? partners.sort((a, b) => rank(a) - rank(b)).slice(0, 1) : partners
          return (chosen.length > 0 ? chosen : [null]).map((yours) => ({ key, mine, yours }))
        })
        expect(joined).toEqual(expected)
        expect(unmatched).toEqual(
          expected.filter(({ yours }) => yours === null).map(({ key, mine }) => ({ key, mine })),
        )
      }),
      { numRuns: 60 },
    )
  })

  test('keeps the order of many rows, whichever table is the larger', async () => {
    for (const [few, lots] of [
      [1_000, 300_000],
      [300_000, 1_000],
    ] as const) {
      const make = async (rows: number, value: string): Promise<Table> => {
        const relation = database.freshName(value)
        await database.createFrom(
          relation,
          sql`select (i * 7919 % 200000)::integer as key, i::integer as ${{ strings: [value], values: [] }} from range(${rows}) t(i)`,
        )
        return { relation, columns: await database.describe(sql`from ${{ relation, columns: [] }}`) }
      }
      const { joined } = compose(
        { left: await make(few, 'mine'), right: await make(lots, 'yours') },
        base,
        context as PlanContext, // it only fails
      )
      const relation = database.freshName('joined')
      await database.createFrom(relation, joined)
      const [row] = await database.rows(sql`
        select count(distinct mine) as kept, count(yours) > 0 as met,
          count(*) filter (mine < before or (mine = before and yours < before_yours)) as disordered
        from (select *, lag(mine) over () as before, lag(yours) over () as before_yours from ${{ relation, columns: [] }})`)
      expect(row).toEqual({ kept: few, met: true, disordered: 0 })
    }
  })
})
