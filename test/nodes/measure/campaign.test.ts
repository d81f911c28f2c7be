import { afterAll, describe, expect, test } from 'vitest'
import { random } from '../../../nodes/lib/random.ts'
import { sql } from '../../../nodes/lib/sql.ts'
import { momentsOf, type Section, type Sums } from '../../../nodes/measure/campaign/aggregate.ts'
import { effectsOf } from '../../../nodes/measure/campaign/effects.ts'
import type { Settings } from '../../../nodes/measure/campaign/settings.ts'
import type { Sql } from '../../../nodes/node.ts'
import { openBench } from '../one-node.ts'

const bench = openBench()
afterAll(() => bench.close())

// Newcombe 1998, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17,
// table II, method 10: each contrast is a class of one segment here.
const newcombe = [
  ['a', 56, 70, 48, 80, 0.0524, 0.3339],
  ['b', 9, 10, 3, 10, 0.1705, 0.809],
  ['c', 6, 7, 2, 7, 0.0582, 0.8062],
  ['d', 5, 56, 0, 29, -0.0381, 0.1926],
  ['e', 0, 10, 0, 20, -0.1611, 0.2775],
  ['f', 0, 10, 0, 10, -0.2775, 0.2775],
  ['g', 10, 10, 0, 20, 0.6791, 1],
  ['h', 10, 10, 0, 10, 0.6075, 1],
] as const

test('Newcombe’s published intervals come out of the node', async () => {
  const groups = newcombe.flatMap(([name, cases, n, others, m]) =>
    (['treated', 'control'] as const).map((group) => {
      const [positive, size] = group === 'treated' ? [cases, n] : [others, m]
      return sql`select ${`${name} ${group} `} || i as customer_id, ${group} as campaign_group, ${name} as contrast,
        i < ${positive} as positive from range(${size}) t(i)`
    }),
  )
  const customers = groups.reduce((all, one) => sql`${all} union all ${one}`)
  const run = await bench.run('measure/campaign', {
    inputs: { groups: customers, outcomes: sql`select customer_id, positive from (${customers}) where positive` },
    with: { response: 'positive', segments: ['contrast'], costPerContact: 1 },
  })
  const rows = (await run.rows('results')).filter((row) => row.segment === 'contrast')
  expect(rows.map((row) => [row.class, row.treated_n, row.control_n])).toEqual(
    newcombe.map(([name, , n, , m]) => [name, n, m]),
  )
  for (const [index, [, , , , , low, high]] of newcombe.entries()) {
    expect(rows[index]?.low).toBeCloseTo(low, 4)
    expect(rows[index]?.high).toBeCloseTo(high, 4)
  }
  // Only who responded has a row of outcomes: 369 customers, 149 of them.
  expect(run.metric('missing_outcomes').value).toBe(369 - 149)
  const figure = run.step.findings.find((finding) => finding.kind === 'figure' && finding.title.includes('by class'))
  expect(figure?.kind === 'figure' && figure.data[0]?.y).toEqual([
    'all customers',
    ...newcombe.map(([name]) => `contrast: ${name}`),
  ])
})

// The settings that effects depend on; the others belong to the tables.
const settings = {
  response: 'r',
  value: 'v',
  costPerContact: 1,
  fixedCost: 0,
  margin: 0.5,
} as Settings

describe('over many campaigns whose truth is known', () => {
  const source = random(20261001)
  const campaigns = 2000
  const [treatedRate, controlRate, treatedMean, controlMean] = [0.16, 0.12, 34, 30]

  /** Values as customers have them: most buy nothing, a few buy much. */
  const sums = (n: number, rate: number, mean: number): Sums => {
    let [cases, sum, squares] = [0, 0n, 0n]
    for (let i = 0; i < n; i++) {
      if (source.uniform() < rate) cases += 1
      const buys = source.uniform() < 0.6
      const value = buys ? BigInt(Math.round((-Math.log(1 - source.uniform()) * mean * 1e4) / 0.6)) : 0n
      sum += value
      squares += value * value
    }
    const proportion = { n, cases }
    return { n, response: proportion, retention: proportion, value: momentsOf(n, sum, squares), cost: 0 }
  }
  const section = (effect: boolean): Section => ({
    isWhole: true,
    segment: 'all',
    class: 'all',
    treated: sums(400, effect ? treatedRate : controlRate, effect ? treatedMean : controlMean),
    control: sums(150, controlRate, controlMean),
  })
  const effects = Array.from({ length: campaigns }, () => effectsOf([section(true)], settings))
  const share = (holds: (index: number) => boolean) => effects.filter((_, index) => holds(index)).length / campaigns
  const covers = (interval: readonly [number, number] | undefined, truth: number) =>
    interval !== undefined && interval[0] <= truth && truth <= interval[1]
  // Four standard deviations of a share of 2,000 draws: 0.0195.
  const nearlyAlways = (count: number) => {
    expect(count).toBeGreaterThan(0.93)
    expect(count).toBeLessThan(0.97)
  }

  test('the interval of the lift covers the true lift 95 times of 100', () => {
    nearlyAlways(share((index) => covers(effects[index]?.[0]?.comparison.interval, treatedRate - controlRate)))
  })

  test('so do those of the value, of the incremental euros and of the return', () => {
    const difference = treatedMean - controlMean
    nearlyAlways(share((index) => covers(effects[index]?.[1]?.comparison.interval, difference)))
    nearlyAlways(share((index) => covers(effects[index]?.[1]?.incremental.interval, difference * 400 * 0.5)))
    nearlyAlways(share((index) => covers(effects[index]?.[1]?.romi.interval, (difference * 400 * 0.5 - 400) / 400)))
  })

  test('where the campaign does nothing, five in a hundred look as if it did', () => {
    const idle = Array.from({ length: campaigns }, () => effectsOf([section(false)], settings))
    for (const measure of [0, 1]) {
      const share = idle.filter((one) => (one[measure]?.comparison.p ?? 1) < 0.05).length / campaigns
      expect(share).toBeGreaterThan(0.03)
      expect(share).toBeLessThan(0.07)
    }
  })
})

test('mean and variance are exact however large the values', () => {
  const values = [1e8 + 0.0001, 1e8 + 0.0002, 1e8 + 0.0003].map((value) => BigInt(Math.round(value * 1e4)))
  const sum = values.reduce((all, value) => all + value, 0n)
  const squares = values.reduce((all, value) => all + value * value, 0n)
  const { mean, variance } = momentsOf(3, sum, squares)
  expect(mean).toBeCloseTo(1e8 + 0.0002, 6)
  expect(variance).toBeCloseTo(1e-8, 20)
  expect(momentsOf(0, 0n, 0n)).toEqual({ n: 0, mean: 0, variance: 0 })
  expect(momentsOf(1, 15_000n, 225_000_000n)).toEqual({ n: 1, mean: 1.5, variance: 0 })
})

describe('through the node', () => {
  const customers = (count: number): Sql => sql`
    select 'K' || i as customer_id, case when i % 5 = 0 then 'control' else 'treated' end as campaign_group,
      (i // 400)::integer as wave, hash(i * 31 + 7) / 18446744073709551616.0 as luck
    from range(${count}) t(i)`

  test('the order of rows changes no digit, and a repeated run is kept', async () => {
    const groups = customers(20_000)
    const outcomes = sql`select customer_id, luck < 0.3 as stayed, luck * 1000 / 3 as euros from (${groups})`
    const trial = (order: Sql) => ({
      inputs: { groups: sql`${groups} order by ${order}`, outcomes: sql`${outcomes} order by ${order}` },
      with: { retention: 'stayed', value: 'euros', segments: ['wave'], costPerContact: 2.5 },
    })
    const one = await bench.run('measure/campaign', trial(sql`customer_id`))
    const other = await bench.run('measure/campaign', trial(sql`customer_id desc`))
    expect(one.record.problem).toBeUndefined()
    expect(await one.rows('results')).toEqual(await other.rows('results'))
    expect((await bench.run('measure/campaign', trial(sql`customer_id`))).step.cached).toBe(true)
  })

  test('the groups that select/control-group assigned are measured as they are', async () => {
    const split = await bench.run('select/control-group', {
      inputs: { target: sql`select i as customer_id, i % 3 as area from range(6000) t(i)` },
      with: { campaign: 'autumn', share: 0.25, standing: { share: 0.1, salt: '1' } },
    })
    const assigned = await split.rows('assigned')
    const treated = assigned.filter((row) => row.campaign_group === 'treated').map((row) => Number(row.customer_id))
    const path = `${bench.root}/${split.step.outputs.find(({ name }) => name === 'assigned')?.path}`
    // Everybody who was treated and whose number is even stays, and one in ten of all others.
    const outcomes = sql`
      select customer_id, customer_id % 10 = 1 or (campaign_group = 'treated' and customer_id % 2 = 0) as stayed
      from read_parquet(${path})`
    const run = await bench.run('measure/campaign', {
      inputs: { groups: sql`select * from read_parquet(${path})`, outcomes },
      with: { retention: 'stayed', segments: ['area'] },
    })
    const stays = treated.filter((key) => key % 10 === 1 || key % 2 === 0).length / treated.length
    const control = assigned.filter((row) => row.campaign_group === 'control').map((row) => Number(row.customer_id))
    const others = control.filter((key) => key % 10 === 1).length / control.length
    expect(run.metric('lift').value).toBeCloseTo(stays - others, 12)
    expect([run.metric('treated').value, run.metric('control').value]).toEqual([treated.length, control.length])
    expect(run.metric('romi').value).toBeNull()
  })
})
