import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../../examples/sahkoyhtio/generator/files.ts'
import {
  type Market,
  openMarket,
  type Potential,
  simulateMarket,
} from '../../../examples/sahkoyhtio/generator/market.ts'
import { CONTACT_EFFECT } from '../../../examples/sahkoyhtio/generator/settings.ts'
import { compareProportions } from '../../../nodes/lib/comparison.ts'
import { random } from '../../../nodes/lib/random.ts'
import { present, readUtf8 } from './reading.ts'

const OPTIONS = { seed: 11, customers: 2000 }
const market: Market = openMarket(OPTIONS)
const ids = market.potentials.map((potential) => present(potential.ids[0]))
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const odds = (p: number) => p / (1 - p)

describe('potential outcomes', () => {
  test('contact keeps the persuadable by the odds ratio and changes nobody else', () => {
    const persuadable = market.potentials.filter((p) => p.persuadable)
    expect(persuadable.length).toBeGreaterThan(50)
    const ratio = (p: Potential) => odds(p.contacted) / odds(p.uncontacted)
    expect(persuadable.filter((p) => Math.abs(ratio(p) - CONTACT_EFFECT.oddsRatio) > 1e-9)).toEqual([])
    const others = market.potentials.filter((p) => !p.persuadable)
    expect(others.filter((p) => p.contacted !== p.uncontacted)).toEqual([])
    expect(market.potentials.filter(({ uncontacted: p }) => !(p >= 0 && p < 1))).toEqual([])
  })

  test('6 to 10 % leave within 90 days when nobody is contacted', () => {
    const rate = mean(market.potentials.map((p) => p.uncontacted))
    expect(rate).toBeGreaterThan(0.06)
    expect(rate).toBeLessThan(0.1)
  })

  test('are what many falls of the dice come to', () => {
    const draws = 200
    const total = { alone: 0, contacted: 0, loss: 0 }
    for (let draw = 0; draw < draws; draw++) {
      const [alone, contacted] = [market.outcomes([], draw), market.outcomes(ids, draw)]
      total.alone += mean(alone.map((row) => row.retained))
      total.contacted += mean(contacted.map((row) => row.retained))
      total.loss += mean(contacted.map((row, i) => row.value_eur - present(alone[i]).value_eur))
    }
    const all = market.potentials.flatMap((p) => p.ids)
    const expected = (of: (p: Potential) => number) =>
      mean(market.potentials.flatMap((p) => p.ids.map(() => 1 - of(p))))
    // The standard error of the mean retention over 200 draws of some 1,300 customers is 0.0005.
    expect(Math.abs(total.alone / draws - expected((p) => p.uncontacted))).toBeLessThan(0.002)
    expect(Math.abs(total.contacted / draws - expected((p) => p.contacted))).toBeLessThan(0.002)
    // Ids of one person count twice in the rows, hence the effect over all ids.
    const effect = mean(all.map((id) => market.trueEffect([id])))
    expect(Math.abs((total.contacted - total.alone) / draws - effect)).toBeLessThan(0.002)
    const value = mean(all.map((id) => market.trueValueEffect([id])))
    expect(value).toBeGreaterThan(0)
    expect(Math.abs(total.loss / draws - value)).toBeLessThan(0.1 * value)
  })

  test('the hidden probability ranks who leaves: no model can be much better than this', () => {
    const rows = new Map(market.outcomes([], 1).map((row) => [row.customer_id, row.retained === 0]))
    const [leavers, stayers] = [true, false].map((left) =>
      market.potentials.filter((p) => rows.get(present(p.ids[0])) === left).map((p) => p.uncontacted),
    )
    const wins = present(leavers).flatMap((a) => present(stayers).map((b) => (a > b ? 1 : a === b ? 0.5 : 0) as number))
    expect(mean(wins)).toBeGreaterThan(0.78)
    expect(mean(wins)).toBeLessThan(0.92)
  })
})

describe('a campaign', () => {
  test('changes nothing for who was not contacted and loses nobody who would have stayed', () => {
    const contacted = new Set(ids.filter((_, index) => index % 3 === 0))
    const reached = new Set(
      market.potentials.filter((p) => p.ids.some((id) => contacted.has(id))).flatMap((p) => p.ids),
    )
    const [before, after] = [market.outcomes([]), market.outcomes(contacted)]
    expect(after.length).toBe(before.length)
    const changed = after.filter((row, index) => JSON.stringify(row) !== JSON.stringify(before[index]))
    expect(changed.filter((row) => !reached.has(row.customer_id))).toEqual([])
    expect(after.map((row) => row.customer_id)).toEqual(before.map((row) => row.customer_id))
    const gains = after.map((row, index) => row.retained - present(before[index]).retained)
    expect(Math.min(...gains)).toBe(0)
    expect(Math.max(...gains)).toBe(1)
    const leavers = after.filter((row) => row.retained === 0)
    expect(leavers.filter((row) => row.left_on < '2026-10-01' || row.left_on >= '2026-12-30')).toEqual([])
    expect(after.filter((row) => row.retained === 1 && row.left_on !== '')).toEqual([])
  })

  test('gives both ids of one person the same fate, whichever was contacted', () => {
    const twice = present(
      market.potentials.find((p) => p.ids.length === 2 && p.persuadable) ??
        market.potentials.find((p) => p.ids.length === 2),
    )
    const [first, second] = twice.ids.map((id) =>
      market.outcomes([id]).filter((row) => twice.ids.includes(row.customer_id)),
    )
    expect(first).toEqual(second)
    expect(present(first).length).toBe(2)
  })

  test('refuses ids that are not in the register, and effects of nobody', () => {
    expect(() => market.outcomes(['S999999'])).toThrow('"S999999" is in no register of seed 11')
    expect(() => market.trueEffect(['S999999'])).toThrow('S999999 is not a customer on 2026-10-01.')
    expect(() => market.trueEffect([])).toThrow('at least one customer')
  })

  // The truth is known, so this is the proof of the measurement: markets of several seeds, each with many
  // falls of the dice and of the groups, measured by the interval that measure/campaign shows.
  test('the 95 % interval around the measured lift covers the truth about 95 % of the time', () => {
    let covered = 0
    let measured = 0
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = openMarket({ seed, customers: 1500 })
      const target = [...world.potentials].sort((a, b) => b.uncontacted - a.uncontacted).slice(0, 400)
      const ids = target.map((potential) => present(potential.ids[0]))
      const truth = world.trueEffect(ids)
      for (let draw = 0; draw < 160; draw++) {
        const order = random(1000 * seed + draw)
          .stream('split')
          .shuffle(Int32Array.from(ids.keys()))
        const group = (from: number, to: number) => Array.from(order.subarray(from, to), (i) => present(ids[i]))
        const [treated, control] = [group(0, 280), group(280, 400)]
        const retained = new Map(
          world.outcomes(treated, 1000 * seed + draw).map((row) => [row.customer_id, row.retained]),
        )
        const count = (members: string[]) => ({
          n: members.length,
          cases: members.reduce((sum, id) => sum + present(retained.get(id)), 0),
        })
        const [low, high] = present(compareProportions(count(treated), count(control)).interval)
        if (low <= truth && truth <= high) covered++
        measured++
      }
    }
    // 800 campaigns: a true coverage of 95 % lies within these bounds but for one time in ten thousand.
    expect(covered / measured).toBeGreaterThan(0.92)
    expect(covered / measured).toBeLessThan(0.98)
  })
})

describe('market.ts', () => {
  const data = mkdtempSync(join(tmpdir(), 'sahkoyhtio-market-'))
  const script = join(import.meta.dirname, '../../../examples/sahkoyhtio/market.ts')
  const history = join(data, "it's history.parquet")
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [script, '--data', data, ...args], { encoding: 'utf8', stdio: 'pipe' })

  beforeAll(async () => {
    generate({ out: data, ...OPTIONS })
    const instance = await DuckDBInstance.create()
    const connection = await instance.connect()
    const rows = ids.slice(0, 300).map((id, index) => `('${id}', '${index % 5 === 0 ? 'control' : 'treated'}')`)
    await connection.run(
      `copy (select * from (values ${rows.join(',')}) t(customer_id, "the group")) to '${history.replaceAll("'", "''")}'`,
    )
    connection.closeSync()
    instance.closeSync()
  })
  afterAll(() => rmSync(data, { recursive: true, force: true }))

  test('writes what simulateMarket gives for the treated of the contact history', () => {
    run('--contacted', history, '--only', 'the group=treated')
    const contacted = ids.slice(0, 300).filter((_, index) => index % 5 !== 0)
    const expected = simulateMarket({ ...OPTIONS, contacted })
    expect(expected).not.toEqual(simulateMarket({ ...OPTIONS, contacted: [] }))
    expect(readUtf8(data, 'outcomes.csv')).toEqual(
      expected.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]))),
    )
  })

  test.each([
    [[], 2, '--contacted is missing'],
    [['--contacted', history, '--only', 'group'], 2, '--only must be COLUMN=VALUE'],
    [['--contacted', history, '--only', 'the group=nobody'], 1, 'No customer was contacted'],
    [['--contacted', join(data, 'none-*.parquet')], 1, 'No files found'],
    [['--contacted', history, '--column', 'the group'], 1, 'is in no register'],
    [['--nonsense'], 2, 'Unknown option'],
  ])('fails clearly on %o', (args, status, message) => {
    const before = readFileSync(join(data, 'generated.json'), 'utf8')
    expect(() => run(...args)).toThrow(expect.objectContaining({ status, stderr: expect.stringContaining(message) }))
    expect(readFileSync(join(data, 'generated.json'), 'utf8')).toBe(before)
  })
})
