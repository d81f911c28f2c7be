import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { readsAsBan } from '../../../nodes/lib/permissions.ts'
import { sql } from '../../../nodes/lib/sql.ts'
import type { NodeDefinition, Sql } from '../../../nodes/node.ts'
import { allocate, isExact, outOf, type Room, toUnits } from '../../../nodes/select/target-group/allocate.ts'
import targetGroup from '../../../nodes/select/target-group/target-group.ts'
import { openBench } from '../one-node.ts'

const bench = openBench()
afterAll(() => bench.close())

describe('the allocation of money and places', () => {
  const channel = fc.record({ cost: fc.integer({ min: 0, max: 60_000 }), capacity: fc.integer({ min: 0, max: 6 }) })
  const room = fc.record({
    budget: fc.integer({ min: 0, max: 300_000 }),
    channels: fc.array(channel, { minLength: 1, maxLength: 5 }),
    size: fc.integer({ min: 0, max: 12 }),
  })
  const masks = fc.array(fc.integer({ min: 1, max: 31 }), { maxLength: 25 })

  /** What is right for one customer, by the words of the rule. */
  const rightFor = (mask: number, { channels }: Room, left: { money: number; places: number[]; size: number }) => {
    const allowed = channels.flatMap((_, index) => ((mask >> index) & 1 ? [index] : []))
    const paid = allowed.filter((index) => (channels[index]?.cost ?? 0) <= left.money)
    const open = paid.filter((index) => (left.places[index] ?? 0) > 0)
    if (open.length > 0 && left.size > 0) return open[0] ?? Number.NaN
    return paid.length === 0 ? outOf.budget : open.length === 0 ? outOf.capacity : outOf.size
  }

  test('never leaves the budget, a capacity, the size or a permission, and refuses only for its reason', () => {
    fc.assert(
      fc.property(masks, room, (permitted, capacities) => {
        const left = {
          money: capacities.budget,
          places: capacities.channels.map(({ capacity }) => capacity),
          size: capacities.size,
        }
        for (const [row, chosen] of allocate(permitted, capacities).entries()) {
          expect(chosen).toBe(rightFor(permitted[row] ?? 0, capacities, left))
          if (chosen < 0) continue
          left.money -= capacities.channels[chosen]?.cost ?? Number.NaN
          left.places[chosen] = (left.places[chosen] ?? Number.NaN) - 1
          left.size -= 1
        }
        expect(Math.min(left.money, left.size, ...left.places)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('amounts are exact to four decimals', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e13 }),
        (units) => isExact(units / 10_000) && toUnits(units / 10_000) === units,
      ),
    )
    expect([0.1, 0.065, 1.005, 19.99, 0.0001, 999_999_999.9999].every(isExact)).toBe(true)
    expect([0.00001, 1 / 3, 0.12345].some(isExact)).toBe(false)
  })
})

test('columns of bans are known by their names, and those of permissions are not', () => {
  const bans = [
    'email_ban',
    'markkinointikielto',
    'Suoramarkkinointikielto',
    'optOut',
    'opt_out_email',
    'do_not_call',
    'DONT mail',
    'unsubscribed',
    'email blocked',
    'kiellot',
    'smsOptOut',
    'NoContact',
  ]
  const permissions = [
    'email_permission',
    'urban_area',
    'opt_in',
    'banana',
    'bank',
    'lupa',
    'contact_ok',
    'sallittu',
    'blockchain_email',
    'suburban',
  ]
  expect(bans.filter((name) => !readsAsBan(name))).toEqual([])
  expect(permissions.filter(readsAsBan)).toEqual([])
})

const yes = ['yes', 'true', '1', 'kyllä', 'YES', ' Yes ']
const others = [null, '', ' ', 'no', 'false', '0', 'ei', 'y', 'yes!', 'yes no', 'oui', 'true\n', 'NaN', '10', 'yeſ']
const values = (rows: readonly (readonly (string | number | null)[])[], names: Sql): Sql => {
  const tuples = rows.map((row) => row.map((value) => sql`${value}`))
  const joined = tuples.map((row) => row.reduce((all, value) => sql`${all}, ${value}`)).map((row) => sql`(${row})`)
  return sql`select * from (values ${joined.reduce((all, row) => sql`${all}, ${row}`)}) as given(${names})`
}

test('whoever is selected gave their channel an explicit yes in every row, is not held out, and everybody is in one output', async () => {
  const answer = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...yes) }, fc.constantFrom(...others))
  const world = fc.record({
    ranks: fc.array(fc.option(fc.integer({ min: 0, max: 5 })), { minLength: 15, maxLength: 40 }),
    permissions: fc.array(fc.tuple(fc.integer({ min: 0, max: 41 }), answer, answer), { minLength: 40, maxLength: 90 }),
    heldOut: fc.array(fc.integer({ min: 0, max: 41 }), { minLength: 1, maxLength: 4 }),
    budget: fc.integer({ min: 0, max: 30 }),
  })
  let selected = 0
  await fc.assert(
    fc.asyncProperty(world, async ({ ranks, permissions, heldOut, budget }) => {
      const trial = await bench.run('select/target-group', {
        inputs: {
          customers: values(
            ranks.map((rank, index) => [`K${index}`, rank]),
            sql`customer_id, rank`,
          ),
          permissions: sql`select customer_id, a, b from (${values(
            permissions.map(([k, a, b]) => [`K${k}`, a, b, 'x']),
            sql`customer_id, a, b, t`,
          )})`,
          held_out: values(
            heldOut.map((k) => [`K${k}`]),
            sql`customer_id`,
          ),
        },
        with: {
          rank: 'cast(rank as double)',
          budget,
          channels: [
            { name: 'a', permission: 'a', cost: 2, capacity: 3 },
            { name: 'b', permission: 'b', cost: 1 },
          ],
        },
      })
      const may = (key: string, channel: number) => {
        const rows = permissions.filter(([k]) => `K${k}` === key)
        return rows.length > 0 && rows.every((row) => yes.includes(String(row[channel])))
      }
      const eligible = ranks.flatMap((rank, k) => {
        const open = rank !== null && !heldOut.includes(k) && (may(`K${k}`, 1) || may(`K${k}`, 2))
        return open ? [`K${k}`] : []
      })
      const problem = trial.record.problem?.code
      if (problem) {
        const nobody = eligible.length === 0
        expect(problem).toBe(`select/target-group:${nobody ? 'noneEligible' : 'noneSelected'}`)
        if (!nobody) expect(budget).toBeLessThan(2)
        return
      }
      const target = await trial.rows('target')
      const excluded = await trial.rows('excluded')
      for (const row of target) expect(may(String(row.customer_id), row.channel === 'a' ? 1 : 2)).toBe(true)
      const keys = [...target, ...excluded].map((row) => String(row.customer_id))
      expect(keys.sort()).toEqual(ranks.map((_, k) => `K${k}`).sort())
      for (const row of target) expect(eligible).toContain(row.customer_id)
      const cost = target.reduce((sum, row) => sum + Number(row.cost), 0)
      expect(cost).toBeLessThanOrEqual(budget)
      expect([trial.metric('cost').value, trial.metric('remaining_budget').value]).toEqual([cost, budget - cost])
      expect(trial.metric('eligible').value).toBe(eligible.length)
      selected += target.length
    }),
    { numRuns: 8, seed: 20261001 },
  )
  expect(selected).toBeGreaterThan(10)
})

describe('the look at the finished group', () => {
  const definition = targetGroup as unknown as NodeDefinition // the narrower generic types of one node
  const inputs = {
    customers: sql`select * from (values ('K1', 3), ('K2', 2), ('K3', 1), ('K4', 0)) as t(customer_id, rank)`,
    permissions: sql`select * from (values ('K1', 'yes'), ('K2', 'yes'), ('K3', 'no')) as t(customer_id, email)`,
    held_out: sql`select 'K9' as customer_id`,
    history: sql`select 'K8' as customer_id, date '2026-09-30' as contacted_on`,
  }
  const settings = {
    rank: 'rank',
    budget: 2,
    size: 2,
    quarantineDays: 30,
    channels: [{ name: 'email', permission: 'email', cost: 1, capacity: 2 }],
  }
  const same = (query: Sql) => query
  const tampered = (target: (query: Sql) => Sql, excluded = same): NodeDefinition => ({
    ...definition,
    run: async (...call) => {
      const outputs = await definition.run(...call)
      if ('strings' in outputs || !outputs.target || !outputs.excluded) throw new Error('It gives two outputs.')
      return { target: target(outputs.target as Sql), excluded: excluded(outputs.excluded as Sql) } // not a bare query
    },
  })
  const other =
    (key: string, channel = 'email', cost = 1) =>
    (target: Sql) =>
      sql`
      select * replace (${key} as customer_id, ${channel} as channel, ${cost}::double as cost)
      from (${target}) where position = 1 union all select * from (${target}) where position > 1`

  test.each([
    ['a ban', 'no explicit permission', other('K3'), inputs],
    ['no row of permissions', 'no explicit permission', other('K4'), inputs],
    ['a channel of its own', 'not among the settings', other('K1', 'phone'), inputs],
    ['more money', 'cost 2.5 of 2', other('K1', 'email', 1.5), inputs],
    ['somebody twice', 'twice', other('K2'), inputs],
    ['somebody lost', 'of 4', (target: Sql) => sql`select * from (${target}) where position = 1`, inputs],
    ['more than there is room for', 'room', (target: Sql) => sql`from (${target}) union all from (${target})`, inputs],
  ])('throws a group with %s away', async (_, fault, tamper, tables) => {
    const trial = await bench.run('select/target-group', {
      inputs: tables,
      with: settings,
      definition: tampered(tamper),
    })
    expect(trial.record.problem?.code).toBe('select/target-group:unsafe')
    expect(trial.record.problem?.message).toContain(fault)
    expect(trial.step.outputs).toEqual([])
  })

  test.each([
    ['held out', { held_out: sql`select 'K1' as customer_id` }],
    ['in quarantine', { history: sql`select 'K1' as customer_id, date '2026-09-30' as contacted_on` }],
  ])('throws a group away that has somebody %s', async (fault, changed) => {
    const swap = (from: string, to: string) => (query: Sql) =>
      sql`select * replace (case customer_id when ${from} then ${to} else customer_id end as customer_id) from (${query})`
    const trial = await bench.run('select/target-group', {
      inputs: { ...inputs, ...changed },
      with: settings,
      definition: tampered(swap('K2', 'K1'), swap('K1', 'K2')),
    })
    expect(trial.record.problem?.code).toBe('select/target-group:unsafe')
    expect(trial.record.problem?.message).toContain(fault)
  })

  test('lets a sound group pass', async () => {
    const trial = await bench.run('select/target-group', {
      inputs,
      with: settings,
      definition: tampered(same),
    })
    expect(trial.record.problem).toBeUndefined()
    expect((await trial.rows('target')).map((row) => row.customer_id)).toEqual(['K1', 'K2'])
  })
})

test('the waterfall goes from all customers to the selected without a gap', async () => {
  const trial = await bench.run('select/target-group', {
    inputs: {
      customers: sql`select 'K' || i as customer_id, i as value from range(100) t(i)`,
      permissions: sql`select 'K' || i as customer_id, i % 3 > 0 as email from range(100) t(i)`,
    },
    with: {
      where: [{ name: 'worth it', condition: 'value >= 10' }],
      rank: 'value',
      budget: 20,
      channels: [{ name: 'email', permission: 'email', cost: 1 }],
    },
  })
  const figure = trial.step.findings.find(({ kind }) => kind === 'figure')
  expect(figure?.kind === 'figure' && figure.data.map(({ y, x }) => ({ y, x }))).toEqual([
    { y: ['all customers', 'worth it', 'no permitted channel', 'budget', 'selected'], x: [0, 90, 60, 20, 0] },
    { y: ['all customers', 'worth it', 'no permitted channel', 'budget', 'selected'], x: [100, 10, 30, 40, 20] },
  ])
})
