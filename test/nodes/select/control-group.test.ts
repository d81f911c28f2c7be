import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Sql } from '../../../nodes/node.ts'
import { type Assignment, assign } from '../../../nodes/select/control-group/assign.ts'
import { standardisedDifference } from '../../../nodes/select/control-group/balance.ts'
import { Database } from '../../../runtime/data/database.ts'
import { openBench } from '../one-node.ts'

const bench = openBench()
const folder = mkdtempSync(join(tmpdir(), 'polku-groups-'))
const database = await Database.open({ folder, temporary: join(folder, 'tmp') })
afterAll(async () => {
  database.close()
  rmSync(folder, { recursive: true })
  await bench.close()
})

const groupsOf = async (keys: Sql, assignment: Assignment): Promise<Map<string, string>> => {
  const rows = await database.rows(assign(keys, assignment))
  return new Map(rows.map(({ key, campaign_group: group }) => [String(key), String(group)]))
}
const customers = (count: number) => sql`select 'customer ' || i as key from range(${count}) t(i)`
const sizeOf = (groups: ReadonlyMap<string, string>, group: string) =>
  [...groups.values()].filter((own) => own === group).length

describe('by share', () => {
  const key = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((text) => !text.includes('\0'))
  const list = (keys: readonly string[]) =>
    keys.map((one) => sql`select ${one} as key`).reduce((all, one) => sql`${all} union all ${one}`)

  test('a customer stays in the group whoever else comes, goes or changes place', async () => {
    const world = fc.record({
      keys: fc.uniqueArray(key, { minLength: 2, maxLength: 30 }),
      campaign: fc.string({ minLength: 1, maxLength: 20 }),
      share: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
    })
    await fc.assert(
      fc.asyncProperty(world, async ({ keys, campaign, share }) => {
        const whole = await groupsOf(list(keys), { campaign, share })
        const part = await groupsOf(list(keys.slice(1).reverse()), { campaign, share })
        for (const [one, group] of part) expect(group).toBe(whole.get(one))
        expect(whole.size).toBe(keys.length)
        const larger = await groupsOf(list(keys), { campaign, share: Math.min(0.99, share + 0.1) })
        for (const [one, group] of whole) if (group === 'control') expect(larger.get(one)).toBe('control')
      }),
      { numRuns: 60, seed: 7 },
    )
  })

  test('the control group is as large as chance allows, in every campaign', async () => {
    const [count, share, campaigns] = [2000, 0.2, 120]
    const scores: number[] = []
    for (let campaign = 0; campaign < campaigns; campaign++) {
      const control = sizeOf(await groupsOf(customers(count), { campaign: `campaign ${campaign}`, share }), 'control')
      scores.push((control - count * share) / Math.sqrt(count * share * (1 - share)))
    }
    // Binomial sizes: none of 120 beyond 4.5 standard deviations (p < 0.001), their mean within 4 of its own, and the
    // sum of their squares, χ² with 120 degrees of freedom, between its 0.0001 and 0.9999 quantiles (scipy).
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(4.5)
    const sum = scores.reduce((all, score) => all + score, 0)
    expect(Math.abs(sum) / Math.sqrt(campaigns)).toBeLessThan(4)
    const squares = scores.reduce((all, score) => all + score * score, 0)
    expect(squares).toBeGreaterThan(70.73)
    expect(squares).toBeLessThan(186.33)
  })

  test('groups of different campaigns have nothing to do with each other, nor with the standing group', async () => {
    const standing = { share: 0.2, salt: '1' }
    const names = ['a', 'b', 'a ', '1', 'standing', 'standing 1', 'A', 'ab', 'aa', 'ä']
    const groups = await Promise.all(names.map((campaign) => groupsOf(customers(5000), { campaign, share: 0.3 })))
    const sets = groups.map((one) => new Set([...one].flatMap(([key, group]) => (group === 'control' ? [key] : []))))
    const apart = await groupsOf(customers(5000), { campaign: 'x', share: 0.3, standing })
    sets.push(new Set([...apart].flatMap(([key, group]) => (group === 'standing' ? [key] : []))))
    const chiSquares: number[] = []
    for (const [index, one] of sets.entries())
      for (const other of sets.slice(index + 1)) {
        const both = [...one].filter((key) => other.has(key)).length
        const expected = (one.size * other.size) / 5000
        const spread = expected * (1 - one.size / 5000) * (1 - other.size / 5000)
        chiSquares.push((both - expected) ** 2 / spread)
      }
    // 55 pairs: χ² with one degree of freedom each; the largest would be beyond 20 once in 2,000 such tests.
    expect(chiSquares).toHaveLength(55)
    expect(Math.max(...chiSquares)).toBeLessThan(20)
    expect(chiSquares.reduce((all, value) => all + value, 0) / 55).toBeLessThan(1.9)
  })
})

test('a standing group is the same in every campaign, and is in none', async () => {
  const standing = { share: 0.1, salt: '2026' }
  const one = await groupsOf(customers(3000), { campaign: 'spring', share: 0.2, standing })
  const two = await groupsOf(customers(3000), { campaign: 'autumn', size: 100, standing })
  const of = (groups: Map<string, string>) =>
    [...groups].filter(([, group]) => group === 'standing').map(([key]) => key)
  expect(of(one).sort()).toEqual(of(two).sort())
  expect(Math.abs(of(one).length - 300) / Math.sqrt(270)).toBeLessThan(4.5)
  expect(sizeOf(two, 'control')).toBe(100)
  const other = await groupsOf(customers(3000), {
    campaign: 'spring',
    share: 0.2,
    standing: { share: 0.1, salt: '2027' },
  })
  expect(of(other).sort()).not.toEqual(of(one).sort())
})

test('a fixed size takes exactly so many, and the smaller group lies in the larger', async () => {
  const small = await groupsOf(customers(1000), { campaign: 'x', size: 50 })
  const large = await groupsOf(customers(1000), { campaign: 'x', size: 51 })
  expect([sizeOf(small, 'control'), sizeOf(large, 'control')]).toEqual([50, 51])
  for (const [key, group] of small) if (group === 'control') expect(large.get(key)).toBe('control')
})

test('the standardised difference is the published formula', () => {
  // numpy: (5.5 - 4.0) / sqrt((np.var([4, 5, 6, 7], ddof=1) + np.var([2, 4, 6], ddof=1)) / 2)
  expect(standardisedDifference([5.5, 5 / 3], [4, 4])).toBeCloseTo(0.8911327886790069, 12)
  expect(standardisedDifference([1, 0], [1, 0])).toBe(0)
  expect(standardisedDifference([1, 0], [2, 0])).toBeNull()
  expect(standardisedDifference([1, null], [2, 1])).toBeNull()
})

describe('the report', () => {
  const target = sql`
    select i as customer_id, i % 7 as even_column, case when i % 2 = 0 then 'x' end as text_column, null::double as empty,
      1e300::double as huge, 'nan'::double as not_a_number
    from range(4000) t(i)`

  test('gives the chance of showing the expected lift and the smallest lift that shows', async () => {
    const large = await bench.run('select/control-group', {
      inputs: { target },
      with: { campaign: 'x', size: 1000, expectedRate: 0.1, expectedLift: 0.05 },
    })
    // Fleiss, Tytun & Ury's formula worked in Python for 3000 and 1000 customers,
    // 0.15 against 0.10: (0.05 - 1.959964 * sqrt(0.1375 * 0.8625 * (1/3000 + 1/1000))) / sqrt(0.15*0.85/3000 + 0.1*0.9/1000)
    expect(large.metric('power').value).toBeCloseTo(0.9861887107505245, 9)
    expect(large.warnings).toEqual([])
    expect(large.metric('detectable_lift').value).toBeGreaterThan(0.03)
    expect(large.metric('detectable_lift').value).toBeLessThan(0.05)
  })

  test('compares the groups by their numeric columns and survives what is no number', async () => {
    const run = await bench.run('select/control-group', { inputs: { target }, with: { campaign: 'x', share: 0.25 } })
    const table = run.step.findings.find((finding) => finding.kind === 'table')
    const rows = table?.kind === 'table' ? table.rows : []
    expect(rows.map(([column]) => column)).toEqual(['even_column', 'empty', 'huge', 'not_a_number'])
    expect(Math.abs(Number(rows[0]?.[3]))).toBeLessThan(0.15)
    expect(rows.slice(1).map((row) => row.slice(1))).toEqual([
      [null, null, null],
      [null, null, null],
      [null, null, null],
    ])
  })

  test('warns of a column in which the groups differ', async () => {
    const uneven = sql`
      select 'K' || i as customer_id,
        case when cast('0x' || substr(sha256('x' || chr(31) || 'K' || i), 1, 13) as ubigint) / 4503599627370496.0 < 0.3
          then 1 else 0 end + i % 5 as value
      from range(500) t(i)`
    const run = await bench.run('select/control-group', {
      inputs: { target: uneven },
      with: { campaign: 'x', share: 0.3 },
    })
    expect(run.warnings.join()).toContain('standard deviations in value')
  })
})
